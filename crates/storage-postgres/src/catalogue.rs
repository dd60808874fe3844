use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{Mutex, MutexGuard};
use vestibule_sql::{Dialect, Query, SqlCatalogue, catalogue};
use vestibule_storage::StorageError;

use crate::{
    error,
    pool::{Connection, Pool},
    prepare::prepare,
    render,
    row::PostgresRow,
};

/// The catalogue as this server knows it, for everybody who compiles statements.
#[derive(Clone)]
pub(crate) struct SharedCatalogue {
    current: Arc<RwLock<Arc<SqlCatalogue>>>,
    /// Held by whoever reads it to replace it, and by whoever commits another one: what was read before
    /// a commit does not replace what came of it.
    replacing: Arc<Mutex<()>>,
    /// Held by whoever changes the schema. On the lock that all servers share one of each waits, with one
    /// connection.
    changing: Arc<Mutex<()>>,
}

impl SharedCatalogue {
    pub(crate) fn new(catalogue: SqlCatalogue) -> Self {
        Self {
            current: Arc::new(RwLock::new(Arc::new(catalogue))),
            replacing: Arc::default(),
            changing: Arc::default(),
        }
    }

    /// The catalogue of this moment; whoever compiles a statement uses one for all of it.
    pub(crate) fn current(&self) -> Arc<SqlCatalogue> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nobody else on this server changes the schema, and keeps others waiting.
    pub(crate) async fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// Waits until nobody else replaces the catalogue, and keeps others waiting.
    pub(crate) async fn replacing(&self) -> Replacing<'_> {
        Replacing {
            catalogue: self,
            _alone: self.replacing.lock().await,
        }
    }

    /// Reads it again; whether it is another one than `known`.
    pub(crate) async fn reload(
        &self,
        pool: &Pool,
        known: &SqlCatalogue,
    ) -> Result<bool, StorageError> {
        let replacing = self.replacing().await;
        let loaded = pool.catalogue().await?;
        let is_another = loaded != *known;
        replacing.with(loaded);
        Ok(is_another)
    }
}

/// The right to replace the catalogue.
pub(crate) struct Replacing<'c> {
    catalogue: &'c SharedCatalogue,
    _alone: MutexGuard<'c, ()>,
}

impl Replacing<'_> {
    pub(crate) fn with(self, catalogue: SqlCatalogue) {
        let current = self.catalogue.current.write();
        let mut current = current.unwrap_or_else(PoisonError::into_inner);
        if **current != catalogue {
            *current = Arc::new(catalogue);
        }
    }
}

impl Pool {
    /// Reads the catalogue, all of it from one state of the database.
    pub(crate) async fn catalogue(&self) -> Result<SqlCatalogue, StorageError> {
        let connection = self.connection().await?;
        let snapshot = async {
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            connection
                .batch_execute(begin)
                .await
                .map_err(error::of_read)?;
            let loaded = load(&connection).await?;
            connection
                .batch_execute("COMMIT")
                .await
                .map_err(error::of_read)?;
            Ok(loaded)
        };
        let loaded = self.within(snapshot).await;
        if loaded.is_ok() {
            connection.give_back();
        }
        loaded
    }
}

/// Reads the catalogue within a transaction.
pub(crate) async fn load(connection: &Connection) -> Result<SqlCatalogue, StorageError> {
    let tables = all(connection, catalogue::tables_and_columns()).await?;
    let relations = all(connection, catalogue::relations()).await?;
    let catalogue = catalogue::assemble(tables, relations);
    Ok(SqlCatalogue::new(catalogue, Dialect::Postgres))
}

async fn all<T>(connection: &Connection, query: Query<T>) -> Result<Vec<T>, StorageError> {
    let rendered = render::statement(query.statement);
    let decoder = query.decoder;
    let statement = prepare(connection, &rendered.sql)
        .await
        .map_err(error::of_read)?;
    let parameters = rendered.parameters.iter().map(|parameter| parameter as _);
    let parameters: Vec<_> = parameters.collect();
    let rows = connection.query(&statement, &parameters).await;
    let rows = rows.map_err(error::of_read)?;
    rows.iter()
        .map(|row| decoder(&PostgresRow::new(row)))
        .collect()
}
