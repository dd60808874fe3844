use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Something else that wants to know what happens.
pub(crate) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Libraries whose traces hold whole requests, headers and their tokens included.
const NEVER_IN_DETAIL: [&str; 3] = ["axum", "h2", "hyper"];

/// Logs to standard error what passes the filter; in colour when somebody is looking. The other layer
/// has a filter of its own.
///
/// A second call in one process changes nothing.
pub(crate) fn start(filter: EnvFilter, other: Option<BoxedLayer>) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        // When standard error is gone, complaining about it there would be a panic.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .with_filter(filter)
        .with_filter(filter_fn(shows_no_request));
    // Fails only when there is a subscriber already, and then that one is as good.
    let _ = tracing_subscriber::registry()
        .with(other)
        .with(lines)
        .try_init();
}

/// Whatever the operator's filter says: a log with tokens in it is nobody's wish.
fn shows_no_request(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || !NEVER_IN_DETAIL.contains(&library)
}
