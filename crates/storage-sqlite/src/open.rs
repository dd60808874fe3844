use std::sync::Arc;

use crate::{
    OpenError, Sqlite, SqliteOptions,
    catalogue::{self, SharedCatalogue},
    connection,
    folder::FolderLock,
    migrations,
    readers::Readers,
    writer::Writer,
};

impl Sqlite {
    /// Opens the database in the data folder, makes it if it is not there, and brings it to the
    /// version of this build.
    ///
    /// It takes some milliseconds of disk access: call it at the start, before there is anybody
    /// to wait for it. One `Sqlite` at a time has a data folder, in this process or any other.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do. A database that a newer build has worked with is
    /// refused and left as it is.
    pub fn open(options: SqliteOptions) -> Result<Self, OpenError> {
        let unopened = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Database {
            file: options.database_file(),
            source,
        };
        let folder = Arc::new(FolderLock::take(&options.folder)?);
        let mut connection =
            connection::for_writing(&options, &folder).map_err(|error| unopened(error.into()))?;
        migrations::run(&mut connection, &options)?;
        let catalogue = catalogue::load(&connection).map_err(|error| unopened(error.into()))?;
        let catalogue = SharedCatalogue::new(catalogue);
        let readers = Readers::start(&options, &folder)?;
        let writer = Writer::start(connection, catalogue.clone(), &options)?;
        Ok(Self {
            catalogue,
            readers,
            writer,
        })
    }
}
