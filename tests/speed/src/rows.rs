//! Users and sessions by the million, written into a database before a server opens it.

use std::{ops::Range, path::Path};

use rusqlite::{Connection, Transaction};

use crate::{Result, known};

/// Rows that are written in one transaction.
const AT_ONCE: usize = 100_000;

/// Which tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Those of Vestibule's users and sessions, with all columns and indexes.
    Vestibule,
    /// A table of users and one of sessions with keys in the order of time, and no index.
    TwoTables,
}

/// Who is there.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    /// How many users have a password; they have the numbers from 0.
    pub(crate) registered: u64,
    /// How many guests there are, each with a session; they have the numbers from
    /// [`known::FIRST_GUEST`].
    pub(crate) guests: u64,
}

impl Population {
    /// The numbers of the guests.
    pub(crate) fn guest_numbers(&self) -> Range<u64> {
        known::FIRST_GUEST..known::FIRST_GUEST + self.guests
    }

    /// The numbers of so many guests, spread over all of them.
    pub(crate) fn sample(&self, count: u64) -> Vec<u64> {
        let count = count.min(self.guests);
        let spread = |at: u64| known::FIRST_GUEST + at * self.guests / count;
        (0..count).map(spread).collect()
    }
}

/// What makes Vestibule's tables of users and sessions, with their indexes, as its database has them.
pub(crate) fn schema_in(database: &Path) -> Result<Vec<String>> {
    let connection = Connection::open(database)?;
    let mut statement = connection.prepare(
        "SELECT sql FROM sqlite_master
         WHERE tbl_name IN ('Users', 'vestibule_session') AND sql IS NOT NULL
         ORDER BY type <> 'table', tbl_name",
    )?;
    let found = statement.query_map([], |row| row.get(0))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The tables of [`Layout::TwoTables`].
pub(crate) fn two_tables() -> Vec<String> {
    let tables = [
        "CREATE TABLE user (id BLOB NOT NULL PRIMARY KEY, created INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE session (selector BLOB NOT NULL PRIMARY KEY, verifier_hash BLOB NOT NULL,
         user_id BLOB NOT NULL) WITHOUT ROWID",
    ];
    tables.map(str::to_owned).into()
}

/// Makes a database with these tables.
pub(crate) fn make(database: &Path, schema: &[String]) -> Result<Connection> {
    let connection = Connection::open(database)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    for statement in schema {
        connection.execute_batch(statement)?;
    }
    Ok(connection)
}

/// Writes the population, and leaves nothing of it in the log of changes.
pub(crate) fn fill(
    connection: &mut Connection,
    layout: Layout,
    population: &Population,
) -> Result<()> {
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let last_used = last_used(connection);
    let hash = known::hash(known::PASSWORD, b"the salt of all!")?;
    let registered = (0..population.registered).map(|number| (number, Some(&*hash)));
    let guests = population.guest_numbers().map(|number| (number, None));
    let mut all = registered.chain(guests).peekable();
    while all.peek().is_some() {
        let transaction = connection.transaction()?;
        for (number, password) in all.by_ref().take(AT_ONCE) {
            match layout {
                Layout::Vestibule => vestibule(&transaction, number, password, last_used)?,
                Layout::TwoTables => two(&transaction, number)?,
            }
        }
        transaction.commit()?;
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// The moment that the sessions were last used: when the server last ran, by its own clock.
fn last_used(connection: &Connection) -> i64 {
    let heartbeat =
        connection.query_row("SELECT at FROM vestibule_heartbeat", [], |row| row.get(0));
    // A bare server has no such clock.
    heartbeat.unwrap_or_default()
}

fn vestibule(
    transaction: &Transaction<'_>,
    number: u64,
    password: Option<&str>,
    last_used: i64,
) -> Result<()> {
    let (id, created) = (known::user_id(number), known::created(number));
    let status = if password.is_some() {
        "ENABLED"
    } else {
        "GUEST"
    };
    let email = password.map(|_| known::email(&format!("{number:010}")));
    let mut user = transaction.prepare_cached(INSERT_USER)?;
    user.execute((&id, created, created, status, email, password))?;
    if password.is_none() {
        let mut session = transaction.prepare_cached(INSERT_SESSION)?;
        let (selector, hash) = (known::selector(number), known::verifier_hash(number));
        session.execute((selector, hash, &id, created, last_used))?;
    }
    Ok(())
}

fn two(transaction: &Transaction<'_>, number: u64) -> Result<()> {
    let id = known::selector(number);
    let mut user = transaction.prepare_cached(INSERT_SHORT_USER)?;
    user.execute((id, known::created(number)))?;
    let mut session = transaction.prepare_cached(INSERT_SHORT_SESSION)?;
    session.execute((id, known::verifier_hash(number), id))?;
    Ok(())
}

/// A user as Vestibule writes one: id, created, lastLogin, userStatus, email, password.
pub(crate) const INSERT_USER: &str = r#"INSERT INTO "Users" ("objectId", "ownerId", "created",
    "updated", "lastLogin", "userStatus", "accountType", "socialAccount", "oAuthIdentities",
    "blUserLocale", "email", "name", "password")
    VALUES (?1, ?1, ?2, NULL, ?3, ?4, 'BACKENDLESS', 'BACKENDLESS', NULL, 'en', ?5, NULL, ?6)"#;

/// A session as Vestibule writes one.
pub(crate) const INSERT_SESSION: &str = "INSERT INTO vestibule_session
    (selector, verifier_hash, user_id, created, last_used) VALUES (?1, ?2, ?3, ?4, ?5)";

/// A user in [`Layout::TwoTables`].
pub(crate) const INSERT_SHORT_USER: &str = "INSERT INTO user (id, created) VALUES (?1, ?2)";

/// A session in [`Layout::TwoTables`].
pub(crate) const INSERT_SHORT_SESSION: &str =
    "INSERT INTO session (selector, verifier_hash, user_id) VALUES (?1, ?2, ?3)";
