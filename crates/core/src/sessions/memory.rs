#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
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
use vestibule_storage::{Expiry, Storage, StorageError, StoredSession};

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
    pub(crate) roles: Arc<[String]>,
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
            roles: Arc::default(),
            verifier_hash: session.verifier_hash,
            created: session.created,
            last_used: AtomicI64::new(session.last_used.as_millis()),
            unsaved: AtomicBool::new(false),
        }
    }

    fn last_used(&self) -> ActivityTime {
        ActivityTime::from_millis(self.last_used.load(Ordering::Relaxed))
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
/// A session in here is the truth about itself: its row may lag behind by one flush. There is no
/// lock that all calls share; the maps are split by selector.
pub(crate) struct SessionMemory {
    clock: Arc<dyn Clock>,
    activity: ActivityClock,
    live: DashMap<Selector, Arc<Live>>,
    unsaved: DashSet<Selector>,
    unknown: DashMap<Selector, Monotonic>,
    /// Count whatever may make a row that is being read out of date, by a part of the selector.
    generations: Vec<AtomicU64>,
    /// Whether a user may have a custom role, which a login does not know.
    may_have_roles: AtomicBool,
}

impl SessionMemory {
    pub(crate) fn new(clock: Arc<dyn Clock>, activity: ActivityClock) -> Self {
        Self {
            clock,
            activity,
            live: DashMap::new(),
            unsaved: DashSet::new(),
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

    /// Looks a token up: in memory, or by one indexed read the first time.
    pub(crate) async fn check(
        &self,
        token: &Token,
        settings: &SessionSettings,
        storage: &dyn Storage,
    ) -> Result<Checked, StorageError> {
        let selector = token.selector();
        let known = self.live.get(&selector).map(|live| Arc::clone(&live));
        let live = match known {
            Some(live) => live,
            None if self.is_known_to_be_unknown(&selector) => return Ok(Checked::Dead),
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
        if !same || !self.is_alive(&live, settings) {
            return Ok(Checked::Dead);
        }
        Ok(Checked::Live(live))
    }

    /// Notes that a session is being used now.
    pub(crate) fn touch(&self, live: &Live) {
        live.last_used
            .fetch_max(self.activity.now().as_millis(), Ordering::Relaxed);
        if !live.unsaved.swap(true, Ordering::AcqRel) {
            self.unsaved.insert(live.selector);
        }
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
        self.live.insert(selector, Arc::new(live));
        if self.generation(&selector) != generation {
            self.live.remove(&selector);
        }
    }

    /// When the sessions of a user were last used, as far as memory knows better than their rows.
    pub(crate) fn last_uses_of(&self, user_id: &ObjectId) -> Vec<(Selector, ActivityTime)> {
        let of_user = self.live.iter().filter(|live| live.user_id == *user_id);
        of_user
            .map(|live| (live.selector, live.last_used()))
            .collect()
    }

    /// Forgets sessions that have ended; what is stored counts from now on.
    pub(crate) fn forget(&self, selectors: &[Selector]) {
        for selector in selectors {
            // First the count, then the removal: a reader that loaded the old row either sees the
            // new count and reads again, or has put its row in before and loses it here.
            self.generation_of(selector).fetch_add(1, Ordering::SeqCst);
            self.live.remove(selector);
        }
    }

    /// Forgets the sessions of users who changed. Looks at every session, once for all of these users:
    /// for rare changes only.
    pub(crate) fn forget_users(&self, user_ids: &HashSet<ObjectId>) {
        if user_ids.is_empty() {
            return;
        }
        self.forget_those(|live| user_ids.contains(&live.user_id));
    }

    /// Forgets the sessions of users who have this custom role. Looks at every session.
    pub(crate) fn forget_role(&self, role: &str) {
        self.forget_those(|live| live.roles.iter().any(|name| name == role));
    }

    fn forget_those(&self, is_outdated: impl Fn(&Live) -> bool) {
        for generation in &self.generations {
            generation.fetch_add(1, Ordering::SeqCst);
        }
        self.live.retain(|_, live| !is_outdated(live));
    }

    /// Whether a session as it is stored is still alive, by what memory knows of it.
    pub(crate) fn is_stored_alive(&self, session: &Session, settings: &SessionSettings) -> bool {
        let known = self
            .live
            .get(&session.selector)
            .map(|live| Arc::clone(&live));
        let live = known.unwrap_or_else(|| Arc::new(self.revive(session, settings)));
        self.is_alive(&live, settings)
    }

    /// Whether memory knows a session that lives. What it does not know may live all the same.
    pub(crate) fn is_alive_in_memory(
        &self,
        selector: &Selector,
        settings: &SessionSettings,
    ) -> bool {
        let known = self.live.get(selector).map(|live| Arc::clone(&live));
        known.is_some_and(|live| self.is_alive(&live, settings))
    }

    /// Which rows belong to sessions that are dead by now.
    pub(crate) fn expiry(&self, settings: &SessionSettings) -> Expiry {
        let now = self.clock.now().as_millis();
        let lifetime = seconds(settings.absolute_lifetime_seconds);
        // At the end of its lifetime itself a session still lives.
        let created = lifetime.map(|lifetime| {
            let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
            Timestamp::from_millis(now.saturating_sub(lifetime).saturating_sub(1))
        });
        let timeout = seconds(settings.inactivity_timeout_seconds);
        Expiry {
            last_used: timeout.map(|timeout| self.activity.dead_up_to(timeout)),
            created,
        }
    }

    /// For how long a session as it is stored was not used, by what memory knows of it.
    pub(crate) fn unused_for(&self, session: &Session, settings: &SessionSettings) -> Duration {
        let known = self
            .live
            .get(&session.selector)
            .map(|live| live.last_used());
        let timeout = seconds(settings.inactivity_timeout_seconds);
        let last_used =
            known.unwrap_or_else(|| self.activity.effective(session.last_used, timeout));
        self.activity.now().since(last_used)
    }

    /// The last uses of those of these sessions that memory knows to have been used later than their
    /// rows say.
    pub(crate) fn newer_than(&self, stored: &[Session]) -> Vec<(Selector, ActivityTime)> {
        let newer = stored.iter().filter_map(|session| {
            let last_used = self.live.get(&session.selector)?.last_used();
            (last_used > session.last_used).then_some((session.selector, last_used))
        });
        newer.collect()
    }

    /// The last uses that are not written down yet.
    pub(crate) fn take_unsaved(&self) -> Vec<(Selector, ActivityTime)> {
        let selectors: Vec<Selector> = self.unsaved.iter().map(|selector| *selector).collect();
        let mut activity = Vec::with_capacity(selectors.len());
        for selector in selectors {
            self.unsaved.remove(&selector);
            if let Some(live) = self.live.get(&selector) {
                // Cleared before it is read: a touch in between is written down next time.
                live.unsaved.swap(false, Ordering::AcqRel);
                activity.push((selector, live.last_used()));
            }
        }
        activity
    }

    /// Puts back what could not be written down.
    pub(crate) fn put_back_unsaved(&self, activity: &[(Selector, ActivityTime)]) {
        for (selector, _) in activity {
            if let Some(live) = self.live.get(selector) {
                live.unsaved.store(true, Ordering::Release);
                self.unsaved.insert(*selector);
            }
        }
    }

    /// Lets go of sessions that have expired or that nobody uses, and of selectors that were unknown
    /// a while ago. Whoever comes back is read again.
    pub(crate) fn evict(&self, settings: &SessionSettings) {
        let now = self.activity.now();
        self.live.retain(|_, live| {
            let in_use =
                live.unsaved.load(Ordering::Acquire) || now.since(live.last_used()) <= IDLE_FOR;
            in_use && self.is_alive(live, settings)
        });
        self.evict_unknown();
    }

    fn is_alive(&self, live: &Live, settings: &SessionSettings) -> bool {
        let idle = self.activity.now().since(live.last_used());
        let used =
            seconds(settings.inactivity_timeout_seconds).is_none_or(|timeout| idle <= timeout);
        let age = self.clock.now().since(live.created);
        used && seconds(settings.absolute_lifetime_seconds).is_none_or(|lifetime| age <= lifetime)
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
                return Ok(None);
            };
            let mut live = self.revive(&session, settings);
            live.status = user_status;
            live.roles = user_roles.into();
            // Another call may have loaded it meanwhile, and used it: that one counts.
            let live = Arc::clone(&self.live.entry(*selector).or_insert_with(|| Arc::new(live)));
            if self.generation(selector) == generation {
                return Ok(Some(live));
            }
            self.live.remove(selector);
        }
    }

    fn revive(&self, session: &Session, settings: &SessionSettings) -> Live {
        let timeout = seconds(settings.inactivity_timeout_seconds);
        let live = Live::new(session, UserStatus::Disabled);
        let last_used = self.activity.effective(session.last_used, timeout);
        live.last_used
            .store(last_used.as_millis(), Ordering::Relaxed);
        live
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

/// A number of seconds in a setting, where 0 means never.
fn seconds(setting: u32) -> Option<Duration> {
    (setting > 0).then(|| Duration::from_secs(setting.into()))
}
