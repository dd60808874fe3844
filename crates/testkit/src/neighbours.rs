//! Several servers on one database, which hear of each other as long as a test lets them.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::Notify;
use vestibule_model::{AuditRecord, Catalogue, Clock, ManualClock, Monotonic};
use vestibule_storage::{Applied, Change, Neighbours, News, Storage, StorageError};
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

use crate::handing_on::hand_on_reads;

/// How long a storage takes to notice that it does not hear any more.
const NOTICED_AFTER: Duration = Duration::from_secs(1);

/// One database that several servers share.
///
/// ```
/// use std::sync::Arc;
/// use vestibule_core::Engine;
/// use vestibule_model::{ManualClock, Timestamp};
/// use vestibule_testkit::Neighbourhood;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let shared = Neighbourhood::new();
/// let clock = ManualClock::at(Timestamp::from_millis(1_767_225_600_000));
/// let server = || Engine::builder(shared.server(&clock)).clock(Arc::new(clock.clone()));
/// let (first, made) = server().start().await.unwrap();
/// let (second, found) = server().start().await.unwrap();
/// assert_eq!((true, false), (made.first_start, found.first_start));
/// assert_eq!(first.app(), second.app());
/// # }
/// ```
///
/// The trap: news take their way between tasks, as they do between servers; wait for what they are to
/// bring about.
#[derive(Clone)]
pub struct Neighbourhood(Arc<Street>);

struct Street {
    storage: Arc<dyn Storage>,
    servers: Mutex<Vec<Arc<Inbox>>>,
    /// Where the data is, if it is nobody else's.
    _folder: Option<TempDir>,
}

/// The database, as one of several servers sees it. Had from [`Neighbourhood::server`].
pub struct Neighbour {
    street: Arc<Street>,
    inbox: Arc<Inbox>,
    clock: ManualClock,
}

#[derive(Default)]
struct Inbox {
    letters: Mutex<Letters>,
    arrived: Notify,
}

#[derive(Default)]
struct Letters {
    news: VecDeque<News>,
    /// Since when nothing arrives any more, if that is so.
    deaf_since: Option<Monotonic>,
    /// Whether something was missed, and nobody has followed that yet.
    missed: bool,
    closed: bool,
}

impl Neighbourhood {
    /// A new database in a temporary folder, on which nobody has started yet.
    ///
    /// # Panics
    /// Fails the test when there can be none.
    #[expect(clippy::new_without_default, reason = "no value: it makes files")]
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("vestibule-testkit-").expect("a temporary folder");
        let options = SqliteOptions {
            durability: Durability::Off,
            ..SqliteOptions::in_folder(folder.path())
        };
        let sqlite = Sqlite::open(options).unwrap_or_else(|error| panic!("{error}"));
        Self::with(Arc::new(sqlite), Some(folder))
    }

    /// Lets servers share this storage.
    pub fn of(storage: Arc<dyn Storage>) -> Self {
        Self::with(storage, None)
    }

    fn with(storage: Arc<dyn Storage>, folder: Option<TempDir>) -> Self {
        Self(Arc::new(Street {
            storage,
            servers: Mutex::default(),
            _folder: folder,
        }))
    }

    /// The storage for one more server, which hears of all others. Whether it hears is told by this
    /// clock.
    pub fn server(&self, clock: &ManualClock) -> Arc<Neighbour> {
        let inbox = Arc::<Inbox>::default();
        self.0.servers().push(Arc::clone(&inbox));
        Arc::new(Neighbour {
            street: Arc::clone(&self.0),
            inbox,
            clock: clock.clone(),
        })
    }

    /// How many servers have not closed their storage.
    pub(crate) fn open(&self) -> usize {
        self.0.servers().len()
    }
}

impl Neighbour {
    /// Loses all news of others from now on. The server notices after a second of its clock.
    pub fn lose_news(&self) {
        let now = self.clock.monotonic();
        self.inbox.letters().deaf_since.get_or_insert(now);
    }

    /// Hears of the others again. What was missed is not made up for: the server is told that it missed
    /// something.
    pub fn hear_again(&self) {
        let mut letters = self.inbox.letters();
        letters.deaf_since = None;
        letters.missed = true;
        letters.news.clear();
        letters.news.push_back(News::missed());
        drop(letters);
        self.inbox.arrived.notify_one();
    }

    async fn below(&self) -> Result<&dyn Storage, StorageError> {
        Ok(&*self.street.storage)
    }
}

impl Street {
    fn servers(&self) -> MutexGuard<'_, Vec<Arc<Inbox>>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, news: &News) {
        let mut letters = self.letters();
        if letters.deaf_since.is_none() {
            letters.news.push_back(news.clone());
            self.arrived.notify_one();
        }
    }

    /// The next news; `Some(None)` is that there will be none.
    fn take(&self) -> Option<Option<News>> {
        let mut letters = self.letters();
        let next = letters.news.pop_front();
        // Whoever was told of something missed has followed it when it comes back.
        letters.missed = next.as_ref().is_some_and(|news| news.missed);
        if letters.closed {
            return Some(None);
        }
        next.map(Some)
    }
}

hand_on_reads!(Neighbour);

#[async_trait]
impl Neighbours for Neighbour {
    fn has_neighbours(&self) -> bool {
        true
    }

    fn hears(&self) -> bool {
        let letters = self.inbox.letters();
        let is_silent = letters
            .deaf_since
            .is_some_and(|since| self.clock.monotonic().since(since) > NOTICED_AFTER);
        !letters.missed && !is_silent
    }

    async fn news(&self) -> Option<News> {
        loop {
            if let Some(news) = self.inbox.take() {
                return news;
            }
            self.inbox.arrived.notified().await;
        }
    }
}

#[async_trait]
impl Storage for Neighbour {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        let told = changes.clone();
        let applied = self.street.storage.apply(changes).await?;
        let news = News::of(&told, &applied);
        if !news.is_empty() {
            let servers = self.street.servers();
            let others = servers
                .iter()
                .filter(|other| !Arc::ptr_eq(other, &self.inbox));
            others.for_each(|other| other.put(&news));
        }
        Ok(applied)
    }

    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError> {
        self.street.storage.catalogue().await
    }

    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError> {
        self.street.storage.audit(offset, limit).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.street.storage.check().await
    }

    async fn close(&self) {
        let was_last = {
            let mut servers = self.street.servers();
            servers.retain(|other| !Arc::ptr_eq(other, &self.inbox));
            servers.is_empty()
        };
        self.inbox.letters().closed = true;
        self.inbox.arrived.notify_one();
        if was_last {
            self.street.storage.close().await;
        }
    }
}

impl fmt::Debug for Neighbourhood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbourhood")
            .field("servers", &self.open())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbour")
            .field("hears", &self.hears())
            .finish_non_exhaustive()
    }
}
