use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::Connection;
use vestibule_model::Catalogue;
use vestibule_sql::{Query, catalogue};
use vestibule_storage::StorageError;

use crate::{readers, render};

/// The catalogue as it was last committed, for everybody who compiles statements.
#[derive(Clone)]
pub(crate) struct SharedCatalogue(Arc<RwLock<Arc<Catalogue>>>);

impl SharedCatalogue {
    pub(crate) fn new(catalogue: Catalogue) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(catalogue))))
    }

    /// The catalogue of this moment; whoever compiles a statement uses one for all of it.
    pub(crate) fn current(&self) -> Arc<Catalogue> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, catalogue: Arc<Catalogue>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
    }
}

/// Reads the catalogue, all of it from one state of the database.
pub(crate) fn load(connection: &Connection) -> Result<Catalogue, StorageError> {
    // The writer asks for the catalogue in the middle of its own transaction.
    let _snapshot = connection
        .is_autocommit()
        .then(|| connection.unchecked_transaction())
        .transpose()
        .map_err(StorageError::unavailable)?;
    let tables = all(connection, &catalogue::tables_and_columns())?;
    let relations = all(connection, &catalogue::relations())?;
    Ok(catalogue::assemble(tables, relations))
}

fn all<T>(connection: &Connection, query: &Query<T>) -> Result<Vec<T>, StorageError> {
    readers::all(connection, &render::select(&query.select), &query.decoder)
}
