//! The storage of a kit: the real one, which fails when a test wants that.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use tokio::sync::watch;
use vestibule_model::{AuditRecord, Catalogue};
use vestibule_storage::{Applied, Change, Neighbours, News, Storage, StorageError};

use crate::{
    client_calls::ClientCalls,
    handing_on::hand_on_reads,
    outage::{Access, Manner, Outage},
};

/// A storage that fails when a test wants that; else it costs a look at a flag.
pub(crate) struct Unreliable {
    storage: Arc<dyn Storage>,
    is_broken: AtomicBool,
    outages: Mutex<Vec<Outage>>,
    failures: AtomicU64,
    /// How many wait, of those whom an outage delays; and how often the storage was mended.
    delayed: watch::Sender<Delayed>,
    pub(crate) calls: ClientCalls,
}

#[derive(Clone, Copy, Debug, Default)]
struct Delayed {
    waiting: u64,
    mended: u64,
}

/// What becomes of what the storage answers.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Comes,
    GetsLost,
}

impl Unreliable {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self {
            storage,
            is_broken: AtomicBool::new(false),
            outages: Mutex::default(),
            failures: AtomicU64::new(0),
            delayed: watch::Sender::default(),
            calls: ClientCalls::default(),
        }
    }

    pub(crate) fn break_down(&self, outage: Outage) {
        self.outages().push(outage);
        self.is_broken.store(true, Ordering::Release);
    }

    pub(crate) fn mend(&self) {
        let mut outages = self.outages();
        outages.clear();
        self.is_broken.store(false, Ordering::Release);
        self.delayed.send_modify(|delayed| delayed.mended += 1);
    }

    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    pub(crate) fn delayed(&self) -> u64 {
        self.delayed.borrow().waiting
    }

    /// The storage below, once it may be read.
    async fn below(&self) -> Result<&dyn Storage, StorageError> {
        match self.reach(Access::Read).await? {
            Answer::Comes => Ok(&*self.storage),
            Answer::GetsLost => Err(self.lost()),
        }
    }

    /// Ends when the storage below may be reached; says what will become of its answer.
    async fn reach(&self, access: Access<'_>) -> Result<Answer, StorageError> {
        if self.is_broken.load(Ordering::Acquire) {
            match self.hit(access) {
                None => {}
                Some((Manner::Fails(error), _)) => {
                    self.failures.fetch_add(1, Ordering::AcqRel);
                    return Err(error);
                }
                Some((Manner::Waits, mended)) => self.mended_since(mended).await,
                Some((Manner::LosesAnswer, _)) => return Ok(Answer::GetsLost),
            }
        }
        Ok(Answer::Comes)
    }

    fn lost(&self) -> StorageError {
        self.failures.fetch_add(1, Ordering::AcqRel);
        StorageError::unavailable("the test lost the answer")
    }

    /// What becomes of this access, and how often the storage had been mended by then.
    fn hit(&self, access: Access<'_>) -> Option<(Manner, u64)> {
        let mut outages = self.outages();
        let manner = outages.iter_mut().find_map(|outage| outage.hit(access));
        manner.map(|manner| (manner, self.delayed.borrow().mended))
    }

    async fn mended_since(&self, before: u64) {
        self.delayed.send_modify(|delayed| delayed.waiting += 1);
        let _counted = Waiting(&self.delayed);
        let mut delayed = self.delayed.subscribe();
        // The sender is this one, so it is not gone.
        let _ = delayed.wait_for(|delayed| delayed.mended > before).await;
    }

    fn outages(&self) -> MutexGuard<'_, Vec<Outage>> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits, until this is dropped.
struct Waiting<'a>(&'a watch::Sender<Delayed>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|delayed| delayed.waiting -= 1);
    }
}

hand_on_reads!(Unreliable);

#[async_trait]
impl Neighbours for Unreliable {
    fn has_neighbours(&self) -> bool {
        self.storage.has_neighbours()
    }

    fn hears(&self) -> bool {
        self.storage.hears()
    }

    async fn news(&self) -> Option<News> {
        self.storage.news().await
    }
}

#[async_trait]
impl Storage for Unreliable {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        let answer = self.reach(Access::Write(&changes)).await?;
        let touched = self.calls.touched_by(&changes);
        match self.storage.apply(changes).await {
            Ok(applied) => {
                self.calls.note(touched, &applied);
                match answer {
                    Answer::Comes => Ok(applied),
                    Answer::GetsLost => Err(self.lost()),
                }
            }
            Err(error) => {
                self.calls.take_back(touched);
                Err(error)
            }
        }
    }

    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError> {
        self.below().await?.catalogue().await
    }

    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError> {
        self.below().await?.audit(offset, limit).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.below().await?.check().await
    }

    async fn close(&self) {
        self.storage.close().await;
    }
}
