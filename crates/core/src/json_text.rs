use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::Serialize;
use serde_json::{
    Value as Json,
    value::{RawValue, to_raw_value},
};

/// JSON that is written down already: what observers of all events learn of an event and its output.
///
/// It shows as its text. Whoever wants to look inside has it read:
///
/// ```
/// use vestibule::prelude::*;
///
/// #[observe(collect = false)]
/// async fn watch_prices(seen: &SeenAny, _: &Witness) -> Result<()> {
///     if seen.event == "bulkUpdate" {
///         println!("{}: {}", seen.input.to_json()["table"], seen.output);
///     }
///     Ok(())
/// }
/// ```
///
/// The trap: [`to_json`](JsonText::to_json) reads the whole text each time. Look at `seen.event` first.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// Writes something down. Types of handlers may fail or panic when they are written: then it says
    /// so, and the call goes on.
    pub fn of(value: impl Serialize) -> Self {
        let written = catch_unwind(AssertUnwindSafe(|| to_raw_value(&value)));
        let reason = match written {
            Ok(Ok(text)) => return Self(text),
            Ok(Err(error)) => format!("(it cannot be written as JSON: {error})"),
            Err(_) => "(it cannot be written as JSON: it panicked)".to_owned(),
        };
        Self(to_raw_value(&reason).expect("the reason: a text is JSON"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// What the text says.
    pub fn to_json(&self) -> Json {
        self.as_str()
            .parse()
            .expect("the reason: it was written as JSON")
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serializer;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_written_reads_the_same_and_stands_in_other_json_as_it_is() {
        let json = json!({ "text": "é \"\n", "list": [1, 0.5, null] });
        let text = JsonText::of(&json);
        assert_eq!(json, text.to_json());
        assert_eq!(json.to_string(), text.to_string());
        assert_eq!(json!({ "of": json }), json!({ "of": text }));
        assert_eq!(format!("[{json}]"), serde_json::to_string(&[text]).unwrap());
    }

    struct Broken(fn() -> String);

    impl Serialize for Broken {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom((self.0)()))
        }
    }

    #[test]
    fn what_cannot_be_written_says_so() {
        let fails = JsonText::of(Broken(|| "no".to_owned()));
        assert_eq!(json!("(it cannot be written as JSON: no)"), fails.to_json());
        let panics = JsonText::of(Broken(|| panic!("on purpose")));
        let expected = json!("(it cannot be written as JSON: it panicked)");
        assert_eq!(expected, panics.to_json());
    }
}
