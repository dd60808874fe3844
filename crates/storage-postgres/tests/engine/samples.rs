//! Servers, users and sessions for the tests.

use std::{sync::Arc, time::Duration};

use vestibule_model::{
    ActivityTime, ObjectId, Selector, Session, SystemClock, Timestamp, User, UserStatus,
    VerifierHash,
};
use vestibule_storage::{Change, NewUser};
use vestibule_storage_postgres::Postgres;

use crate::database::Database;

/// How long anything may take that is to come soon.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A server on this database.
pub(crate) async fn server(database: &Database) -> Arc<Postgres> {
    let clock = Arc::new(SystemClock::start());
    Arc::new(Postgres::open(database.options(), clock).await.unwrap())
}

pub(crate) fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

pub(crate) fn at(n: i64) -> Timestamp {
    Timestamp::from_millis(n)
}

pub(crate) fn guest(name: &str) -> Change {
    let user = User::new(id(name), UserStatus::Guest, at(1));
    Change::InsertUser(NewUser {
        user,
        password: None,
    })
}

pub(crate) fn selector(n: u8) -> Selector {
    Selector::from_bytes([n; 16])
}

pub(crate) fn session(n: u8, user: &str) -> Change {
    Change::OpenSession(Session {
        selector: selector(n),
        verifier_hash: VerifierHash::from_bytes([n; 32]),
        user_id: id(user),
        created: at(1),
        last_used: ActivityTime::from_millis(1),
    })
}

/// What comes of it within this time; the database is another process, and its time is real.
#[expect(clippy::disallowed_methods, reason = "only sockets wait for real time")]
pub(crate) async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, work).await.ok()
}

/// What `wanted` comes to be, soon.
pub(crate) async fn soon<T>(wanted: impl AsyncFn() -> Option<T>) -> T {
    let look = async {
        loop {
            if let Some(found) = wanted().await {
                return found;
            }
            within(Duration::from_millis(10), std::future::pending::<()>()).await;
        }
    };
    within(SOON, look).await.expect("it comes soon")
}
