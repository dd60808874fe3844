//! A call that has ended, as logs and recordings have it.

use std::net::IpAddr;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use vestibule_model::{ErrorCode, ObjectId, Role, Timestamp};

use crate::{json_text::JsonText, observer::SeenAny};

/// What stands in a line; in the order of the names, as in all JSON of the engine.
#[derive(Serialize)]
struct Line<'a> {
    address: Option<IpAddr>,
    at: i64,
    caller: Option<&'a str>,
    duration_ms: f64,
    ending: &'static str,
    error_code: Option<i32>,
    event: &'static str,
    input: Part<'a>,
    output: Part<'a>,
    request_id: Option<&'a str>,
    #[serde(serialize_with = "names")]
    roles: &'a [Role],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Whole(&'a JsonText),
    LeftOut { left_out_bytes: usize },
}

impl SeenAny {
    /// The call as logs and recordings have it, one JSON object a call; `at` is when it ended.
    ///
    /// Whoever only writes it somewhere takes [`to_json_line`](SeenAny::to_json_line), which costs a
    /// fraction.
    pub fn to_json(&self, at: Timestamp) -> Json {
        json!(self.line(at))
    }

    /// The same as a line of text, without the newline at its end.
    ///
    /// ```
    /// use vestibule::prelude::*;
    ///
    /// #[observe(collect = false)]
    /// async fn print(seen: &SeenAny, witness: &Witness) -> Result<()> {
    ///     println!("{}", seen.to_json_line(witness.now()));
    ///     Ok(())
    /// }
    /// ```
    ///
    /// The trap: it is as long as what the caller sent and got, a page of records for example. Where
    /// space is scarce, take [`to_short_json_line`](SeenAny::to_short_json_line).
    pub fn to_json_line(&self, at: Timestamp) -> String {
        text(&self.line(at))
    }

    /// The same with an input or an output of more than `at_most` bytes left out: in its place stands
    /// `{"left_out_bytes": 70000}`. Such an input cannot be replayed.
    ///
    /// ```
    /// use vestibule::prelude::*;
    ///
    /// #[observe(collect = false)]
    /// async fn print(seen: &SeenAny, witness: &Witness) -> Result<()> {
    ///     println!("{}", seen.to_short_json_line(witness.now(), 1024));
    ///     Ok(())
    /// }
    /// ```
    pub fn to_short_json_line(&self, at: Timestamp, at_most: usize) -> String {
        let line = self.to_json_line(at);
        if line.len() <= at_most {
            // Most calls end here: neither part is longer than the line.
            return line;
        }
        let part = |text| match JsonText::as_str(text).len() {
            left_out_bytes if left_out_bytes > at_most => Part::LeftOut { left_out_bytes },
            _ => Part::Whole(text),
        };
        text(&Line {
            input: part(&self.input),
            output: part(&self.output),
            ..self.line(at)
        })
    }

    fn line(&self, at: Timestamp) -> Line<'_> {
        let call = &self.call;
        Line {
            address: call.address,
            at: at.as_millis(),
            caller: call.caller.id().map(ObjectId::as_str),
            duration_ms: self.duration.as_secs_f64() * 1000.0,
            ending: self.ending.as_str(),
            error_code: self.error_code.map(ErrorCode::number),
            event: self.event,
            input: Part::Whole(&self.input),
            output: Part::Whole(&self.output),
            request_id: call.request_id.as_deref(),
            roles: &call.roles,
        }
    }
}

fn text(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("the reason: all its keys are texts")
}

fn names<S: Serializer>(roles: &[Role], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(|role| role.as_str()))
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::{
        call::{Call, Caller},
        observer::Ending,
    };

    const AT: Timestamp = Timestamp::from_millis(1_700_000_000_123);

    /// A call with everything set.
    fn seen() -> SeenAny {
        let id = ObjectId::parse("A1").unwrap();
        let call = Call {
            caller: Caller::User { id, guest: true },
            roles: vec![Role::GuestUser, Role::JsUser],
            address: Some([192, 0, 2, 7].into()),
            request_id: Some("r-1".to_owned()),
            ..Call::of_the_server()
        };
        SeenAny {
            event: "login",
            input: JsonText::of(
                json!({ "login": "ann \"A\"\n", "password": "***", "big": u64::MAX, "half": 0.5 }),
            ),
            output: JsonText::of(json!({ "code": 3003, "message": "wrong" })),
            error_code: Some(ErrorCode::InvalidLoginOrPassword),
            ending: Ending::Performed,
            duration: Duration::from_micros(1500),
            call: Arc::new(call),
        }
    }

    #[test]
    fn a_line_holds_all_that_is_known_of_a_call() {
        let expected = json!({
            "at": 1_700_000_000_123_i64,
            "event": "login",
            "ending": "performed",
            "error_code": 3003,
            "duration_ms": 1.5,
            "caller": "A1",
            "roles": ["GuestUser", "JSUser"],
            "address": "192.0.2.7",
            "request_id": "r-1",
            "input": { "login": "ann \"A\"\n", "password": "***", "big": u64::MAX, "half": 0.5 },
            "output": { "code": 3003, "message": "wrong" },
        });
        assert_eq!(expected, seen().to_json(AT));
        assert_eq!(expected.to_string(), seen().to_json_line(AT));
    }

    #[test]
    fn what_nobody_knows_is_null() {
        let nobody = SeenAny {
            error_code: None,
            call: Arc::new(Call::of_the_server()),
            ..seen()
        };
        let json = nobody.to_json(AT);
        for name in ["address", "caller", "error_code", "request_id"] {
            assert_eq!(Some(&Json::Null), json.get(name), "{name}");
        }
        assert_eq!(json.to_string(), nobody.to_json_line(AT));
    }

    #[test]
    fn a_part_that_is_too_long_is_left_out_and_the_other_one_stays() {
        let book = json!({ "text": "é".repeat(100) });
        let bytes = book.to_string().len();
        let seen = SeenAny {
            input: JsonText::of(&book),
            ..seen()
        };
        assert_eq!(seen.to_json_line(AT), seen.to_short_json_line(AT, bytes));

        let short: Json = seen.to_short_json_line(AT, bytes - 1).parse().unwrap();
        let mut expected = seen.to_json(AT);
        expected["input"] = json!({ "left_out_bytes": bytes });
        assert_eq!(expected, short);
    }
}
