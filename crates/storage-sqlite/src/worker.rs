use std::{io, thread};

use rusqlite::Connection;
use tokio::sync::watch;

use crate::handle::Handle;

/// A thread of ours that owns a connection.
pub(crate) struct Worker {
    running: watch::Receiver<()>,
}

impl Worker {
    /// Starts a thread that does `work` and then closes the connection.
    pub(crate) fn start(
        name: String,
        connection: Handle,
        work: impl FnOnce(&Connection) + Send + 'static,
    ) -> io::Result<Self> {
        let (signal, running) = watch::channel(());
        thread::Builder::new().name(name).spawn(move || {
            // In this order, also when `work` panics: locals are dropped from the last to the
            // first, and the signal says that the connection is closed.
            let _signal = signal;
            let connection = connection;
            work(&connection);
        })?;
        Ok(Self { running })
    }

    /// Waits until the thread has ended.
    pub(crate) async fn ended(&self) {
        // Nothing is ever sent; the only news is that the sender is gone.
        let _ = self.running.clone().changed().await;
    }
}
