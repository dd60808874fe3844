use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    thread,
};

/// Sends panics to the log, one line each.
///
/// A handler's panic is caught and ends its own call only. The default hook would print it in
/// several lines, between those of the log, and without the time.
pub(crate) fn log_them() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let place = place.as_deref().unwrap_or("an unknown place");
        let thread = thread::current();
        let thread = thread.name().unwrap_or("unnamed");
        tracing::error!(thread, "panicked at {place}: {}", message(panic));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            tracing::error!("the backtrace that RUST_BACKTRACE asks for:\n{backtrace}");
        }
    }));
}

/// What the panic said, in one line.
fn message(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str();
    let message = message.unwrap_or("a panic without a text");
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_one_line_of_the_log_with_its_place_and_thread() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        let before = panic::take_hook();
        log_them();
        thread::Builder::new()
            .name("a-worker".to_owned())
            .spawn(|| {
                tracing::subscriber::with_default(subscriber, || panic!("two\n  lines"));
            })
            .unwrap()
            .join()
            .unwrap_err();
        panic::set_hook(before);
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let line = log.lines().next().unwrap();
        assert!(line.contains("src/panics.rs:"), "{line}");
        assert!(line.contains(": two lines"), "{line}");
        assert!(line.contains(r#"thread="a-worker""#), "{line}");
    }
}
