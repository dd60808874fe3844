//! Whether somebody who is gone by the rows of the database really is: memory knows better.

use std::time::Duration;

use vestibule_model::{
    ActivityTime, Clock, ObjectId, Selector, Session, SessionSettings, Timestamp,
};
use vestibule_storage::{Storage, StorageError};

use super::AtWork;
use crate::{engine::EngineInner, operations::PurgeReason, sessions::SessionMemory};

/// Who looks: everything that knows whether a guest is gone.
pub(super) struct Looker<'a> {
    pub(super) storage: &'a dyn Storage,
    pub(super) sessions: &'a SessionMemory,
    pub(super) at_work: &'a AtWork,
    pub(super) clock: &'a dyn Clock,
    pub(super) settings: SessionSettings,
}

/// What a look at a guest found.
#[derive(Debug)]
pub(super) enum Look {
    /// Nobody can come back to it.
    Gone(Gone),
    /// A session lives: it was used since its row was last written.
    Lives,
    /// One of its calls is running, or it is being converted.
    AtWork,
}

/// A guest that is gone.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) reason: PurgeReason,
    /// Since when, as far as that is known.
    pub(super) since: Option<Timestamp>,
    /// What memory knows better than the rows. To be written down before the rows are asked.
    pub(super) unsaved: Vec<(Selector, ActivityTime)>,
}

impl<'a> Looker<'a> {
    pub(super) fn of(engine: &'a EngineInner) -> Self {
        Self {
            storage: &*engine.storage,
            sessions: &engine.sessions,
            at_work: &engine.guests.at_work,
            clock: &*engine.clock,
            settings: engine.settings.current().sessions.clone(),
        }
    }

    /// Looks at a guest: in memory first, and at its sessions by one indexed read.
    pub(super) async fn look(&self, id: &ObjectId) -> Result<Look, StorageError> {
        if self.at_work.is_held(id) {
            return Ok(Look::AtWork);
        }
        let sessions = self.storage.sessions_of(id).await?;
        let alive = |session: &Session| self.sessions.is_stored_alive(session, &self.settings);
        if sessions.iter().any(alive) {
            return Ok(Look::Lives);
        }
        let reason = if sessions.is_empty() {
            PurgeReason::NoSession
        } else {
            PurgeReason::SessionExpired
        };
        let since = sessions.iter().filter_map(|session| self.ended(session));
        Ok(Look::Gone(Gone {
            reason,
            since: since.max(),
            unsaved: self.sessions.newer_than(&sessions),
        }))
    }

    /// When a session that is dead died, by the wall clock. Time in which no server ran does not
    /// count for inactivity, so it may have been earlier than this says.
    fn ended(&self, session: &Session) -> Option<Timestamp> {
        let now = self.clock.now();
        let by_age = self.settings.absolute_lifetime_seconds;
        let by_age = (by_age > 0).then(|| session.created.plus(seconds(by_age)));
        let unused = self.sessions.unused_for(session, &self.settings);
        let timeout = self.sessions.timeout(&self.settings);
        let too_long = timeout.and_then(|timeout| unused.checked_sub(timeout));
        let by_use = too_long
            .filter(|ago| !ago.is_zero())
            .map(|ago| Timestamp::from_millis(now.as_millis().saturating_sub(millis(ago))));
        let over = by_age.filter(|end| *end <= now);
        over.into_iter().chain(by_use).min()
    }
}

fn seconds(setting: u32) -> Duration {
    Duration::from_secs(setting.into())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
