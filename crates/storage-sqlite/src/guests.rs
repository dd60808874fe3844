use std::collections::BTreeSet;

use async_trait::async_trait;
use vestibule_model::{ObjectId, Timestamp};
use vestibule_sql::{
    gone::{self, Candidate, Fate},
    owning,
};
use vestibule_storage::{Expiry, GonePage, GoneQuery, GuestCounts, Guests, StorageError};

use crate::Sqlite;

/// How many rows a read looks at that counts.
const ROWS_PER_COUNT: u64 = 20_000;

/// How many users one statement asks about what they own.
const OWNERS_PER_STATEMENT: usize = 1_000;

#[async_trait]
impl Guests for Sqlite {
    async fn gone_guests(&self, query: &GoneQuery) -> Result<GonePage, StorageError> {
        Ok(gone::page(query, self.candidates(query).await?))
    }

    async fn guest_counts(
        &self,
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
            let candidates = self.candidates(&query).await?;
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
            let slice = gone::slice(last.as_ref(), ROWS_PER_COUNT);
            let Some(slice) = self.readers.first(slice).await? else {
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

    async fn owned_rows(&self, owner: &ObjectId) -> Result<Vec<(String, u64)>, StorageError> {
        let mut owned = Vec::new();
        for tables in owning::parts(&self.catalogue.current()) {
            let rows = self.read(|catalogue| Ok(owning::rows_in(catalogue, &tables, owner)));
            owned.extend(rows.await?.into_iter().filter(|(_, rows)| *rows > 0));
        }
        Ok(owned)
    }

    async fn owns_anything(&self, owners: &[ObjectId]) -> Result<Vec<ObjectId>, StorageError> {
        let mut owning = BTreeSet::new();
        for tables in owning::parts(&self.catalogue.current()) {
            for owners in owners.chunks(OWNERS_PER_STATEMENT) {
                let part = self.read(|catalogue| Ok(owning::owners_in(catalogue, &tables, owners)));
                owning.extend(part.await?);
            }
        }
        Ok(owning.into_iter().collect())
    }

    async fn kept_guests(
        &self,
        after: Option<&ObjectId>,
        limit: u64,
    ) -> Result<Vec<(ObjectId, Timestamp)>, StorageError> {
        self.readers.all(gone::kept(after, limit)).await
    }
}

impl Sqlite {
    async fn candidates(&self, query: &GoneQuery) -> Result<Vec<Candidate>, StorageError> {
        match gone::candidates(query) {
            Some(candidates) => self.readers.all(candidates).await,
            None => Ok(Vec::new()),
        }
    }
}
