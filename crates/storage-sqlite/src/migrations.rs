use refinery::Runner;
use rusqlite::{Connection, OptionalExtension};

use crate::{OpenError, SqliteOptions};

/// The table in which the versions are written down.
const TABLE: &str = "vestibule_migration";

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Brings the database to the version of this build, unless it is from the future. All steps are made
/// or none: after half of them neither this build nor the one before could use it.
pub(crate) fn run(connection: &mut Connection, options: &SqliteOptions) -> Result<(), OpenError> {
    let mut runner = embedded::migrations::runner().set_grouped(true);
    runner.set_migration_table_name(TABLE);
    let known = latest(&runner);
    let found = version_up_to(known, connection, options)?;
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

/// Whether the database has the version of this build; if not, it has none at all, nor any tables.
///
/// # Errors
/// Refuses every other version.
pub(crate) fn is_current(
    connection: &Connection,
    options: &SqliteOptions,
) -> Result<bool, OpenError> {
    let known = latest(&embedded::migrations::runner());
    match version_up_to(known, connection, options)? {
        0 => Ok(false),
        found if found == known => Ok(true),
        found => Err(OpenError::Outdated {
            file: options.database_file(),
            found,
            known,
        }),
    }
}

/// The version that the database has, unless it is from the future.
fn version_up_to(
    known: i64,
    connection: &Connection,
    options: &SqliteOptions,
) -> Result<i64, OpenError> {
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
    Ok(found)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use refinery::Target;
    use vestibule_sql::SqlCatalogue;

    use super::*;
    use crate::{catalogue, connection, folder::FolderLock, handle::Handle};

    /// A database that was of this version when something of it was written.
    struct Migrated {
        _folder: tempfile::TempDir,
        connection: Handle,
    }

    impl Migrated {
        fn from(version: i32, sql: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let options = SqliteOptions::in_folder(folder.path());
            let lock = Arc::new(FolderLock::take(folder.path()).unwrap());
            let mut connection = connection::for_writing(&options, &lock).unwrap();
            let mut runner = embedded::migrations::runner().set_target(Target::Version(version));
            runner.set_migration_table_name(TABLE);
            runner.run(&mut *connection).unwrap();
            connection.execute_batch(sql).unwrap();
            run(&mut connection, &options).unwrap();
            Self {
                _folder: folder,
                connection,
            }
        }

        fn catalogue(&self) -> SqlCatalogue {
            catalogue::load(&self.connection).unwrap()
        }

        /// The ids in a table, ascending.
        fn ids(&self, table: &str, column: &str) -> Vec<String> {
            let select = format!(r#"SELECT "{column}" FROM "{table}" ORDER BY 1"#);
            let mut select = self.connection.prepare(&select).unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        }
    }

    #[test]
    fn a_database_of_the_first_version_keeps_its_rows_and_its_columns() {
        let new = Migrated::from(1, "").catalogue();
        let old = Migrated::from(
            1,
            r#"
            INSERT INTO "Users" ("objectId", "ownerId", "created", "userStatus", "email")
                VALUES ('A', 'A', 1, 'ENABLED', 'ann@example.com'), ('B', 'A', 1, 'GUEST', NULL);
            ALTER TABLE "Users" ADD COLUMN "age" INTEGER;
            INSERT INTO vestibule_column (
                table_name, position, name, type, size,
                is_required, is_unique, is_indexed, is_system, is_identity
            ) VALUES ('Users', 14, 'age', 'INT', NULL, 0, 0, 0, 0, 0);
            "#,
        );
        assert_eq!(["A", "B"], *old.ids("Users", "objectId"));
        let old = old.catalogue();
        let (new, old) = (&new.tables[0].columns, &old.tables[0].columns);
        assert_eq!(new[..], old[..new.len()]);
        assert_eq!("age", old.last().unwrap().name);
    }

    #[test]
    fn of_the_guests_in_a_database_of_the_second_version_those_without_a_session_are_found() {
        let migrated = Migrated::from(
            2,
            r#"
            INSERT INTO "Users" ("objectId", "ownerId", "created", "userStatus", "email") VALUES
                ('ANN', 'ANN', 1, 'ENABLED', 'ann@example.com'),
                ('G', 'G', 1, 'GUEST', NULL),
                ('H', 'H', 1, 'GUEST', NULL),
                ('I', NULL, 1, 'GUEST', NULL);
            INSERT INTO vestibule_session (selector, verifier_hash, user_id, created, last_used)
                VALUES (x'01', x'01', 'H', 1, 1);
            "#,
        );
        let departed = migrated.ids("vestibule_departed_guest", "user_id");
        assert_eq!(["G", "I"], *departed);
        let users = migrated.ids("Users", "objectId");
        assert_eq!(["ANN", "G", "H", "I"], *users);
        assert!(migrated.ids("vestibule_kept_guest", "user_id").is_empty());
    }

    #[test]
    fn a_database_of_the_third_version_keeps_what_is_in_it_and_has_no_permissions_yet() {
        let migrated = Migrated::from(
            3,
            r#"
            INSERT INTO "Users" ("objectId", "ownerId", "created", "userStatus", "email") VALUES
                ('ANN', 'ANN', 1, 'ENABLED', 'ann@example.com'),
                ('G', 'G', 1, 'GUEST', NULL);
            INSERT INTO vestibule_session (selector, verifier_hash, user_id, created, last_used)
                VALUES (x'01', x'01', 'ANN', 1, 1);
            CREATE TABLE "Item" (
                "objectId" text NOT NULL PRIMARY KEY, "ownerId" text,
                "created" bigint NOT NULL, "updated" bigint
            ) WITHOUT ROWID;
            INSERT INTO "Item" ("objectId", "created") VALUES ('A', 1);
            INSERT INTO vestibule_table (name, is_system) VALUES ('Item', 0);
            "#,
        );
        assert_eq!(["ANN", "G"], *migrated.ids("Users", "objectId"));
        assert_eq!(["A"], *migrated.ids("Item", "objectId"));
        let tables = migrated.catalogue().tables.clone();
        assert_eq!(2, tables.len());
        assert!(tables.iter().all(|table| !table.record_permissions));
        let users = tables.iter().find(|table| table.name == "Users").unwrap();
        let identity = users.columns.iter().find(|column| column.identity);
        assert_eq!("email", identity.unwrap().name);
        for (table, column) in [
            ("vestibule_role", "name"),
            ("vestibule_assigned_role", "role"),
            ("vestibule_permission", "resource"),
            ("vestibule_one_time_link", "user_id"),
        ] {
            assert!(migrated.ids(table, column).is_empty());
        }
    }

    #[test]
    fn a_database_of_the_fourth_version_keeps_what_is_in_it_and_has_no_timers_yet() {
        let migrated = Migrated::from(
            4,
            r#"
            INSERT INTO "Users" ("objectId", "ownerId", "created", "userStatus", "email")
                VALUES ('ANN', 'ANN', 1, 'ENABLED', 'ann@example.com');
            INSERT INTO vestibule_role (name) VALUES ('Support');
            INSERT INTO vestibule_assigned_role (user_id, role) VALUES ('ANN', 'Support');
            INSERT INTO vestibule_permission (resource, operation, grantee_kind, grantee, access)
                VALUES ('*', 'FIND', 'ROLE', 'Support', 'GRANT');
            INSERT INTO vestibule_one_time_link (
                selector, verifier_hash, user_id, purpose, email, created, expires
            ) VALUES (x'01', x'01', 'ANN', 'CONFIRM_EMAIL', 'ann@example.com', 1, 2);
            "#,
        );
        for (table, column, value) in [
            ("Users", "objectId", "ANN"),
            ("vestibule_role", "name", "Support"),
            ("vestibule_assigned_role", "user_id", "ANN"),
            ("vestibule_permission", "grantee", "Support"),
            ("vestibule_one_time_link", "user_id", "ANN"),
        ] {
            assert_eq!([value], *migrated.ids(table, column));
        }
        assert_eq!(1, migrated.catalogue().tables.len());
        assert!(migrated.ids("vestibule_timer", "path").is_empty());
    }
    #[test]
    fn where_one_step_fails_the_database_keeps_the_version_that_it_had() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::in_folder(folder.path());
        let lock = Arc::new(FolderLock::take(folder.path()).unwrap());
        let mut connection = connection::for_writing(&options, &lock).unwrap();
        let mut runner = embedded::migrations::runner().set_target(Target::Version(4));
        runner.set_migration_table_name(TABLE);
        runner.run(&mut *connection).unwrap();
        // The fifth can be made, and the sixth cannot.
        let in_the_way = "CREATE TABLE vestibule_handler (path TEXT)";
        connection.execute_batch(in_the_way).unwrap();
        let failed = run(&mut connection, &options).unwrap_err();
        assert!(matches!(failed, OpenError::Migration { .. }), "{failed:?}");
        assert_eq!(4, version(&connection).unwrap());
        connection
            .query_row("SELECT count(*) FROM vestibule_timer", [], |_| Ok(()))
            .unwrap_err();
        connection
            .execute_batch("DROP TABLE vestibule_handler")
            .unwrap();
        run(&mut connection, &options).unwrap();
    }
}
