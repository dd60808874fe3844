use std::pin::pin;

use futures::TryStreamExt;
use vestibule_sql::{Decoder, Query};
use vestibule_storage::StorageError;

use crate::{
    error,
    pool::{Connection, Pool},
    prepare::{forget_all, prepare},
    render::{self, Rendered},
    row::PostgresRow,
};

impl Pool {
    /// All rows that the query answers.
    pub(crate) async fn all<T: Send>(&self, query: Query<T>) -> Result<Vec<T>, StorageError> {
        self.rows(query, usize::MAX).await
    }

    /// The first row that the query answers, if it answers any.
    pub(crate) async fn first<T: Send>(&self, query: Query<T>) -> Result<Option<T>, StorageError> {
        self.rows(query, 1).await.map(|mut rows| rows.pop())
    }

    async fn rows<T>(&self, query: Query<T>, most: usize) -> Result<Vec<T>, StorageError> {
        let rendered = render::statement(query.statement);
        let decoder = query.decoder;
        let connection = self.connection().await?;
        let read = async {
            let result = rows(
                &connection,
                &rendered,
                &decoder,
                most,
                self.options().read_bytes,
            )
            .await;
            match result {
                Err(StorageError::SchemaChanged) => {
                    // Perhaps only what was compiled is of the past.
                    forget_all(&connection);
                    rows(
                        &connection,
                        &rendered,
                        &decoder,
                        most,
                        self.options().read_bytes,
                    )
                    .await
                }
                other => other,
            }
        };
        let result = self.within(read).await;
        // After an answer that was broken off, the rest of it would still come.
        if !matches!(
            result,
            Err(StorageError::Unavailable { .. } | StorageError::TooExpensive)
        ) {
            connection.give_back();
        }
        result
    }
}

async fn rows<T>(
    connection: &Connection,
    query: &Rendered,
    decoder: &Decoder<T>,
    most: usize,
    read_bytes: usize,
) -> Result<Vec<T>, StorageError> {
    let statement = prepare(connection, &query.sql)
        .await
        .map_err(error::of_read)?;
    let stream = connection.query_raw(&statement, &query.parameters).await;
    let mut stream = pin!(stream.map_err(error::of_read)?);
    let mut decoded = Vec::new();
    let mut bytes = 0_usize;
    while let Some(row) = stream.try_next().await.map_err(error::of_read)? {
        if decoded.len() >= most {
            continue;
        }
        let row = PostgresRow::new(&row);
        decoded.push(decoder(&row)?);
        bytes = bytes.saturating_add(row.bytes_read());
        if bytes > read_bytes {
            return Err(StorageError::TooExpensive);
        }
    }
    Ok(decoded)
}
