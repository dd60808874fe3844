//! Reads that take several statements, once for every engine. An engine says how it runs one
//! ([`Reads`]).

use std::{collections::BTreeSet, future::Future, sync::Arc};

use vestibule_model::{ObjectId, Record, Row, Timestamp};
use vestibule_storage::{
    Expiry, FindQuery, GonePage, GoneQuery, GuestCounts, RelatedQuery, StorageError,
};

use crate::{
    Query, SqlCatalogue, finding,
    gone::{self, Candidate, Fate},
    owning, related, roles,
};

/// How many rows a read looks at that counts.
const ROWS_PER_COUNT: u64 = 20_000;

/// How many users one statement asks about.
const USERS_PER_STATEMENT: usize = 1_000;

/// How an engine runs a query.
pub trait Reads: Sync {
    /// What statements are compiled for, as it is at this moment.
    fn sql_catalogue(&self) -> Arc<SqlCatalogue>;

    /// All rows that a query answers.
    fn all<T: Send + 'static>(
        &self,
        query: Query<T>,
    ) -> impl Future<Output = Result<Vec<T>, StorageError>> + Send;

    /// All rows of a query that is compiled for the tables of the moment; again, if they turn out to be
    /// those of the past.
    fn read<T: Send + 'static>(
        &self,
        compile: impl Fn(&SqlCatalogue) -> Result<Query<T>, StorageError> + Send + Sync,
    ) -> impl Future<Output = Result<Vec<T>, StorageError>> + Send;
}

/// See [`Records::find`](vestibule_storage::Records::find).
///
/// # Errors
/// As there.
pub async fn find(reads: &impl Reads, query: &FindQuery) -> Result<Vec<Row>, StorageError> {
    if sees_few(reads, query).await? {
        let few = reads.read(|catalogue| finding::find_among_few(catalogue, query));
        return few.await;
    }
    reads
        .read(|catalogue| finding::find(catalogue, query))
        .await
}

/// Whether the caller sees so few rows that they are best found one by one.
async fn sees_few(reads: &impl Reads, query: &FindQuery) -> Result<bool, StorageError> {
    let sees_few = match finding::sees_few(&reads.sql_catalogue(), query) {
        Ok(Some(sees_few)) => sees_few,
        // The read itself looks at the catalogue again, and says what is wrong.
        Ok(None) | Err(_) => return Ok(false),
    };
    match reads.all(sees_few).await {
        Err(StorageError::SchemaChanged) => Ok(false),
        few => Ok(few?.first().copied().unwrap_or(false)),
    }
}

/// See [`Records::related`](vestibule_storage::Records::related).
///
/// # Errors
/// As there.
pub async fn related(
    reads: &impl Reads,
    query: &RelatedQuery,
) -> Result<Vec<(ObjectId, Vec<Record>)>, StorageError> {
    let mut rows = Vec::new();
    for part in related::parts(&query.parents) {
        let of_part = reads.read(|catalogue| related::of_parents(catalogue, query, &part));
        rows.extend(of_part.await?);
    }
    Ok(related::assemble(rows))
}

/// See [`Permissions::roles_of`](vestibule_storage::Permissions::roles_of).
///
/// # Errors
/// As there.
pub async fn roles_of(
    reads: &impl Reads,
    users: &[ObjectId],
) -> Result<Vec<(ObjectId, Vec<String>)>, StorageError> {
    let mut rows = Vec::new();
    for users in users.chunks(USERS_PER_STATEMENT) {
        rows.extend(reads.all(roles::of_users(users)).await?);
    }
    Ok(roles::assemble(rows))
}

/// See [`Guests::gone_guests`](vestibule_storage::Guests::gone_guests).
///
/// # Errors
/// As there.
pub async fn gone_guests(reads: &impl Reads, query: &GoneQuery) -> Result<GonePage, StorageError> {
    Ok(gone::page(query, candidates(reads, query).await?))
}

/// See [`Guests::guest_counts`](vestibule_storage::Guests::guest_counts).
///
/// # Errors
/// As there.
pub async fn guest_counts(
    reads: &impl Reads,
    expiry: &Expiry,
    now: Timestamp,
) -> Result<GuestCounts, StorageError> {
    let mut counts = GuestCounts::default();
    let mut query = GoneQuery {
        expiry: *expiry,
        now,
        after: None,
        limit: ROWS_PER_COUNT,
    };
    loop {
        let candidates = candidates(reads, &query).await?;
        for candidate in &candidates {
            match candidate.fate {
                Fate::Stays | Fate::NoGuest => {}
                Fate::Gone => counts.gone += 1,
                Fate::Kept => counts.kept += 1,
            }
        }
        query.after = gone::next(&query, &candidates);
        if query.after.is_none() {
            break;
        }
    }
    let mut guests = 0;
    let mut last = None;
    loop {
        let slice = reads
            .all(gone::slice(last.as_ref(), ROWS_PER_COUNT))
            .await?;
        let Some(slice) = slice.into_iter().next() else {
            break;
        };
        guests += slice.guests;
        last = slice.last;
        if last.is_none() {
            break;
        }
    }
    // Some may have been removed since they were counted among the gone.
    counts.live = guests.saturating_sub(counts.gone + counts.kept);
    counts.all = counts.live + counts.gone + counts.kept;
    Ok(counts)
}

async fn candidates(reads: &impl Reads, query: &GoneQuery) -> Result<Vec<Candidate>, StorageError> {
    match gone::candidates(query) {
        Some(candidates) => reads.all(candidates).await,
        None => Ok(Vec::new()),
    }
}

/// See [`Guests::owned_rows`](vestibule_storage::Guests::owned_rows).
///
/// # Errors
/// As there.
pub async fn owned_rows(
    reads: &impl Reads,
    owner: &ObjectId,
) -> Result<Vec<(String, u64)>, StorageError> {
    let mut owned = Vec::new();
    for tables in owning::parts(&reads.sql_catalogue()) {
        let rows = reads.read(|catalogue| Ok(owning::rows_in(catalogue, &tables, owner)));
        owned.extend(rows.await?.into_iter().filter(|(_, rows)| *rows > 0));
    }
    Ok(owned)
}

/// See [`Guests::owns_anything`](vestibule_storage::Guests::owns_anything).
///
/// # Errors
/// As there.
pub async fn owns_anything(
    reads: &impl Reads,
    owners: &[ObjectId],
) -> Result<Vec<ObjectId>, StorageError> {
    let mut owning = BTreeSet::new();
    for tables in owning::parts(&reads.sql_catalogue()) {
        for owners in owners.chunks(USERS_PER_STATEMENT) {
            let part = reads.read(|catalogue| Ok(owning::owners_in(catalogue, &tables, owners)));
            owning.extend(part.await?);
        }
    }
    Ok(owning.into_iter().collect())
}
