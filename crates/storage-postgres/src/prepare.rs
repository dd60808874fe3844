use tokio_postgres::{Error, Statement};

use crate::pool::Connection;

/// How many statements a connection keeps compiled. Each combination of columns that an update
/// names is one; everything else is a few dozen.
const STATEMENTS_KEPT: usize = 256;

/// Longest statement that is kept compiled, in bytes.
const LONGEST_KEPT: usize = 16 * 1024;

/// Compiles a statement, unless it is kept compiled.
pub(crate) async fn prepare(connection: &Connection, sql: &str) -> Result<Statement, Error> {
    if sql.len() > LONGEST_KEPT {
        return connection.prepare(sql).await;
    }
    if connection.statement_cache.size() >= STATEMENTS_KEPT {
        // Which of them are used most is not known; they are compiled again as they come.
        forget_all(connection);
    }
    connection.prepare_cached(sql).await
}

/// Forgets the statements that are kept, since the tables that they are about are others now.
pub(crate) fn forget_all(connection: &Connection) {
    connection.statement_cache.clear();
}
