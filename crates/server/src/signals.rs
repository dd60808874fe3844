use std::{fmt, io};

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// The two ways in which somebody asks the server to end.
pub(crate) struct Signals {
    interrupt: Stream,
    terminate: Stream,
}

/// A request to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C in the terminal.
    Interrupt,
    /// What `kill`, systemd and Docker send.
    Terminate,
}

impl Signals {
    /// Catches them from now on; before, they would have killed the process.
    ///
    /// # Errors
    /// Fails when the operating system refuses.
    pub(crate) fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

impl Signal {
    /// The exit code that shells know a process by that this signal has ended.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}
