//! The coming and going of guests, for the sentences.

use vestibule_model::{Selector, Session, UserStatus};

use super::samples::*;
use crate::{Change, Expiry, GonePlace, GoneQuery, Storage};

/// A guest login.
pub(super) fn login(number: u8, name: &str) -> Vec<Change> {
    vec![insert(&guest(name)), open(number, name)]
}

/// Opens a session that was last used, and began, in the second of its number.
pub(super) fn open(number: u8, name: &str) -> Change {
    begin(number, name, i64::from(number))
}

/// Opens a session that was last used in the second of its number and began in another one.
pub(super) fn begin(number: u8, name: &str, second: i64) -> Change {
    Change::OpenSession(Session {
        created: at(second),
        selector: selector_of(number, second),
        ..session(number, name)
    })
}

pub(super) fn end(numbers: &[u8]) -> Change {
    let numbers = numbers.iter();
    Change::EndSessions(numbers.map(|number| key(*number)).collect())
}

/// A selector as a server makes it for a session that begins in this second.
pub(super) fn selector_of(number: u8, second: i64) -> Selector {
    let mut bytes = *Selector::last_of(at(second)).as_bytes();
    bytes[15] = number;
    Selector::from_bytes(bytes)
}

/// The selector of a session that [`open`] opens.
pub(super) fn key(number: u8) -> Selector {
    selector_of(number, i64::from(number))
}

pub(super) fn status(name: &str, status: UserStatus) -> Change {
    Change::SetUserStatus {
        id: id(name),
        status,
        at: at(1),
    }
}

/// What has not been used since this second is dead.
pub(super) fn unused_since(second: i64) -> Expiry {
    Expiry {
        last_used: Some(active(second)),
        created: None,
    }
}

/// What began in this second or before is dead.
pub(super) fn begun_by(second: i64) -> Expiry {
    Expiry {
        last_used: None,
        created: Some(at(second)),
    }
}

pub(super) fn query(expiry: Expiry, limit: u64, after: Option<GonePlace>) -> GoneQuery {
    GoneQuery {
        expiry,
        now: at(0),
        after,
        limit,
    }
}

/// The guests that are gone, in their order, which is the same in pages of every size.
pub(super) async fn gone(storage: &dyn Storage, expiry: Expiry) -> Vec<String> {
    let whole = gone_in_pages(storage, &query(expiry, 100, None)).await;
    for limit in 0..4 {
        let pages = gone_in_pages(storage, &query(expiry, limit, None)).await;
        assert_eq!(whole, pages, "in pages of {limit}");
    }
    whole
}

/// The guests that are gone from a place on.
pub(super) async fn gone_in_pages(storage: &dyn Storage, query: &GoneQuery) -> Vec<String> {
    let mut query = query.clone();
    let mut guests = Vec::new();
    loop {
        let page = done(storage.gone_guests(&query).await);
        assert!(page.guests.len() <= usize::try_from(query.limit.max(1)).unwrap());
        guests.extend(page.guests.iter().map(ToString::to_string));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return guests,
        }
    }
}
