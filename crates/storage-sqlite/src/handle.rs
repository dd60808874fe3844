use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, PoisonError},
};

use rusqlite::Connection;

use crate::folder::FolderLock;

/// A connection of ours. It keeps the data folder locked: whoever opens the folder next finds
/// nobody in it.
///
/// The connections to one database are closed one after the other. SQLite 3.51.0 and 3.51.1 can
/// deadlock when two threads close theirs at once: `unixClose` takes the lock of all files and then
/// that of the one file, while the last connection, on its way out, takes them the other way round.
pub(crate) struct Handle {
    connection: Option<Connection>,
    folder: Arc<FolderLock>,
}

impl Handle {
    pub(crate) fn new(connection: Connection, folder: &Arc<FolderLock>) -> Self {
        Self {
            connection: Some(connection),
            folder: Arc::clone(folder),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let closing = &self.folder.closing;
        let _one_at_a_time = closing.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.connection.take());
    }
}

#[expect(clippy::expect_used, reason = "only `drop` takes the connection")]
impl Deref for Handle {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
            .as_ref()
            .expect("a connection until the end")
    }
}

#[expect(clippy::expect_used, reason = "only `drop` takes the connection")]
impl DerefMut for Handle {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("a connection until the end")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn connections_are_closed_one_by_one_for_as_long_as_sqlite_needs_it() {
        assert_eq!(
            3_051_001,
            rusqlite::version_number(),
            "from 3.51.2 on, connections may be closed at once: see `Handle`"
        );
    }
}
