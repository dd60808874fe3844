use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::Connection;
use vestibule_model::Catalogue;
use vestibule_sql::catalogue;
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

    pub(crate) fn replace(&self, catalogue: Catalogue) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }
}

/// Reads the catalogue.
pub(crate) fn load(connection: &Connection) -> Result<Catalogue, StorageError> {
    let query = catalogue::tables_and_columns();
    let rows = readers::all(connection, &render::select(&query.select), &query.decoder)?;
    Ok(catalogue::assemble(rows))
}
