//! What must be true of a database, whatever became of the server that wrote it.

use std::fs;

use rusqlite::{Connection, OpenFlags, Params};
use tempfile::TempDir;

use crate::server::Folder;

/// A guest that became a registered user.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) id: String,
    pub(crate) email: String,
    /// A purchase of the guest; each of the two refers to the other.
    pub(crate) purchase: String,
}

/// A database as a dead server left it: a copy, so that the next server has to clear up by itself.
pub(crate) struct Checker {
    connection: Connection,
    _folder: TempDir,
}

impl Checker {
    pub(crate) fn of(folder: &Folder) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for file in ["vestibule.db", "vestibule.db-wal"] {
            let from = folder.data().join(file);
            if from.exists() {
                fs::copy(from, copy.path().join(file)).unwrap();
            }
        }
        Self {
            connection: Connection::open(copy.path().join("vestibule.db")).unwrap(),
            _folder: copy,
        }
    }

    /// Nobody is half a guest, nothing belongs or refers to what is gone, and nobody who is to go
    /// is forgotten.
    pub(crate) fn expect_consistent(&self) {
        let integrity: String = self
            .connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!("ok", integrity);
        self.expect_none(
            "half-converted guest",
            r#"SELECT "objectId" FROM "Users" WHERE NOT CASE "userStatus"
               WHEN 'GUEST' THEN coalesce("email", "name", "password") IS NULL
               WHEN 'ENABLED' THEN "email" IS NOT NULL AND "name" IS NOT NULL
                   AND "password" IS NOT NULL
               ELSE FALSE END"#,
        );
        let tables = self.texts(
            "SELECT m.name FROM sqlite_schema AS m
             JOIN pragma_table_info(m.name) AS c ON c.name = 'user_id'
             WHERE m.type = 'table' AND m.name GLOB 'vestibule_*'",
        );
        for table in ["vestibule_session", "vestibule_departed_guest"] {
            assert!(tables.iter().any(|name| name == table), "{tables:?}");
        }
        for table in tables {
            let sql = format!(
                r#"SELECT user_id FROM "{table}"
                   WHERE user_id NOT IN (SELECT "objectId" FROM "Users")"#
            );
            self.expect_none(&format!("row of {table} without its user"), &sql);
        }
        self.expect_none(
            "departed guest who is none, or has a session",
            r#"SELECT user_id FROM vestibule_departed_guest
               WHERE user_id IN (SELECT user_id FROM vestibule_session)
               OR user_id NOT IN (SELECT "objectId" FROM "Users" WHERE "userStatus" = 'GUEST')"#,
        );
        self.expect_none(
            "guest without a session whom the cleanup would never find",
            r#"SELECT "objectId" FROM "Users" WHERE "userStatus" = 'GUEST'
               AND "objectId" NOT IN (SELECT user_id FROM vestibule_session)
               AND "objectId" NOT IN (SELECT user_id FROM vestibule_departed_guest)"#,
        );
        let relations = self
            .texts("SELECT table_name || '/' || name || '/' || to_table FROM vestibule_relation");
        assert!(!relations.is_empty());
        for relation in relations {
            let parts: Vec<_> = relation.split('/').collect();
            let sql = format!(
                r#"SELECT parent || ' to ' || child FROM "vestibule_link${0}${1}"
                   WHERE parent NOT IN (SELECT "objectId" FROM "{0}")
                   OR child NOT IN (SELECT "objectId" FROM "{2}")"#,
                parts[0], parts[1], parts[2]
            );
            self.expect_none(&format!("link of {relation} to a removed row"), &sql);
        }
    }

    /// These purchases are there, whoever has made them.
    pub(crate) fn expect_purchases(&self, purchases: &[String]) {
        for id in purchases {
            assert!(
                self.finds(r#"SELECT 1 FROM "Purchase" WHERE "objectId" = ?"#, [id]),
                "the purchase {id} was acknowledged and is lost"
            );
        }
    }

    /// These users are there as they registered, with what they had as guests.
    pub(crate) fn expect_converted(&self, users: &[Converted]) {
        let sql = r#"SELECT 1 FROM "Users"
            JOIN "Purchase" AS p ON p."ownerId" = "Users"."objectId"
            JOIN "vestibule_link$Users$purchases" AS own
                ON own.parent = "Users"."objectId" AND own.child = p."objectId"
            JOIN "vestibule_link$Purchase$buyer" AS buyer
                ON buyer.parent = p."objectId" AND buyer.child = "Users"."objectId"
            WHERE "userStatus" = 'ENABLED' AND "Users"."objectId" = ? AND "email" = ?
                AND p."objectId" = ?"#;
        for user in users {
            assert!(
                self.finds(sql, [&user.id, &user.email, &user.purchase]),
                "{user:?} was acknowledged and is not there, or not whole"
            );
        }
    }

    /// How many guests there are whose ids are not greater than this one.
    pub(crate) fn guests_up_to(&self, id: &str) -> u64 {
        guests_up_to(&self.connection, id)
    }

    fn finds(&self, sql: &str, values: impl Params) -> bool {
        let mut statement = self.connection.prepare_cached(sql).unwrap();
        statement.exists(values).unwrap()
    }

    #[track_caller]
    fn expect_none(&self, what: &str, sql: &str) {
        let found = self.texts(sql);
        assert!(found.is_empty(), "{what}: {found:?}");
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<rusqlite::Result<_>>().unwrap()
    }
}

/// A look into the database of a server that runs.
pub(crate) struct Look(Connection);

impl Look {
    pub(crate) fn into(folder: &Folder) -> Self {
        let file = folder.data().join("vestibule.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        Self(Connection::open_with_flags(file, flags).unwrap())
    }

    /// As [`Checker::guests_up_to`].
    pub(crate) fn guests_up_to(&self, id: &str) -> u64 {
        guests_up_to(&self.0, id)
    }
}

fn guests_up_to(connection: &Connection, id: &str) -> u64 {
    let sql = r#"SELECT count(*) FROM "Users" WHERE "userStatus" = 'GUEST' AND "objectId" <= ?"#;
    let mut statement = connection.prepare_cached(sql).unwrap();
    statement.query_row([id], |row| row.get(0)).unwrap()
}
