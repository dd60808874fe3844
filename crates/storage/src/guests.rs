use async_trait::async_trait;
use vestibule_model::{ActivityTime, ObjectId, Selector, Timestamp};

use crate::StorageError;

/// Reads of guests: which of them have gone, and what they leave behind.
///
/// A guest is *gone* when it has no session that lives (by an [`Expiry`]) and is not kept
/// ([`Change::KeepGuest`](crate::Change::KeepGuest)). What is read here is a moment old at once;
/// whoever acts on it asks again in the step itself
/// ([`Precondition::GuestIsGone`](crate::Precondition::GuestIsGone),
/// [`Precondition::OwnsNothing`](crate::Precondition::OwnsNothing)).
#[async_trait]
pub trait Guests {
    /// Guests that are gone, each once, by and by: those whose sessions were ended first, then those
    /// whose sessions died of old age, the longest unused first.
    ///
    /// A page looks at no more than [`GoneQuery::limit`] candidates and is never more work than
    /// that, however many guests live. It may be empty though more come after it: go on from
    /// [`GonePage::next`] until there is none. Whatever dies later comes after what has died so far,
    /// or among those whose sessions were ended.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn gone_guests(&self, query: &GoneQuery) -> Result<GonePage, StorageError>;

    /// How many guests there are, by what becomes of them.
    ///
    /// It looks at every user and at every session that is dead, in slices: no single read is long,
    /// but with a million guests all of them take half a second, and with a million that are gone
    /// some seconds. So it is no call for every request. What changes meanwhile may be counted or
    /// not.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn guest_counts(
        &self,
        expiry: &Expiry,
        now: Timestamp,
    ) -> Result<GuestCounts, StorageError>;

    /// How many rows a user owns in each table where it owns any, by the name of the table. The
    /// user's own row does not count.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn owned_rows(&self, owner: &ObjectId) -> Result<Vec<(String, u64)>, StorageError>;

    /// Those of these users that own a row in any table, ascending. Their own rows do not count.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn owns_anything(&self, owners: &[ObjectId]) -> Result<Vec<ObjectId>, StorageError>;

    /// The guests that somebody wanted to keep, and until when, by ascending id after `after`, at
    /// most `limit`. The time of some may be over.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn kept_guests(
        &self,
        after: Option<&ObjectId>,
        limit: u64,
    ) -> Result<Vec<(ObjectId, Timestamp)>, StorageError>;
}

/// What ends a session by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    /// A session whose last use is at or before this moment is dead; `None`: none is, for that
    /// reason.
    pub last_used: Option<ActivityTime>,
    /// A session that began at or before this moment is dead; `None`: none is, for that reason.
    pub created: Option<Timestamp>,
}

/// Which guests are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneQuery {
    /// Which sessions are dead.
    pub expiry: Expiry,
    /// The moment; whoever is kept beyond it is not gone.
    pub now: Timestamp,
    /// Where the page before ended; `None` is the beginning.
    pub after: Option<GonePlace>,
    /// How many candidates to look at, and so how many guests to answer at most.
    pub limit: u64,
}

/// Guests that are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GonePage {
    /// Who they are.
    pub guests: Vec<ObjectId>,
    /// Sessions of users who are no guests, among the candidates that were looked at: dead by the
    /// same [`Expiry`], and of no use to anybody. Ended, they are no candidates any more.
    pub dead_sessions_of_others: Vec<Selector>,
    /// Where to go on; `None` if everybody has been looked at.
    pub next: Option<GonePlace>,
}

/// A place in the order of [`Guests::gone_guests`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GonePlace {
    /// Behind this one of those whose sessions were ended.
    Departed(ObjectId),
    /// Behind this session of those that were not used for too long. `None` is before all of them.
    Unused(Option<(ActivityTime, Selector)>),
    /// Behind this session of those that are too old, however much they are used. `None` is before
    /// all of them.
    Old(Option<(Timestamp, Selector)>),
}

/// How many guests there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuestCounts {
    /// Altogether: the sum of the others.
    pub all: u64,
    /// Those with a session that lives.
    pub live: u64,
    /// Those that are gone.
    pub gone: u64,
    /// Those without a session that lives, which somebody wanted to keep.
    pub kept: u64,
}
