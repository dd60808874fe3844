use rusqlite::{Connection, OpenFlags};
use vestibule_model::Catalogue;

use crate::{OpenError, Sqlite, SqliteOptions, catalogue, migrations};

impl Sqlite {
    /// The tables and columns of the database in the data folder, read without changing anything,
    /// beside a server that runs there or without one; `None` if there is no database yet.
    ///
    /// # Errors
    /// See [`OpenError`]. A database of an older version is [`OpenError::Outdated`]: only
    /// [`Sqlite::open`] changes its version.
    pub fn look(options: &SqliteOptions) -> Result<Option<Catalogue>, OpenError> {
        let file = options.database_file();
        if !file.exists() {
            return Ok(None);
        }
        let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Database {
            file: file.clone(),
            source,
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&file, flags).map_err(|error| unreadable(error.into()))?;
        connection
            .busy_timeout(options.lock_timeout)
            .map_err(|error| unreadable(error.into()))?;
        if !migrations::is_current(&connection, options)? {
            return Ok(None);
        }
        catalogue::load(&connection)
            .map(Some)
            .map_err(|error| unreadable(error.into()))
    }

    /// The tables and columns that a new database has.
    ///
    /// # Errors
    /// Fails when there is not even memory for one.
    pub fn fresh_catalogue() -> Result<Catalogue, OpenError> {
        let unopened = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Database {
            file: ":memory:".into(),
            source,
        };
        let mut connection =
            Connection::open_in_memory().map_err(|error| unopened(error.into()))?;
        migrations::run(&mut connection, &SqliteOptions::in_folder(""))?;
        catalogue::load(&connection).map_err(|error| unopened(error.into()))
    }
}
