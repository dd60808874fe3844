use refinery::Runner;
use rusqlite::{Connection, OptionalExtension};

use crate::{OpenError, SqliteOptions};

/// The table in which the versions are written down.
const TABLE: &str = "vestibule_migration";

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Brings the database to the version of this build, unless it is from the future.
pub(crate) fn run(connection: &mut Connection, options: &SqliteOptions) -> Result<(), OpenError> {
    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name(TABLE);
    let known = latest(&runner);
    let found = version(connection).map_err(|source| OpenError::Database {
        file: options.database_file(),
        source: source.into(),
    })?;
    if found > known {
        return Err(OpenError::FromTheFuture {
            file: options.database_file(),
            found,
            known,
        });
    }
    if found == known {
        return Ok(());
    }
    runner
        .run(connection)
        .map_err(|source| OpenError::Migration {
            file: options.database_file(),
            source: source.into(),
        })?;
    tracing::info!(from = found, to = known, "database migrated");
    Ok(())
}

fn latest(runner: &Runner) -> i64 {
    let versions = runner
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()));
    versions.max().unwrap_or_default()
}

/// The version that the database has; a new one has none.
fn version(connection: &Connection) -> rusqlite::Result<i64> {
    let table: Option<String> = connection
        .query_row(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?",
            [TABLE],
            |row| row.get(0),
        )
        .optional()?;
    if table.is_none() {
        return Ok(0);
    }
    connection.query_row(
        "SELECT coalesce(max(version), 0) FROM vestibule_migration",
        [],
        |row| row.get(0),
    )
}
