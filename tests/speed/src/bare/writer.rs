//! The one thread that writes, with group commit.

use std::{path::Path, thread};

use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::answers::ToText;
use crate::{
    Result,
    rows::{INSERT_SESSION, INSERT_SHORT_SESSION, INSERT_SHORT_USER, INSERT_USER, Layout},
};

/// How many writes may wait.
const WAITING_AT_MOST: usize = 4096;

/// How many share a transaction at most, as in Vestibule.
const AT_ONCE: usize = 512;

pub(super) struct Writer(mpsc::Sender<Job>);

/// A write, and whom to tell when the disk has it.
struct Job {
    write: Write,
    reply: oneshot::Sender<Result<(), String>>,
}

/// What is written.
pub(super) enum Write {
    /// A guest and its session; the id is in there.
    Guest(NewSession),
    /// A session of a user, and when it began.
    Login(NewSession),
    /// A user.
    Register(NewUser),
}

pub(super) struct NewSession {
    pub(super) user: Uuid,
    pub(super) selector: [u8; 16],
    pub(super) verifier: [u8; 32],
}

pub(super) struct NewUser {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) hash: String,
}

impl Writer {
    pub(super) fn start(database: &Path, layout: Layout) -> Result<Self> {
        let connection = super::open(database)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let (send, receive) = mpsc::channel(WAITING_AT_MOST);
        thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || write(&connection, layout, receive))?;
        Ok(Self(send))
    }

    /// Writes, and waits until the disk has it.
    pub(super) async fn make(&self, write: Write) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.send(Job { write, reply }).await;
        sent.map_err(|_| "the writer has ended")?;
        Ok(answer.await??)
    }
}

fn write(connection: &Connection, layout: Layout, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    while jobs.blocking_recv_many(&mut batch, AT_ONCE) > 0 {
        let written = commit(connection, layout, &batch);
        let written = written.map_err(|error| error.to_string());
        for job in batch.drain(..) {
            let _ = job.reply.send(written.clone());
        }
    }
}

fn commit(connection: &Connection, layout: Layout, batch: &[Job]) -> rusqlite::Result<()> {
    run(connection, "BEGIN IMMEDIATE")?;
    let made = batch.iter().try_for_each(|job| match (&job.write, layout) {
        (Write::Guest(new), Layout::Vestibule) => guest(connection, new),
        (Write::Guest(new), Layout::TwoTables) => short_guest(connection, new),
        (Write::Login(new), _) => login(connection, new),
        (Write::Register(new), _) => register(connection, new),
    });
    if let Err(error) = made {
        run(connection, "ROLLBACK")?;
        return Err(error);
    }
    run(connection, "COMMIT")
}

fn run(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn guest(connection: &Connection, new: &NewSession) -> rusqlite::Result<()> {
    let (id, created) = (new.user.to_text(), millis(new.user.as_bytes()));
    let mut user = connection.prepare_cached(INSERT_USER)?;
    let no_text: Option<&str> = None;
    user.execute((&id, created, created, "GUEST", no_text, no_text))?;
    session(connection, new, &id)
}

fn login(connection: &Connection, new: &NewSession) -> rusqlite::Result<()> {
    let (id, now) = (new.user.to_text(), millis(&new.selector));
    session(connection, new, &id)?;
    let sql = r#"UPDATE "Users" SET "lastLogin" = ?2 WHERE "objectId" = ?1"#;
    connection.prepare_cached(sql)?.execute((id, now)).map(drop)
}

fn session(connection: &Connection, new: &NewSession, id: &str) -> rusqlite::Result<()> {
    let (hash, now) = (hash_of(new), millis(&new.selector));
    let mut session = connection.prepare_cached(INSERT_SESSION)?;
    session
        .execute((new.selector, hash, id, now, now))
        .map(drop)
}

fn register(connection: &Connection, new: &NewUser) -> rusqlite::Result<()> {
    let (id, created) = (new.id.to_text(), millis(new.id.as_bytes()));
    let mut user = connection.prepare_cached(INSERT_USER)?;
    let no_login: Option<i64> = None;
    user.execute((id, created, no_login, "ENABLED", &new.email, &new.hash))
        .map(drop)
}

fn short_guest(connection: &Connection, new: &NewSession) -> rusqlite::Result<()> {
    let id = new.user.as_bytes();
    let mut user = connection.prepare_cached(INSERT_SHORT_USER)?;
    user.execute((id, millis(id)))?;
    let mut session = connection.prepare_cached(INSERT_SHORT_SESSION)?;
    session.execute((new.selector, hash_of(new), id)).map(drop)
}

fn hash_of(new: &NewSession) -> [u8; 32] {
    Sha256::digest(new.verifier).into()
}

/// The time in a UUID of version 7.
fn millis(uuid: &[u8; 16]) -> i64 {
    let mut bytes = [0; 8];
    bytes[2..].copy_from_slice(&uuid[..6]);
    i64::from_be_bytes(bytes)
}
