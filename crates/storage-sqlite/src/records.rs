use std::sync::Arc;

use async_trait::async_trait;
use vestibule_model::{ObjectId, Record, Row};
use vestibule_sql::{
    Query, SqlCatalogue, finding,
    reads::{self, Reads},
};
use vestibule_storage::{CountQuery, FindQuery, Records, RelatedQuery, StorageError};

use crate::{Sqlite, error::GaveUp};

/// How often a read is tried whose table is changed under it.
const TRIES: u32 = 3;

#[async_trait]
impl Records for Sqlite {
    async fn find(&self, query: &FindQuery) -> Result<Vec<Row>, StorageError> {
        reads::find(self, query).await
    }

    async fn count(&self, query: &CountQuery) -> Result<u64, StorageError> {
        let count = self.read(|catalogue| finding::count(catalogue, query));
        let count = count.await?.pop();
        count.ok_or_else(|| StorageError::unavailable(GaveUp))
    }

    async fn related(
        &self,
        query: &RelatedQuery,
    ) -> Result<Vec<(ObjectId, Vec<Record>)>, StorageError> {
        reads::related(self, query).await
    }
}

impl Reads for Sqlite {
    fn sql_catalogue(&self) -> Arc<SqlCatalogue> {
        self.catalogue.current()
    }

    async fn all<T: Send + 'static>(&self, query: Query<T>) -> Result<Vec<T>, StorageError> {
        self.readers.all(query).await
    }

    async fn read<T: Send + 'static>(
        &self,
        compile: impl Fn(&SqlCatalogue) -> Result<Query<T>, StorageError> + Send + Sync,
    ) -> Result<Vec<T>, StorageError> {
        let mut tries = 1;
        loop {
            let catalogue = if tries == 1 {
                self.catalogue.current()
            } else {
                // A change is in the database a moment before everybody hears of it.
                self.readers.catalogue().await?
            };
            let result = self.readers.all(compile(&catalogue)?).await;
            let is_of_the_past = match &result {
                Err(StorageError::SchemaChanged) => true,
                // A column that is another one by now holds what the old one could not.
                Err(StorageError::Corrupt { .. }) => {
                    !Arc::ptr_eq(&catalogue, &self.catalogue.current())
                }
                _ => false,
            };
            if !is_of_the_past || tries == TRIES {
                return result;
            }
            tries += 1;
        }
    }
}
