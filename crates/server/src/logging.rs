use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// Logs to standard error what passes the filter; in colour when somebody is looking.
///
/// A second call in one process changes nothing.
pub(crate) fn start(filter: EnvFilter) {
    // Fails only when there is a subscriber already, and then that one is as good.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // When standard error is gone, complaining about it there would be a panic.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .try_init();
}
