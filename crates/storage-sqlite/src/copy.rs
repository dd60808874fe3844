use std::{path::Path, time::SystemTime};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use crate::{OpenError, Sqlite, SqliteOptions, connection, folder};

const READ_ONLY: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

impl Sqlite {
    /// Copies the database in one data folder into another one, as it is at this moment, beside a
    /// server that runs there or without one; says whether there was one to copy.
    ///
    /// This is SQLite's online backup, in one step: whoever writes meanwhile is not kept waiting, and
    /// the copy has all of each change or nothing of it. It changes nothing in the first folder, and
    /// needs no lock on it; the second one must not be in use. [`Sqlite::open`] brings a copy of an
    /// older version to the version of this build, so one can see what that does.
    ///
    /// It takes as long as reading and writing the whole file does.
    ///
    /// # Errors
    /// [`OpenError::Folder`] if the second folder cannot be made, [`OpenError::Database`] for
    /// everything else: no room on the disk, a lock that somebody holds for longer than the options
    /// say.
    pub fn copy(from: &SqliteOptions, to: &SqliteOptions) -> Result<bool, OpenError> {
        let source = from.database_file();
        if !source.exists() {
            return Ok(false);
        }
        folder::make(&to.folder).map_err(|source| OpenError::Folder {
            folder: to.folder.clone(),
            source,
        })?;
        connection::keep_to_the_owner(to);
        match copy(from, to) {
            Ok(StepResult::Done) => Ok(true),
            Ok(_) => Err(OpenError::Database {
                file: source,
                source: "somebody holds its lock for too long".into(),
            }),
            Err(error) => Err(OpenError::Database {
                file: source,
                source: format!("copying it failed: {error}").into(),
            }),
        }
    }
}

fn copy(from: &SqliteOptions, to: &SqliteOptions) -> rusqlite::Result<StepResult> {
    let file = from.database_file();
    let mut copy = Connection::open(to.database_file())?;
    // A reader makes the files of the log where there are none, and cannot remove them afterwards. So a
    // database at rest is read without; if somebody came meanwhile, it is read again.
    if let (Some(at_rest), Some(uri)) = (at_rest(&file), immutable(&file)) {
        let flags = READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let source = Connection::open_with_flags(uri, flags)?;
        let step = all_pages(&source, &mut copy)?;
        if self::at_rest(&file) == Some(at_rest) {
            return Ok(step);
        }
    }
    let source = Connection::open_with_flags(&file, READ_ONLY)?;
    source.busy_timeout(from.lock_timeout)?;
    all_pages(&source, &mut copy)
}

/// In one step: in smaller ones it would begin anew whenever somebody writes.
fn all_pages(source: &Connection, copy: &mut Connection) -> rusqlite::Result<StepResult> {
    Backup::new(source, copy)?.step(-1)
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
