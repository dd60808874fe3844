//! How long sessions live.

use std::{sync::Arc, time::Duration};

use vestibule_model::{Selector, Session, SessionSettings, Timestamp, UserStatus};
use vestibule_storage::Expiry;

use super::{Live, SessionMemory};

/// Activity is written down at least this often (design, section 3).
const FLUSH_AT_LEAST_EVERY: Duration = Duration::from_secs(5);

/// How often activity is written down: every quarter of the timeout, five seconds at most.
pub(crate) fn flush_interval(settings: &SessionSettings) -> Duration {
    seconds(settings.inactivity_timeout_seconds).map_or(FLUSH_AT_LEAST_EVERY, |timeout| {
        FLUSH_AT_LEAST_EVERY.min(timeout / 4)
    })
}

impl SessionMemory {
    /// For how long a session may go unused; none is forever. Other servers write down what they see up
    /// to one flush later, and their activity clocks may lag behind by another: for that long, a session
    /// is given the benefit of the doubt.
    pub(crate) fn timeout(&self, settings: &SessionSettings) -> Option<Duration> {
        let timeout = seconds(settings.inactivity_timeout_seconds)?;
        Some(timeout + self.doubt(settings))
    }

    fn doubt(&self, settings: &SessionSettings) -> Duration {
        if self.has_neighbours {
            flush_interval(settings) * 2
        } else {
            Duration::ZERO
        }
    }

    /// Whether a session as it is stored is still alive, by what memory knows of it.
    pub(crate) fn is_stored_alive(&self, session: &Session, settings: &SessionSettings) -> bool {
        let live = match self.live.get(&session.selector) {
            Some(live) => {
                if self.has_neighbours {
                    live.note_use(self.revive(session, settings).last_used());
                }
                live
            }
            None => Arc::new(self.revive(session, settings)),
        };
        self.is_alive(&live, settings)
    }

    /// Whether memory knows a session that lives. What it does not know may live all the same.
    pub(crate) fn is_alive_in_memory(
        &self,
        selector: &Selector,
        settings: &SessionSettings,
    ) -> bool {
        match self.live.get(selector) {
            Some(live) => self.is_alive(&live, settings),
            // It was used a moment ago.
            None => self.uses_of_forgotten.contains_key(selector),
        }
    }

    /// Which rows belong to sessions that are dead by now, and were not used at the last moment on
    /// another server, which has not written that down yet. What is ended by it stays ended.
    pub(crate) fn expiry(&self, settings: &SessionSettings) -> Expiry {
        let now = self.clock.now().as_millis();
        let lifetime = seconds(settings.absolute_lifetime_seconds);
        // At the end of its lifetime itself a session still lives.
        let created = lifetime.map(|lifetime| {
            let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
            Timestamp::from_millis(now.saturating_sub(lifetime).saturating_sub(1))
        });
        let timeout = self.timeout(settings);
        let timeout = timeout.map(|timeout| timeout + self.doubt(settings));
        Expiry {
            last_used: timeout.map(|timeout| self.activity.dead_up_to(timeout)),
            created,
        }
    }

    /// For how long a session as it is stored was not used, by what memory knows of it.
    pub(crate) fn unused_for(&self, session: &Session, settings: &SessionSettings) -> Duration {
        let timeout = self.timeout(settings);
        let stored = || self.activity.effective(session.last_used, timeout);
        let last_used = match self.known_use_of(&session.selector) {
            Some(known) if self.has_neighbours => known.max(stored()),
            Some(known) => known,
            None => stored(),
        };
        self.activity.now().since(last_used)
    }

    /// Whether memory is believed what it says of this session, as long as others are heard. One that
    /// was not used here for long may have been used elsewhere.
    pub(super) fn is_fresh(&self, live: &Live, settings: &SessionSettings) -> bool {
        let timeout = seconds(settings.inactivity_timeout_seconds);
        !self.has_neighbours || timeout.is_none_or(|timeout| self.idle(live) <= timeout)
    }

    pub(super) fn is_alive(&self, live: &Live, settings: &SessionSettings) -> bool {
        let timeout = self.timeout(settings);
        let used = timeout.is_none_or(|timeout| self.idle(live) <= timeout);
        let age = self.clock.now().since(live.created);
        used && seconds(settings.absolute_lifetime_seconds).is_none_or(|lifetime| age <= lifetime)
    }

    /// A session as its row has it, used when its row or memory says.
    pub(super) fn revive(&self, session: &Session, settings: &SessionSettings) -> Live {
        let timeout = self.timeout(settings);
        let live = Live::new(session, UserStatus::Disabled);
        live.note_use(self.activity.effective(session.last_used, timeout));
        if let Some(used) = self.uses_of_forgotten.get(&session.selector) {
            live.note_use(*used);
        }
        live
    }

    fn idle(&self, live: &Live) -> Duration {
        self.activity.now().since(live.last_used())
    }
}

/// A number of seconds in a setting, where 0 means never.
fn seconds(setting: u32) -> Option<Duration> {
    (setting > 0).then(|| Duration::from_secs(setting.into()))
}
