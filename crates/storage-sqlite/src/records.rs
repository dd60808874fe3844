use std::sync::Arc;

use async_trait::async_trait;
use vestibule_model::{Catalogue, ObjectId, Record, Row};
use vestibule_sql::{Query, finding, related};
use vestibule_storage::{CountQuery, FindQuery, Records, RelatedQuery, StorageError};

use crate::{Sqlite, error::GaveUp};

/// How often a read is tried whose table is changed under it.
const TRIES: u32 = 3;

#[async_trait]
impl Records for Sqlite {
    async fn find(&self, query: &FindQuery) -> Result<Vec<Row>, StorageError> {
        if self.sees_few(query).await? {
            let few = self.read(|catalogue| finding::find_among_few(catalogue, query));
            return few.await;
        }
        self.read(|catalogue| finding::find(catalogue, query)).await
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
        let mut rows = Vec::new();
        for part in related::parts(&query.parents) {
            let of_part = self.read(|catalogue| related::of_parents(catalogue, query, &part));
            rows.extend(of_part.await?);
        }
        Ok(related::assemble(rows))
    }
}

impl Sqlite {
    /// Whether the caller sees so few rows that they are best found one by one.
    async fn sees_few(&self, query: &FindQuery) -> Result<bool, StorageError> {
        let sees_few = finding::sees_few(&self.catalogue.current(), query)?;
        let Some(sees_few) = sees_few else {
            return Ok(false);
        };
        match self.readers.first(sees_few).await {
            // The read itself looks at the catalogue again.
            Err(StorageError::SchemaChanged) => Ok(false),
            few => Ok(few?.unwrap_or(false)),
        }
    }

    /// All rows of a query that is compiled against the catalogue of the moment; again, if the
    /// catalogue turns out to be one of the past.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        compile: impl Fn(&Arc<Catalogue>) -> Result<Query<T>, StorageError> + Send,
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
