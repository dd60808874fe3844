mod by_selector;
mod lifetime;
#[cfg(test)]
mod tests;
mod uses;

use crate::custom_roles::CustomRoles;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use dashmap::{DashMap, DashSet};
use subtle::ConstantTimeEq;
use vestibule_model::{
    ActivityTime, Clock, Monotonic, ObjectId, Selector, Session, SessionSettings, Timestamp,
    UserStatus, VerifierHash,
};
use vestibule_storage::{Storage, StorageError, StoredSession};

use self::by_selector::BySelector;
pub(crate) use self::lifetime::flush_interval;
use super::{ActivityClock, Token};

/// How long an unknown selector is remembered, so that a client that goes on with a dead token
/// costs one read a second.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);

/// Unknown selectors remembered at most; further ones are asked for each time.
const UNKNOWN_AT_MOST: usize = 10_000;

/// Parts that sessions are split into, so that the end of one does not disturb the others.
const GENERATIONS: usize = 256;

/// How long a session that is written down and not used stays in memory.
const IDLE_FOR: Duration = Duration::from_secs(3600);

/// A session that this server has seen, as it is kept in memory.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) selector: Selector,
    pub(crate) user_id: ObjectId,
    pub(crate) status: UserStatus,
    /// The custom roles of the user.
    pub(crate) roles: CustomRoles,
    verifier_hash: VerifierHash,
    created: Timestamp,
    last_used: AtomicI64,
    /// Whether `last_used` is newer than what is stored.
    unsaved: AtomicBool,
}

impl Live {
    /// A session of a user without custom roles.
    pub(crate) fn new(session: &Session, status: UserStatus) -> Self {
        Self {
            selector: session.selector,
            user_id: session.user_id.clone(),
            status,
            roles: CustomRoles::default(),
            verifier_hash: session.verifier_hash,
            created: session.created,
            last_used: AtomicI64::new(session.last_used.as_millis()),
            unsaved: AtomicBool::new(false),
        }
    }

    fn last_used(&self) -> ActivityTime {
        ActivityTime::from_millis(self.last_used.load(Ordering::Relaxed))
    }

    /// Notes a use, unless a later one is known.
    fn note_use(&self, at: ActivityTime) {
        self.last_used.fetch_max(at.as_millis(), Ordering::Relaxed);
    }

    /// Whether it is of the same user, in the same state and with the same roles.
    fn says_the_same_as(&self, other: &Self) -> bool {
        self.user_id == other.user_id && self.status == other.status && self.roles == other.roles
    }
}

/// Proof that somebody presented the token of a live session. Only the engine makes one.
#[derive(Clone, Debug)]
pub struct SessionProof {
    pub(crate) live: Arc<Live>,
}

/// What became of a token.
pub(crate) enum Checked {
    Live(Arc<Live>),
    Dead,
}

/// All sessions that this server has seen, and how long each may still live.
///
/// A session in here is the truth about itself: its row may lag behind by one flush. Where there are
/// other servers, the row may be ahead as well, for they write down what they see; so whoever seems to
/// have expired is read again, and a server that does not hear of the others reads every time. There is
/// no lock that all calls share; the maps are split by selector.
pub(crate) struct SessionMemory {
    clock: Arc<dyn Clock>,
    activity: ActivityClock,
    /// Whether other servers use the sessions, too.
    has_neighbours: bool,
    live: BySelector,
    unsaved: DashSet<Selector>,
    /// Uses that are not written down yet, of sessions that were forgotten since others changed them.
    uses_of_forgotten: DashMap<Selector, ActivityTime>,
    unknown: DashMap<Selector, Monotonic>,
    /// Count whatever may make a row that is being read out of date, by a part of the selector.
    generations: Vec<AtomicU64>,
    /// Whether a user may have a custom role, which a login does not know.
    may_have_roles: AtomicBool,
}

