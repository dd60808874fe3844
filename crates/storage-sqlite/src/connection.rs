use std::{fs, sync::Arc};

use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};

use crate::{
    Durability, SqliteOptions, folder::FolderLock, handle::Handle, like, prepare::STATEMENTS_KEPT,
    work,
};

/// Longest value and longest row, in bytes. Clients send a megabyte at most; what functions make of
/// it by putting texts together is bounded by nothing else.
const LENGTH_AT_MOST: i32 = 16 * 1024 * 1024;

/// How long the log of changes gets, in pages, before the writer copies it into the database. This is
/// what SQLite does by itself.
///
/// Measured with `cargo bench -p vestibule-storage-sqlite --bench writes`, medians of six runs each, on
/// two cores that had other work: 1,000, 4,000 and 10,000 pages made 33,000, 34,000 and 30,000 writes a
/// second with 256 tasks, no more apart than runs of the same, and wrote as many bytes within three in a
/// hundred. But the longest wait was 34, 43 and 65 ms, p99.9 30, 39 and 60 ms.
const PAGES_PER_CHECKPOINT: u32 = 1_000;

/// Opens the connection of the writer. It must be the first, since it makes the file.
pub(crate) fn for_writing(
    options: &SqliteOptions,
    folder: &Arc<FolderLock>,
) -> rusqlite::Result<Handle> {
    keep_to_the_owner(options);
    let connection = open(options, folder)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Off => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", PAGES_PER_CHECKPOINT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What a savepoint needs to undo stays in memory, not in a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if let Some(pages) = options.max_page_count {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(connection)
}

/// Password hashes and API keys are in there: nobody else on this machine may read the file, even in
/// a folder that others can read. SQLite gives the files beside it the mode that this one has.
pub(crate) fn keep_to_the_owner(options: &SqliteOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(options.database_file());
        let kept = file.and_then(|file| file.set_permissions(fs::Permissions::from_mode(0o600)));
        if let Err(error) = kept {
            tracing::warn!(%error, "the database file could not be kept to its owner");
        }
    }
}

/// Opens a connection that cannot change anything.
pub(crate) fn for_reading(
    options: &SqliteOptions,
    folder: &Arc<FolderLock>,
) -> rusqlite::Result<Handle> {
    let connection = open(options, folder)?;
    connection.pragma_update(None, "query_only", true)?;
    work::watch(&connection)?;
    Ok(connection)
}

fn open(options: &SqliteOptions, folder: &Arc<FolderLock>) -> rusqlite::Result<Handle> {
    // Each connection belongs to one thread, so SQLite's own locks would be for nothing.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(options.database_file(), flags)?;
    connection.busy_timeout(options.lock_timeout)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // An unknown column in double quotes is an error, not a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // A plan is made for a statement, whatever its values. Else SQLite looks at them (at that of each
    // LIMIT, for one) and makes the statement anew whenever they change, which costs more than most reads.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LENGTH_AT_MOST)?;
    like::define(&connection)?;
    Ok(Handle::new(connection, folder))
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[track_caller]
    fn check(connection: &Connection, pragma: &str, expected: &str) {
        let value = connection
            .pragma_query_value(None, pragma, |row| {
                row.get_ref(0).map(|cell| match cell.as_i64() {
                    Ok(integer) => integer.to_string(),
                    Err(_) => cell.as_str().unwrap().to_owned(),
                })
            })
            .unwrap();
        assert_eq!(expected, value, "{pragma}");
    }

    #[test]
    fn the_writer_waits_for_the_disk_and_keeps_a_log_of_changes() {
        let (_temporary, options, folder) = scratch();
        let connection = for_writing(&options, &folder).unwrap();
        check(&connection, "journal_mode", "wal");
        check(&connection, "synchronous", "2"); // FULL
        check(&connection, "foreign_keys", "1");
        check(&connection, "busy_timeout", "5000");
        check(&connection, "query_only", "0");
    }

    #[test]
    fn readers_read_only() {
        let (_temporary, options, folder) = scratch();
        let _writer = for_writing(&options, &folder).unwrap();
        let reader = for_reading(&options, &folder).unwrap();
        check(&reader, "journal_mode", "wal");
        check(&reader, "query_only", "1");
        reader.execute_batch("CREATE TABLE t (a)").unwrap_err();
    }

    #[test]
    fn tests_need_not_wait_for_the_disk() {
        let (_temporary, mut options, folder) = scratch();
        options.durability = Durability::Off;
        let connection = for_writing(&options, &folder).unwrap();
        check(&connection, "synchronous", "0");
    }

    #[test]
    fn an_unknown_column_is_an_error_and_no_text() {
        let (_temporary, options, folder) = scratch();
        let connection = for_writing(&options, &folder).unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        connection.prepare(r#"SELECT "b" FROM t"#).unwrap_err();
    }

    #[test]
    fn a_statement_is_made_once_whatever_its_values() {
        let (_temporary, options, folder) = scratch();
        let connection = for_writing(&options, &folder).unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        let select = "SELECT a FROM t WHERE a = ? LIMIT ? OFFSET ?";
        let mut statement = connection.prepare(select).unwrap();
        for number in 1..4 {
            assert!(!statement.exists([number, number, number]).unwrap());
        }
        assert_eq!(0, statement.get_status(StatementStatus::RePrepare));
    }

    fn scratch() -> (tempfile::TempDir, SqliteOptions, Arc<FolderLock>) {
        let temporary = tempfile::tempdir().unwrap();
        let options = SqliteOptions::in_folder(temporary.path());
        let folder = FolderLock::take(temporary.path()).unwrap();
        (temporary, options, Arc::new(folder))
    }
}
