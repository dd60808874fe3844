use std::{io, sync::Arc, thread};

use rusqlite::Connection;
use tokio::sync::watch;

use crate::folder::FolderLock;

/// A thread of ours that owns a connection.
///
/// It keeps the data folder locked for as long as it runs: whoever opens the folder next finds
/// nobody in it.
pub(crate) struct Worker {
    running: watch::Receiver<()>,
}

impl Worker {
    /// Starts a thread that does `work` and then closes the connection.
    pub(crate) fn start(
        name: String,
        lock: &Arc<FolderLock>,
        connection: Connection,
        work: impl FnOnce(&Connection) + Send + 'static,
    ) -> io::Result<Self> {
        let (signal, running) = watch::channel(());
        let lock = Arc::clone(lock);
        thread::Builder::new().name(name).spawn(move || {
            // In this order, also when `work` panics: locals are dropped from the last to the
            // first, and the signal says that everything else is gone.
            let _signal = signal;
            let _lock = lock;
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
