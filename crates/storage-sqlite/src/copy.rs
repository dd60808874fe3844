use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use crate::{OpenError, Sqlite, SqliteOptions, beside, connection, folder};

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
        let file = from.database_file();
        if !file.exists() {
            return Ok(false);
        }
        folder::make(&to.folder).map_err(|source| OpenError::Folder {
            folder: to.folder.clone(),
            source,
        })?;
        connection::keep_to_the_owner(to);
        let failed = |error: rusqlite::Error| OpenError::Database {
            file: file.clone(),
            source: format!("copying it failed: {error}").into(),
        };
        let mut copy = Connection::open(to.database_file()).map_err(failed)?;
        let copied = beside::read(from, |source| all_pages(source, &mut copy).map_err(failed))?;
        match copied {
            StepResult::Done => Ok(true),
            _ => Err(OpenError::Database {
                file,
                source: "somebody holds its lock for too long".into(),
            }),
        }
    }
}

/// In one step: in smaller ones it would begin anew whenever somebody writes.
fn all_pages(source: &Connection, copy: &mut Connection) -> rusqlite::Result<StepResult> {
    Backup::new(source, copy)?.step(-1)
}
