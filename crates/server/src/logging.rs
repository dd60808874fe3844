use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Libraries whose traces hold whole requests, headers and their tokens included.
const NEVER_IN_DETAIL: [&str; 3] = ["axum", "h2", "hyper"];

/// Logs to standard error what passes the filter; in colour when somebody is looking.
///
/// A second call in one process changes nothing.
pub(crate) fn start(filter: EnvFilter) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        // When standard error is gone, complaining about it there would be a panic.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal());
    // Fails only when there is a subscriber already, and then that one is as good.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(shows_no_request))
        .with(lines)
        .try_init();
}

/// Whatever the operator's filter says: a log with tokens in it is nobody's wish.
fn shows_no_request(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || !NEVER_IN_DETAIL.contains(&library)
}
