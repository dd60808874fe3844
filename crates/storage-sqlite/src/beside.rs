//! Reading a database beside whoever has its folder.

use std::{path::Path, time::SystemTime};

use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, SqliteOptions};

const READ_ONLY: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Reads the database, and changes nothing in its folder. It may be read a second time.
///
/// # Errors
/// [`OpenError::Database`] if it cannot be opened, and what the reading comes to.
pub(crate) fn read<T>(
    options: &SqliteOptions,
    mut read: impl FnMut(&Connection) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let file = options.database_file();
    let unreadable = |source: rusqlite::Error| OpenError::Database {
        file: file.clone(),
        source: source.into(),
    };
    // A reader makes the files of the log where there are none, and cannot remove them afterwards. So a
    // database at rest is read without; if somebody came meanwhile, it is read again.
    if let (Some(at_rest), Some(uri)) = (at_rest(&file), immutable(&file)) {
        let flags = READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let opened = Connection::open_with_flags(uri, flags).map_err(unreadable);
        let done = opened.and_then(|connection| read(&connection));
        if self::at_rest(&file) == Some(at_rest) {
            return done;
        }
    }
    let connection = Connection::open_with_flags(&file, READ_ONLY).map_err(unreadable)?;
    connection
        .busy_timeout(options.lock_timeout)
        .map_err(unreadable)?;
    read(&connection)
}

/// How the file looks if nobody has it open; whoever has it open keeps a log of changes beside it.
fn at_rest(file: &Path) -> Option<(u64, SystemTime)> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).exists() {
        return None;
    }
    let seen = file.metadata().ok()?;
    Some((seen.len(), seen.modified().ok()?))
}

/// The name of a file that nobody changes, for SQLite.
fn immutable(file: &Path) -> Option<String> {
    let path = file.to_str()?;
    let path = path.replace('%', "%25").replace('?', "%3f");
    Some(format!("file:{}?immutable=1", path.replace('#', "%23")))
}
