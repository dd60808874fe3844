//! Users, sessions and moments for the sentences.

use vestibule_model::{
    ActivityTime, ObjectId, PasswordHash, Selector, Session, Timestamp, User, UserStatus, Value,
    VerifierHash,
};

use crate::{Change, Constraint, NewUser, Precondition, Storage, StorageError, UserUpdate};

/// Every column of `Users` that is a property, in a new database.
const PROPERTIES: [&str; 6] = [
    "accountType",
    "blUserLocale",
    "email",
    "name",
    "oAuthIdentities",
    "socialAccount",
];

pub(super) fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

/// The `n`th second after some moment.
pub(super) fn at(n: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + 1_000 * n)
}

/// The `n`th second in which a server ran.
/// The heartbeat of this moment, by both clocks.
pub(super) fn beat(n: i64) -> Change {
    Change::RecordHeartbeat {
        at: active(n),
        wall: at(n),
    }
}

pub(super) fn active(n: i64) -> ActivityTime {
    ActivityTime::from_millis(1_000 * n)
}

pub(super) fn selector(n: u8) -> Selector {
    Selector::from_bytes([n; 16])
}

pub(super) fn hash(n: u8) -> PasswordHash {
    PasswordHash::from_phc(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${n}"))
}

/// A guest as it is read: every property is there and null.
pub(super) fn guest(name: &str) -> User {
    let mut user = User::new(id(name), UserStatus::Guest, at(0));
    let nulls = PROPERTIES.map(|property| (property.to_owned(), Value::Null));
    user.properties.extend(nulls);
    user
}

/// A registered user as it is read.
pub(super) fn registered(name: &str, email: &str) -> User {
    let mut user = guest(name);
    user.status = UserStatus::Enabled;
    user.properties.insert("email".to_owned(), email.into());
    user
}

pub(super) fn session(n: u8, user_id: &str) -> Session {
    Session {
        selector: selector(n),
        verifier_hash: VerifierHash::from_bytes([n; 32]),
        user_id: id(user_id),
        created: at(i64::from(n)),
        last_used: active(i64::from(n)),
    }
}

pub(super) fn insert(user: &User) -> Change {
    Change::InsertUser(NewUser {
        user: user.clone(),
        password: None,
    })
}

pub(super) fn insert_with_password(user: &User, password: PasswordHash) -> Change {
    Change::InsertUser(NewUser {
        user: user.clone(),
        password: Some(password),
    })
}

pub(super) fn update<const N: usize>(user_id: &str, properties: [(&str, Value); N]) -> UserUpdate {
    UserUpdate {
        id: id(user_id),
        properties: properties
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        password: None,
        at: at(60),
    }
}

/// Makes changes that must work.
#[track_caller]
pub(super) fn done<T>(result: Result<T, StorageError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}: {error:?}"),
    }
}

#[track_caller]
pub(super) fn assert_refused<T>(expected: &Precondition, result: Result<T, StorageError>) {
    match result {
        Err(StorageError::Refused { precondition }) => assert_eq!(*expected, precondition),
        Err(other) => panic!("{other}: {other:?}"),
        Ok(_) => panic!("{expected:?} was believed to hold"),
    }
}

#[track_caller]
pub(super) fn assert_conflict<T>(expected: &Constraint, result: Result<T, StorageError>) {
    match result {
        Err(StorageError::Conflict { constraint }) => assert_eq!(*expected, constraint),
        Err(other) => panic!("{other}: {other:?}"),
        Ok(_) => panic!("{expected:?} was broken"),
    }
}

#[track_caller]
pub(super) fn assert_unavailable<T>(result: Result<T, StorageError>) {
    match result {
        Err(StorageError::Unavailable { .. }) => {}
        Err(other) => panic!("{other}: {other:?}"),
        Ok(_) => panic!("it answered"),
    }
}

pub(super) async fn user(storage: &dyn Storage, user_id: &str) -> Option<User> {
    done(storage.user(&id(user_id)).await)
}

/// The selectors of a user's sessions.
pub(super) async fn selectors_of(storage: &dyn Storage, user_id: &str) -> Vec<Selector> {
    let sessions = done(storage.sessions_of(&id(user_id)).await);
    sessions.iter().map(|session| session.selector).collect()
}
