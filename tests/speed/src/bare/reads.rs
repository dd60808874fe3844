//! What a bare server reads, by primary keys and in place.

use std::{cell::OnceCell, fmt::Write as _};

use rusqlite::{Connection, OptionalExtension, Row};

use super::Bare;
use crate::{Result, known};

thread_local! {
    /// The connection of this thread.
    static CONNECTION: OnceCell<Connection> = const { OnceCell::new() };
}

fn reading<T>(bare: &Bare, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
    CONNECTION.with(|connection| {
        if connection.get().is_none() {
            // It is empty, and belongs to this thread alone.
            let _ = connection.set(super::open(&bare.database)?);
        }
        let connection = connection.get().ok_or("no connection")?;
        Ok(read(connection)?)
    })
}

/// Whose session a token is of, if it is of any.
pub(super) fn session(bare: &Bare, token: &str) -> Result<Option<String>> {
    let Some((selector, hash)) = known::parts_of(token) else {
        return Ok(None);
    };
    let found = reading(bare, |connection| {
        let mut statement = connection.prepare_cached(
            "SELECT verifier_hash, user_id FROM vestibule_session WHERE selector = ?1",
        )?;
        let row = |row: &Row<'_>| Ok((row.get::<_, [u8; 32]>(0)?, row.get(1)?));
        statement.query_row([selector], row).optional()
    })?;
    Ok(found.and_then(|(stored, user)| (stored == hash).then_some(user)))
}

/// The record of a user, as JSON.
pub(super) fn user(bare: &Bare, id: &str) -> Result<String> {
    reading(bare, |connection| {
        let mut statement = connection.prepare_cached(
            r#"SELECT "objectId", "accountType", "blUserLocale", "created", "email", "lastLogin",
               "name", "oAuthIdentities", "ownerId", "socialAccount", "updated", "userStatus"
               FROM "Users" WHERE "objectId" = ?1"#,
        )?;
        statement.query_row([id], |row| Ok(json(row)))
    })
}

/// Id and hash of whoever logs in with this.
pub(super) fn account(bare: &Bare, email: &str) -> Result<(String, String)> {
    reading(bare, |connection| {
        let mut statement = connection
            .prepare_cached(r#"SELECT "objectId", "password" FROM "Users" WHERE "email" = ?1"#)?;
        statement.query_row([email], |row| Ok((row.get(0)?, row.get(1)?)))
    })
}

/// A row as an object. No text in here needs an escape.
fn json(row: &Row<'_>) -> String {
    let text = |at| row.get::<_, Option<String>>(at).ok().flatten();
    let number = |at| row.get::<_, Option<i64>>(at).ok().flatten();
    let mut json = String::with_capacity(512);
    json.push('{');
    for (at, name) in NAMES.into_iter().enumerate() {
        let _ = match (number(at), text(at)) {
            (Some(number), _) => write!(json, r#""{name}":{number},"#),
            (None, Some(text)) => write!(json, r#""{name}":"{text}","#),
            (None, None) => write!(json, r#""{name}":null,"#),
        };
    }
    json.push_str(r#""___class":"Users"}"#);
    json
}

/// The columns, in the order of the statement.
const NAMES: [&str; 12] = [
    "objectId",
    "accountType",
    "blUserLocale",
    "created",
    "email",
    "lastLogin",
    "name",
    "oAuthIdentities",
    "ownerId",
    "socialAccount",
    "updated",
    "userStatus",
];
