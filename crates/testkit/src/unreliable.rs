//! The storage of a kit: the real one, which fails when a test wants that.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use tokio::sync::watch;
use vestibule_model::{
    AuditRecord, Catalogue, HandlerSetting, LinkPurpose, ObjectId, OneTimeLink, Permission, Record,
    Row, Selector, Session, TimerState, Timestamp, User, Value,
};
use vestibule_storage::{
    Account, ActivityHistory, App, Applied, Apps, Change, CountQuery, Expiry, FindQuery, GonePage,
    GoneQuery, GuestCounts, Guests, HandlerSettings, OneTimeLinks, Permissions, Records,
    RelatedQuery, Sessions, Storage, StorageError, StoredSession, Timers, Users,
};

use crate::{
    client_calls::ClientCalls,
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

    /// The storage below, once it may be reached.
    async fn reach(&self, access: Access<'_>) -> Result<&dyn Storage, StorageError> {
        if self.is_broken.load(Ordering::Acquire) {
            match self.hit(access) {
                None => {}
                Some((Manner::Fails(error), _)) => {
                    self.failures.fetch_add(1, Ordering::AcqRel);
                    return Err(error);
                }
                Some((Manner::Waits, mended)) => self.mended_since(mended).await,
            }
        }
        Ok(&*self.storage)
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

/// Hands reads on to the storage below, unless it is broken.
macro_rules! hand_on {
    ($trait:ident { $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* }) => {
        #[async_trait]
        impl $trait for Unreliable {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StorageError> {
                self.reach(Access::Read).await?.$name($($argument),*).await
            })*
        }
    };
}

hand_on!(Apps {
    app() -> Option<App>;
    settings() -> Vec<(String, Value)>;
});
hand_on!(Guests {
    gone_guests(query: &GoneQuery) -> GonePage;
    guest_counts(expiry: &Expiry, now: Timestamp) -> GuestCounts;
    owned_rows(owner: &ObjectId) -> Vec<(String, u64)>;
    owns_anything(owners: &[ObjectId]) -> Vec<ObjectId>;
    kept_guests(after: Option<&ObjectId>, limit: u64) -> Vec<(ObjectId, Timestamp)>;
});
hand_on!(HandlerSettings {
    handler_settings() -> Vec<HandlerSetting>;
});
hand_on!(OneTimeLinks {
    one_time_link(selector: &Selector) -> Option<OneTimeLink>;
    one_time_link_of(user_id: &ObjectId, purpose: LinkPurpose) -> Option<OneTimeLink>;
});
hand_on!(Permissions {
    permissions() -> Vec<Permission>;
    roles() -> Vec<String>;
    roles_of(users: &[ObjectId]) -> Vec<(ObjectId, Vec<String>)>;
});
hand_on!(Records {
    find(query: &FindQuery) -> Vec<Row>;
    count(query: &CountQuery) -> u64;
    related(query: &RelatedQuery) -> Vec<(ObjectId, Vec<Record>)>;
});
hand_on!(Sessions {
    session(selector: &Selector) -> Option<StoredSession>;
    sessions_of(user_id: &ObjectId) -> Vec<Session>;
    activity_history() -> ActivityHistory;
});
hand_on!(Timers {
    timers() -> Vec<TimerState>;
});
hand_on!(Users {
    user(id: &ObjectId) -> Option<User>;
    account(id: &ObjectId) -> Option<Account>;
    account_by_identity(identity: &str) -> Option<Account>;
});

#[async_trait]
impl Storage for Unreliable {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        let storage = self.reach(Access::Write(&changes)).await?;
        let touched = ClientCalls::touched_by(&changes);
        let applied = storage.apply(changes).await?;
        self.calls.note(touched, &applied);
        Ok(applied)
    }

    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError> {
        self.reach(Access::Read).await?.catalogue().await
    }

    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError> {
        self.reach(Access::Read).await?.audit(offset, limit).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.reach(Access::Read).await?.check().await
    }

    async fn close(&self) {
        self.storage.close().await;
    }
}
