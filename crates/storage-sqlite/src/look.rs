use std::sync::Arc;

use rusqlite::Connection;
use vestibule_model::Catalogue;
use vestibule_sql::{Dialect, SqlCatalogue};

use crate::{
    OpenError, Sqlite, SqliteOptions, beside,
    catalogue::{self, SharedCatalogue},
    connection,
    folder::FolderLock,
    migrations,
    readers::Readers,
    writer::Writer,
};

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
        beside::read(options, |connection| {
            if !migrations::is_current(connection, options)? {
                return Ok(None);
            }
            let loaded = catalogue::load(connection);
            let loaded = loaded.map(|loaded| Some(Catalogue::clone(loaded.catalogue())));
            loaded.map_err(|error| OpenError::Database {
                file: file.clone(),
                source: error.into(),
            })
        })
    }

    /// The database in the data folder for reading only, beside a server that runs there or without
    /// one; `None` if there is no database yet. Every change fails.
    ///
    /// # Errors
    /// As [`Sqlite::look`].
    pub fn open_beside(options: &SqliteOptions) -> Result<Option<Self>, OpenError> {
        let Some(catalogue) = Self::look(options)? else {
            return Ok(None);
        };
        let folder = Arc::new(FolderLock::none());
        let catalogue = SharedCatalogue::new(SqlCatalogue::new(catalogue, Dialect::Sqlite));
        let readers = Readers::start(options, &folder)?;
        let connection =
            connection::for_reading(options, &folder).map_err(|source| OpenError::Database {
                file: options.database_file(),
                source: source.into(),
            })?;
        let writer = Writer::start(connection, catalogue.clone(), options)?;
        Ok(Some(Self {
            catalogue,
            readers,
            writer,
        }))
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
        let loaded = catalogue::load(&connection).map_err(|error| unopened(error.into()))?;
        Ok(Catalogue::clone(loaded.catalogue()))
    }
}
