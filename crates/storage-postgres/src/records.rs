use std::sync::Arc;

use async_trait::async_trait;
use vestibule_model::{ObjectId, Record, Row};
use vestibule_sql::{
    Query, SqlCatalogue, finding,
    reads::{self, Reads},
};
use vestibule_storage::{CountQuery, FindQuery, Records, RelatedQuery, StorageError};

use crate::{Postgres, error::NoAnswer};

/// How often a read is tried whose table is changed under it.
const TRIES: u32 = 3;

#[async_trait]
impl Records for Postgres {
    async fn find(&self, query: &FindQuery) -> Result<Vec<Row>, StorageError> {
        reads::find(self, query).await
    }

    async fn count(&self, query: &CountQuery) -> Result<u64, StorageError> {
        let count = self.read(|catalogue| finding::count(catalogue, query));
        let count = count.await?.pop();
        count.ok_or_else(|| StorageError::unavailable(NoAnswer))
    }

    async fn related(
        &self,
        query: &RelatedQuery,
    ) -> Result<Vec<(ObjectId, Vec<Record>)>, StorageError> {
        reads::related(self, query).await
    }
}

impl Reads for Postgres {
    fn sql_catalogue(&self) -> Arc<SqlCatalogue> {
        self.catalogue.current()
    }

    async fn all<T: Send + 'static>(&self, query: Query<T>) -> Result<Vec<T>, StorageError> {
        self.pool.all(query).await
    }

    // What the catalogue does not know somebody else may just have made.
    async fn read<T: Send + 'static>(
        &self,
        compile: impl Fn(&SqlCatalogue) -> Result<Query<T>, StorageError> + Send + Sync,
    ) -> Result<Vec<T>, StorageError> {
        let mut tries = 1;
        loop {
            let catalogue = self.catalogue.current();
            let result = match compile(&catalogue) {
                Ok(query) => self.pool.all(query).await,
                Err(error) => Err(error),
            };
            let is_of_the_past = matches!(
                result,
                Err(StorageError::SchemaChanged
                    | StorageError::UnknownTable { .. }
                    | StorageError::UnknownColumn { .. }
                    | StorageError::WrongType { .. }
                    // A column that is another one by now holds what the old one could not.
                    | StorageError::Corrupt { .. })
            );
            if !is_of_the_past || tries == TRIES {
                return result;
            }
            tries += 1;
            let is_another = self.catalogue.reload(&self.pool, &catalogue).await?;
            if !is_another && !matches!(result, Err(StorageError::SchemaChanged)) {
                return result;
            }
        }
    }
}
