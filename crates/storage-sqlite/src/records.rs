use async_trait::async_trait;
use vestibule_model::{ObjectId, Record, Row};
use vestibule_storage::{CountQuery, FindQuery, Records, RelatedQuery, StorageError};

use crate::Sqlite;

#[async_trait]
impl Records for Sqlite {
    async fn find(&self, _query: &FindQuery) -> Result<Vec<Row>, StorageError> {
        Err(StorageError::SchemaChanged)
    }

    async fn count(&self, _query: &CountQuery) -> Result<u64, StorageError> {
        Err(StorageError::SchemaChanged)
    }

    async fn related(
        &self,
        _query: &RelatedQuery,
    ) -> Result<Vec<(ObjectId, Vec<Record>)>, StorageError> {
        Err(StorageError::SchemaChanged)
    }
}
