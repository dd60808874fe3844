use std::{error::Error, fmt};

use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::{RecordFields, VisitOutput},
    fmt::{
        FormatFields,
        format::{DefaultFields, DefaultVisitor, Writer},
    },
};

/// What the fields of a request's span usually take.
const USUAL_LENGTH: usize = 160;

/// Fields of this kind the library leaves out.
const OF_OTHER_LOGS: &str = "log.";

/// Writes fields as the library does, byte for byte, and texts in a fraction of the time.
///
/// A span's fields are written when the span begins, whether a line ever shows them or not: every
/// request pays for that.
pub(crate) struct LogFields;

impl<'w> FormatFields<'w> for LogFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        // Colours are for somebody who looks.
        if writer.has_ansi_escapes() {
            return DefaultFields::new().format_fields(writer, fields);
        }
        let mut written = Written {
            text: String::with_capacity(USUAL_LENGTH),
            is_first: true,
            result: Ok(()),
        };
        fields.record(&mut written);
        written.result?;
        writer.write_str(&written.text)
    }
}

/// Fields, as far as they are written.
struct Written {
    text: String,
    /// Whether nothing has been written, not even an empty message.
    is_first: bool,
    result: fmt::Result,
}

impl Written {
    /// Leaves a field to the library.
    fn by_default(&mut self, field: &Field, write: impl FnOnce(&mut DefaultVisitor<'_>)) {
        let mut visitor = DefaultVisitor::new(Writer::new(&mut self.text), self.is_first);
        write(&mut visitor);
        self.result = self.result.and(visitor.finish());
        self.is_first &= field.name().starts_with(OF_OTHER_LOGS);
    }
}

impl Visit for Written {
    fn record_str(&mut self, field: &Field, value: &str) {
        let name = field.name();
        if has_a_meaning(name) || !is_plain(value) {
            return self.by_default(field, |visitor| visitor.record_str(field, value));
        }
        if !self.is_first {
            self.text.push(' ');
        }
        self.is_first = false;
        for part in [name, "=\"", value, "\""] {
            self.text.push_str(part);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.by_default(field, |visitor| visitor.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.by_default(field, |visitor| visitor.record_debug(field, value));
    }
}

/// Whether the library does more with fields of this name than to write them.
fn has_a_meaning(name: &str) -> bool {
    name == "message" || name.starts_with(OF_OTHER_LOGS) || name.starts_with("r#")
}

/// Whether a text stands between quotes as it is.
fn is_plain(value: &str) -> bool {
    let plain = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    value.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::{Layer, Registry, fmt, layer::SubscriberExt};

    use super::*;

    /// Lines of a log.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What the library writes of these events, and what is written here.
    fn both(ansi: bool, log: impl Fn()) -> (String, String) {
        let (theirs, ours) = (Lines::default(), Lines::default());
        let (to_theirs, to_ours) = (theirs.clone(), ours.clone());
        let lines = fmt::layer().without_time().with_ansi(ansi);
        let lines = lines.with_writer(move || to_theirs.clone()).boxed();
        let fields = fmt::layer().without_time().with_ansi(ansi);
        let fields = fields
            .fmt_fields(LogFields)
            .with_writer(move || to_ours.clone());
        let subscriber = Registry::default().with(lines).with(fields);
        tracing::subscriber::with_default(subscriber, log);
        (theirs.text(), ours.text())
    }

    #[derive(Debug)]
    struct Outer(io::Error);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("\u{1b}[31mouter")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    fn fields_of_all_sorts() {
        let texts = [
            "",
            " ",
            "plain",
            "it's",
            "say \"no\"",
            "C:\\",
            "a\nb",
            "\u{1b}[31mred",
            "ä",
            "\u{7f}",
            "\u{85}",
            "~",
        ];
        for text in texts {
            let error = Outer(io::Error::other(text));
            let error: &(dyn Error + 'static) = &error;
            let span = tracing::error_span!(
                "request",
                request.id = text,
                http.method = "GET",
                number = 7,
                is = true,
                shown = %text,
                later = tracing::field::Empty,
                also_later = tracing::field::Empty,
            );
            let _entered = span.enter();
            span.record("later", text);
            span.record("also_later", 1.5);
            tracing::error!(error, text, r#type = text, "a message {text}");
            tracing::info!(log.line = 3, text);
            tracing::info!(message = text, debugged = ?text);
            tracing::info_span!("nothing in it").in_scope(|| tracing::warn!(text));
        }
    }

    #[test]
    fn fields_look_as_the_library_writes_them() {
        let (theirs, ours) = both(false, fields_of_all_sorts);
        assert!(theirs.contains(r#"request{request.id="plain" http.method="GET" number=7"#));
        assert_eq!(theirs, ours);
    }

    #[test]
    fn so_they_do_in_colour() {
        let (theirs, ours) = both(true, fields_of_all_sorts);
        assert!(theirs.contains("\u{1b}["));
        assert_eq!(theirs, ours);
    }
}
