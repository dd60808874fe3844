//! Where the data is: opened for the server, and for the commands that only look.

use std::sync::Arc;

use vestibule_model::{Catalogue, Clock, SystemClock};
use vestibule_storage::Storage;
use vestibule_storage_postgres::{Postgres, PostgresOptions};
use vestibule_storage_sqlite::{FolderLock, Sqlite, SqliteOptions};

use crate::{
    config::{Config, DatabaseConfig},
    serve::ServeError,
};

/// The data, and the data folder, which is nobody else's as long as this is there.
pub(crate) struct Database {
    pub(crate) storage: Arc<dyn Storage>,
    /// The time that all servers on this database agree in.
    pub(crate) clock: Arc<dyn Clock>,
    /// With SQLite, the storage has it.
    _folder: Option<FolderLock>,
}

impl Database {
    /// Opens the data, makes what is missing, and brings it to the version of this build.
    ///
    /// # Errors
    /// Says what is in the way, and what to do about it.
    pub(crate) async fn open(config: &Config) -> Result<Self, ServeError> {
        let here: Arc<dyn Clock> = Arc::new(SystemClock::start());
        match &config.database {
            DatabaseConfig::Sqlite => Ok(Self {
                storage: Arc::new(Sqlite::open(SqliteOptions::in_folder(&config.data))?),
                clock: here,
                _folder: None,
            }),
            DatabaseConfig::Postgres(options) => {
                // The files in there are those of one server.
                let folder = FolderLock::take(&config.data)?;
                Self::of_postgres((**options).clone(), here, Some(folder)).await
            }
        }
    }

    /// Opens the data to look at, beside the servers that work on it; `None` if there is none yet.
    ///
    /// # Errors
    /// As [`Database::open`], and when a start would bring the data to another version first.
    pub(crate) async fn beside(config: &Config) -> Result<Option<Self>, ServeError> {
        let here: Arc<dyn Clock> = Arc::new(SystemClock::start());
        match &config.database {
            DatabaseConfig::Sqlite => {
                let opened = Sqlite::open_beside(&SqliteOptions::in_folder(&config.data))?;
                Ok(opened.map(|storage| Self {
                    storage: Arc::new(storage),
                    clock: here,
                    _folder: None,
                }))
            }
            DatabaseConfig::Postgres(options) => {
                if Postgres::look(options).await?.is_none() {
                    return Ok(None);
                }
                let options = PostgresOptions {
                    connections: 1,
                    ..(**options).clone()
                };
                Self::of_postgres(options, here, None).await.map(Some)
            }
        }
    }

    async fn of_postgres(
        options: PostgresOptions,
        here: Arc<dyn Clock>,
        folder: Option<FolderLock>,
    ) -> Result<Self, ServeError> {
        let opened = Postgres::open(options, Arc::clone(&here)).await?;
        Ok(Self {
            clock: opened.clock(here),
            storage: Arc::new(opened),
            _folder: folder,
        })
    }
}

/// The tables and columns that are there, read without changing anything; `None` if there are none yet.
///
/// # Errors
/// As [`Database::beside`].
pub(crate) async fn look(config: &Config) -> Result<Option<Catalogue>, ServeError> {
    Ok(match &config.database {
        DatabaseConfig::Sqlite => Sqlite::look(&SqliteOptions::in_folder(&config.data))?,
        DatabaseConfig::Postgres(options) => Postgres::look(options).await?,
    })
}

/// Where the data is, in words: "./vestibule-data", or "shop on db.example.com".
pub(crate) fn place(config: &Config) -> String {
    match &config.database {
        DatabaseConfig::Sqlite => config.data.display().to_string(),
        DatabaseConfig::Postgres(options) => options
            .place()
            // Whoever opens it says what is wrong with it.
            .unwrap_or_else(|_| "PostgreSQL".to_owned()),
    }
}
