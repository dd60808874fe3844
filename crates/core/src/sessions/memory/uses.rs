//! When sessions were last used, and what of that is to be written down.

use std::{ptr, sync::atomic::Ordering};

use vestibule_model::{ActivityTime, ObjectId, Selector, Session};

use super::{Live, SessionMemory};

impl SessionMemory {
    /// Notes that a session is being used now.
    pub(crate) fn touch(&self, live: &Live) {
        live.note_use(self.activity.now());
        if !live.unsaved.swap(true, Ordering::AcqRel) {
            self.unsaved.insert(live.selector);
        }
        if self.has_neighbours {
            // Others may have changed it since its token was checked: then it was forgotten, and this
            // use is to be kept.
            let known = self.live.get(&live.selector);
            if !known.is_some_and(|known| ptr::eq(&raw const *known, live)) {
                self.keep_use_of(live);
            }
        }
    }

    /// When the sessions of a user were last used, as far as memory knows better than their rows.
    pub(crate) fn last_uses_of(&self, user_id: &ObjectId) -> Vec<(Selector, ActivityTime)> {
        self.live.filter_map(|live| {
            let is_of_user = live.user_id == *user_id;
            is_of_user.then(|| (live.selector, live.last_used()))
        })
    }

    /// The last uses of those of these sessions that memory knows to have been used later than their
    /// rows say.
    pub(crate) fn newer_than(&self, stored: &[Session]) -> Vec<(Selector, ActivityTime)> {
        let newer = stored.iter().filter_map(|session| {
            let last_used = self.known_use_of(&session.selector)?;
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
        self.uses_of_forgotten.retain(|selector, used| {
            activity.push((*selector, *used));
            false
        });
        activity
    }

    /// Puts back what could not be written down.
    pub(crate) fn put_back_unsaved(&self, activity: &[(Selector, ActivityTime)]) {
        for (selector, used) in activity {
            if let Some(live) = self.live.get(selector) {
                live.note_use(*used);
                live.unsaved.store(true, Ordering::Release);
                self.unsaved.insert(*selector);
            } else if self.has_neighbours {
                self.keep_use(*selector, *used);
            }
        }
    }

    /// Keeps what is not written down yet of a session that is being forgotten. A server that is alone
    /// wrote it down in the step that changed the session.
    pub(super) fn keep_use_of(&self, live: &Live) {
        if self.has_neighbours && live.unsaved.load(Ordering::Acquire) {
            self.keep_use(live.selector, live.last_used());
        }
    }

    fn keep_use(&self, selector: Selector, used: ActivityTime) {
        let mut kept = self.uses_of_forgotten.entry(selector).or_insert(used);
        *kept = used.max(*kept);
    }

    /// When a session was last used, as far as memory knows.
    pub(super) fn known_use_of(&self, selector: &Selector) -> Option<ActivityTime> {
        let live = self.live.get(selector).map(|live| live.last_used());
        let forgotten = self.uses_of_forgotten.get(selector).map(|used| *used);
        live.max(forgotten)
    }
}
