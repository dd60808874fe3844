use std::{fmt, sync::Arc};

use vestibule_storage::{Change, Constraint, StorageError};

/// What the storage of a [`TestKit`](crate::TestKit) is to fail at, and how.
///
/// ```
/// use vestibule::prelude::*;
/// use vestibule_testkit::{Change, Outage, TestKit};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let kit = TestKit::bare().start().await;
/// // The next session that somebody opens cannot be stored; everything else can.
/// let sessions = Outage::of_writes_with(|change| matches!(change, Change::OpenSession(_)));
/// kit.break_storage(sessions.times(1));
/// let refused = kit.anonymous().submit(LoginAsGuest::default()).await.unwrap_err();
/// assert_eq!(Some(503), refused.chosen_status());
/// assert_eq!(1, kit.storage_failures());
/// kit.guest().await;
/// # }
/// ```
///
/// The trap: the app itself reads and writes beside the calls of a test, when time passes: the last uses
/// of sessions every few seconds, timers, guests that are gone. An outage [`times(1)`](Outage::times)
/// may hit one of these first; say what it is to hit with
/// [`of_writes_with`](Outage::of_writes_with), or let the clock stand still.
#[derive(Clone)]
pub struct Outage {
    hits: Hits,
    skipped: u64,
    left: Option<u64>,
    manner: Manner,
}

/// What an outage hits.
#[derive(Clone)]
enum Hits {
    Everything,
    Reads,
    Writes(Arc<dyn Fn(&Change) -> bool + Send + Sync>),
}

/// What becomes of what is hit.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// It fails.
    Fails(StorageError),
    /// It waits until the storage is mended, and is done then.
    Waits,
    /// It is done, and fails then.
    LosesAnswer,
}

/// What somebody is about to do.
#[derive(Clone, Copy)]
pub(crate) enum Access<'a> {
    Read,
    Write(&'a [Change]),
}

impl Outage {
    /// The database does not answer at all.
    pub fn of_everything() -> Self {
        Self::of(Hits::Everything)
    }

    /// Nothing can be read; what needs no reading can be written.
    pub fn of_reads() -> Self {
        Self::of(Hits::Reads)
    }

    /// Nothing can be written, as with a full disk.
    pub fn of_writes() -> Self {
        Self::of_writes_with(|_| true)
    }

    /// No step can be written that contains such a change; the step as a whole fails then, as a step
    /// always does.
    pub fn of_writes_with(is_hit: impl Fn(&Change) -> bool + Send + Sync + 'static) -> Self {
        Self::of(Hits::Writes(Arc::new(is_hit)))
    }

    fn of(hits: Hits) -> Self {
        Self {
            hits,
            skipped: 0,
            left: None,
            manner: Manner::Fails(StorageError::unavailable("the test broke the storage")),
        }
    }

    /// Lets the first so many of what it hits pass.
    pub fn after(mut self, skipped: u64) -> Self {
        self.skipped = skipped;
        self
    }

    /// Ends by itself when it has hit so often; else it lasts until
    /// [`mend_storage`](crate::TestKit::mend_storage).
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// Fails as a database whose queue is full, rather than as one that does not answer.
    pub fn busy(mut self) -> Self {
        self.manner = Manner::Fails(StorageError::Busy);
        self
    }

    /// Fails as if somebody else had been faster, and as if this constraint would be broken now.
    ///
    /// The trap: only writes break constraints, so this goes with an outage of writes.
    pub fn conflict(mut self, constraint: Constraint) -> Self {
        self.manner = Manner::Fails(StorageError::Conflict { constraint });
        self
    }

    /// Fails with this error.
    pub fn with(mut self, error: StorageError) -> Self {
        self.manner = Manner::Fails(error);
        self
    }

    /// Fails at nothing, but lets it wait until [`mend_storage`](crate::TestKit::mend_storage).
    ///
    /// The trap: so wait beside the call, with `tokio::join!`.
    pub fn delayed(mut self) -> Self {
        self.manner = Manner::Waits;
        self
    }

    /// Does what it is asked, and fails then: as a database whose connection breaks before it answers.
    ///
    /// The trap: reads just fail.
    pub fn unanswered(mut self) -> Self {
        self.manner = Manner::LosesAnswer;
        self
    }

    /// What becomes of this access, if the outage hits it.
    pub(crate) fn hit(&mut self, access: Access<'_>) -> Option<Manner> {
        let is_hit = match (&self.hits, access) {
            (Hits::Everything, _) | (Hits::Reads, Access::Read) => true,
            (Hits::Writes(is_hit), Access::Write(changes)) => {
                changes.iter().any(|change| is_hit(change))
            }
            (Hits::Reads, Access::Write(_)) | (Hits::Writes(_), Access::Read) => false,
        };
        if !is_hit {
            return None;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return None;
        }
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        Some(self.manner.clone())
    }
}

impl fmt::Debug for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hits = match self.hits {
            Hits::Everything => "everything",
            Hits::Reads => "reads",
            Hits::Writes(_) => "writes",
        };
        f.debug_struct("Outage")
            .field("hits", &hits)
            .field("skipped", &self.skipped)
            .field("left", &self.left)
            .field("manner", &self.manner)
            .finish()
    }
}
