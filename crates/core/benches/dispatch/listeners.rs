//! Who listens to spans and events of the log; what it hears is thrown away.

use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};

/// Who listens while a case is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listening {
    /// Nobody at all, as in a test.
    Nobody,
    /// As a server does that is started without `--log`.
    ToInfo,
    /// Whoever exports or logs a span per handler.
    ToSpans,
}

impl Listening {
    /// Runs the work while it listens.
    pub(crate) fn around<T>(self, work: impl FnOnce() -> T) -> T {
        let level = match self {
            Self::Nobody => {
                // What listened before is still in the memory of the places that it listened to.
                tracing::callsite::rebuild_interest_cache();
                return work();
            }
            Self::ToInfo => Level::INFO,
            Self::ToSpans => Level::DEBUG,
        };
        let listener = Dispatch::new(Listener(level));
        tracing::callsite::rebuild_interest_cache();
        tracing::dispatcher::with_default(&listener, work)
    }
}

struct Listener(Level);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.0
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.0))
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}
