use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use vestibule_model::{Monotonic, Timestamp};
use vestibule_storage::{GuestCounts, StorageError};

use crate::{
    Result,
    engine::{Engine, EngineInner},
    event::Event,
    operations::LoginAsGuest,
};

/// The event by which guests become registered users.
const CONVERT_GUEST: &str = "convertGuest";

/// A count that the operator asks for is not repeated for this long.
const COUNT_KEPT_FOR: Duration = Duration::from_secs(5);

/// Between two counts that nobody asked for lies this long, and this many times what one took: to
/// count guests is to read all users.
const COUNTED_EVERY: Duration = Duration::from_secs(60);
const PART_OF_THE_TIME: u32 = 100;

/// Why guests who are gone are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeptBy {
    /// A handler of `PurgeGuest` said so.
    Handler,
    /// A handler of `PurgeGuest` refused or failed.
    HandlerFailure,
    /// They own rows, and `guests.ownedRows` is `keep-guest`.
    OwnedRows,
    /// One of their calls was running, or they were being converted.
    Call,
}

impl KeptBy {
    /// Every reason, in the order in which they are listed.
    pub const ALL: [Self; 4] = [
        Self::Handler,
        Self::HandlerFailure,
        Self::OwnedRows,
        Self::Call,
    ];

    /// The reason as it is called in the admin API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::HandlerFailure => "handlerFailure",
            Self::OwnedRows => "ownedRows",
            Self::Call => "call",
        }
    }
}

/// What is known about guests in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuestNumbers {
    /// Guests who came in since the start.
    pub made: u64,
    /// Guests who registered since the start.
    pub converted: u64,
    /// Guests who were removed since the start, since they were gone.
    pub purged: u64,
    /// How often a guest who was gone was kept since the start, by reason.
    pub kept: Vec<(KeptBy, u64)>,
    /// How many there are, and when they were counted; nothing before the first count, and on a server
    /// that leaves the cleanup to another one.
    pub counted: Option<(GuestCounts, Timestamp)>,
}

/// What the engine counts of guests.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    made: AtomicU64,
    converted: AtomicU64,
    purged: AtomicU64,
    kept: [AtomicU64; KeptBy::ALL.len()],
    counted: Mutex<Option<Counted>>,
    /// One count at a time.
    counting: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    counts: GuestCounts,
    at: Timestamp,
    ended: Monotonic,
    took: Duration,
}

impl Numbers {
    /// Notes that an operation worked out.
    pub(crate) fn note_performed<E: Event>(&self) {
        if E::NAME == LoginAsGuest::NAME {
            self.made.fetch_add(1, Ordering::Relaxed);
        } else if E::NAME == CONVERT_GUEST {
            self.converted.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn note_purged(&self, guests: usize) {
        self.purged.fetch_add(guests as u64, Ordering::Relaxed);
    }

    pub(super) fn note_kept(&self, by: KeptBy) {
        self.kept[by as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn counted(&self) -> Option<Counted> {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was counted, unless that was just now: another server counts from now on.
    pub(super) fn forget_count(&self, now: Monotonic) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.take_if(|counted| now.since(counted.ended) >= COUNT_KEPT_FOR);
    }

    fn show(&self) -> GuestNumbers {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let kept = KeptBy::ALL.map(|by| (by, read(&self.kept[by as usize])));
        GuestNumbers {
            made: read(&self.made),
            converted: read(&self.converted),
            purged: read(&self.purged),
            kept: kept.to_vec(),
            counted: self.counted().map(|counted| (counted.counts, counted.at)),
        }
    }
}

impl Engine {
    /// What is known about guests in numbers, without asking the database: the cleanup counts them
    /// from time to time.
    pub fn guest_numbers(&self) -> GuestNumbers {
        self.inner.guests.numbers.show()
    }

    /// The same, with guests counted just now or seconds ago. For the operator.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn count_guests(&self) -> Result<GuestNumbers> {
        self.inner
            .count_guests(|counted, now| now.since(counted.ended) >= COUNT_KEPT_FOR)
            .await?;
        Ok(self.guest_numbers())
    }
}

impl EngineInner {
    /// Counts guests again if that is not too much work for what nobody asked for.
    pub(super) async fn count_guests_now_and_then(&self) -> Result<(), StorageError> {
        self.count_guests(|counted, now| {
            now.since(counted.ended) >= COUNTED_EVERY.max(counted.took * PART_OF_THE_TIME)
        })
        .await
    }

    async fn count_guests(
        &self,
        is_due: impl Fn(&Counted, Monotonic) -> bool,
    ) -> Result<(), StorageError> {
        let numbers = &self.guests.numbers;
        let _one_at_a_time = numbers.counting.lock().await;
        let began = self.clock.monotonic();
        if let Some(counted) = numbers.counted()
            && !is_due(&counted, began)
        {
            return Ok(());
        }
        let at = self.clock.now();
        let expiry = self.sessions.expiry(&self.settings.current().sessions);
        let counts = self.storage.guest_counts(&expiry, at).await?;
        let ended = self.clock.monotonic();
        let counted = Counted {
            counts,
            at,
            ended,
            took: ended.since(began),
        };
        *numbers
            .counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(counted);
        Ok(())
    }
}
