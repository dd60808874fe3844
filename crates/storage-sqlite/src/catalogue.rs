use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::Connection;
use vestibule_sql::{Dialect, Query, SqlCatalogue, catalogue};
use vestibule_storage::StorageError;

use crate::{readers, render};

/// The catalogue as it was last committed, for everybody who compiles statements.
#[derive(Clone)]
pub(crate) struct SharedCatalogue(Arc<RwLock<Arc<SqlCatalogue>>>);

impl SharedCatalogue {
    pub(crate) fn new(catalogue: SqlCatalogue) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(catalogue))))
    }

    /// The catalogue of this moment; whoever compiles a statement uses one for all of it.
    pub(crate) fn current(&self) -> Arc<SqlCatalogue> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, catalogue: Arc<SqlCatalogue>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
    }
}

/// Reads the catalogue, all of it from one state of the database.
pub(crate) fn load(connection: &Connection) -> Result<SqlCatalogue, StorageError> {
    // The writer asks for the catalogue in the middle of its own transaction.
    let _snapshot = connection
        .is_autocommit()
        .then(|| connection.unchecked_transaction())
        .transpose()
        .map_err(StorageError::unavailable)?;
    let tables = all(connection, catalogue::tables_and_columns())?;
    let relations = all(connection, catalogue::relations())?;
    let catalogue = catalogue::assemble(tables, relations);
    Ok(SqlCatalogue::new(catalogue, Dialect::Sqlite))
}

fn all<T>(connection: &Connection, query: Query<T>) -> Result<Vec<T>, StorageError> {
    readers::all(
        connection,
        &render::statement(query.statement),
        &query.decoder,
    )
}