impl SessionMemory {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        activity: ActivityClock,
        has_neighbours: bool,
    ) -> Self {
        Self {
            clock,
            activity,
            has_neighbours,
            live: BySelector::default(),
            unsaved: DashSet::new(),
            uses_of_forgotten: DashMap::new(),
            unknown: DashMap::new(),
            generations: (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect(),
            may_have_roles: AtomicBool::new(false),
        }
    }

    /// Notes that there is a custom role, or is about to be one. To be called before anybody can be
    /// given it.
    pub(crate) fn expect_roles(&self) {
        self.may_have_roles.store(true, Ordering::SeqCst);
    }

    pub(crate) fn activity(&self) -> &ActivityClock {
        &self.activity
    }

    /// How many sessions are in memory.
    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }

    /// Looks a token up: in memory, or by one indexed read the first time, and whenever memory may be
    /// out of date.
    pub(crate) async fn check(
        &self,
        token: &Token,
        settings: &SessionSettings,
        storage: &dyn Storage,
    ) -> Result<Checked, StorageError> {
        let selector = token.selector();
        let hears = storage.hears();
        let live = match self
            .live
            .get(&selector)
            .filter(|live| hears && self.is_fresh(live, settings))
        {
            Some(live) => live,
            None if hears && self.is_known_to_be_unknown(&selector) => return Ok(Checked::Dead),
            None => match self.load(&selector, settings, storage).await? {
                Some(live) => live,
                None => {
                    self.remember_unknown(selector);
                    return Ok(Checked::Dead);
                }
            },
        };
        let (presented, stored) = (token.verifier_hash(), live.verifier_hash);
        let same: bool = presented.as_bytes().ct_eq(stored.as_bytes()).into();
        if same && self.is_alive(&live, settings) {
            return Ok(Checked::Live(live));
        }
        if same && self.has_neighbours {
            // Its row said so just now, and nobody can bring it back.
            self.remember_unknown(selector);
        }
        Ok(Checked::Dead)
    }

    /// What to hand to [`insert_opened`](Self::insert_opened) after opening a session.
    pub(crate) fn generation(&self, selector: &Selector) -> u64 {
        self.generation_of(selector).load(Ordering::SeqCst)
    }

    /// Takes in a session that was just opened, so that its first use reads nothing.
    ///
    /// `generation` is from before the session was opened: if anything was forgotten since, it may
    /// have been this session, and its first use reads its row after all. So it does where there are
    /// custom roles: which of them the user has stands with the row, and guests have none.
    pub(crate) fn insert_opened(&self, live: Live, generation: u64) {
        let roles_are_known =
            live.status == UserStatus::Guest || !self.may_have_roles.load(Ordering::SeqCst);
        if !roles_are_known {
            return;
        }
        let selector = live.selector;
        self.live.insert(Arc::new(live));
        if self.generation(&selector) != generation {
            self.live.remove(&selector);
        }
    }

    /// Forgets sessions that have ended; what is stored counts from now on.
    pub(crate) fn forget(&self, selectors: &[Selector]) {
        for selector in selectors {
            // First the count, then the removal: a reader that loaded the old row either sees the
            // new count and reads again, or has put its row in before and loses it here.
            self.generation_of(selector).fetch_add(1, Ordering::SeqCst);
            self.remove(selector);
        }
    }

    /// Forgets the sessions of users who changed. Looks at every session, once for all of these users:
    /// for rare changes only.
    pub(crate) fn forget_users(&self, user_ids: &BTreeSet<ObjectId>) {
        if user_ids.is_empty() {
            return;
        }
        self.forget_those(|live| user_ids.contains(&live.user_id));
    }

    /// Forgets the sessions of users who have this custom role. Looks at every session.
    pub(crate) fn forget_role(&self, role: &str) {
        self.forget_those(|live| live.roles.iter().any(|name| name == role));
    }

    /// Forgets all sessions: nobody knows which of them have ended.
    pub(crate) fn forget_all(&self) {
        self.forget_those(|_| true);
        self.unknown.clear();
    }

    fn forget_those(&self, is_outdated: impl Fn(&Live) -> bool) {
        for generation in &self.generations {
            generation.fetch_add(1, Ordering::SeqCst);
        }
        self.live.retain(|live| {
            let is_outdated = is_outdated(live);
            if is_outdated {
                self.keep_use_of(live);
            }
            !is_outdated
        });
    }

    fn remove(&self, selector: &Selector) {
        if let Some(live) = self.live.remove(selector) {
            self.keep_use_of(&live);
        }
    }

    /// Lets go of sessions that have expired or that nobody uses, and of selectors that were unknown
    /// a while ago. Whoever comes back is read again.
    pub(crate) fn evict(&self, settings: &SessionSettings) {
        let now = self.activity.now();
        self.live.retain(|live| {
            let in_use =
                live.unsaved.load(Ordering::Acquire) || now.since(live.last_used()) <= IDLE_FOR;
            in_use && self.is_alive(live, settings)
        });
        self.evict_unknown();
    }

    async fn load(
        &self,
        selector: &Selector,
        settings: &SessionSettings,
        storage: &dyn Storage,
    ) -> Result<Option<Arc<Live>>, StorageError> {
        loop {
            let generation = self.generation(selector);
            let Some(StoredSession {
                session,
                user_status,
                user_roles,
            }) = storage.session(selector).await?
            else {
                // Somebody else ended it, and it was not heard of.
                self.live.remove(selector);
                return Ok(None);
            };
            let mut live = self.revive(&session, settings);
            live.status = user_status;
            live.roles = user_roles.into();
            let live = self.take_in(live);
            if self.generation(selector) == generation {
                return Ok(Some(live));
            }
            self.remove(selector);
        }
    }

    /// Takes in what was read. Another call may have read it before, and used it: that use counts.
    fn take_in(&self, read: Live) -> Arc<Live> {
        let read = Arc::new(read);
        self.live.insert_unless(Arc::clone(&read), |known| {
            if !self.has_neighbours {
                // It was read since nothing of it was known.
                return true;
            }
            let says_the_same = known.says_the_same_as(&read);
            if says_the_same {
                known.note_use(read.last_used());
            } else {
                read.note_use(known.last_used());
                let unsaved = known.unsaved.load(Ordering::Acquire);
                read.unsaved.store(unsaved, Ordering::Release);
            }
            says_the_same
        })
    }

    fn generation_of(&self, selector: &Selector) -> &AtomicU64 {
        // The last byte is random; the first ones are the time.
        &self.generations[usize::from(selector.as_bytes()[15]) % GENERATIONS]
    }

    fn is_known_to_be_unknown(&self, selector: &Selector) -> bool {
        let now = self.clock.monotonic();
        self.unknown
            .get(selector)
            .is_some_and(|since| now.since(*since) < UNKNOWN_FOR)
    }

    fn remember_unknown(&self, selector: Selector) {
        if self.unknown.len() >= UNKNOWN_AT_MOST {
            self.evict_unknown();
        }
        if self.unknown.len() < UNKNOWN_AT_MOST {
            self.unknown.insert(selector, self.clock.monotonic());
        }
    }

    fn evict_unknown(&self) {
        let now = self.clock.monotonic();
        self.unknown
            .retain(|_, since| now.since(*since) < UNKNOWN_FOR);
    }
}
