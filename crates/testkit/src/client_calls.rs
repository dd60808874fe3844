//! What calls of clients left behind: sessions that a failed one opened, calls that nobody awaited.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vestibule_model::{ObjectId, Selector};
use vestibule_storage::{Applied, Change};

/// Watches the calls of clients, and the sessions that are opened meanwhile.
///
/// While several calls run at once, nobody can tell which of them opened a session; so nothing is said
/// of these.
#[derive(Debug, Default)]
pub(crate) struct ClientCalls(Mutex<Watched>);

#[derive(Debug, Default)]
struct Watched {
    running: u64,
    /// Whether another call ran beside the one that runs.
    overlaps: bool,
    /// Opened since the call began that runs, and not ended.
    opened: Vec<(Selector, ObjectId)>,
    left: Vec<LeftSession>,
    /// The events whose calls nobody awaited to their end.
    given_up: Vec<String>,
}

#[derive(Debug)]
struct LeftSession {
    selector: Selector,
    user_id: ObjectId,
    /// The event whose call failed.
    event: String,
}

/// What a step of writing does to sessions.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    opened: Vec<(Selector, ObjectId)>,
    ended: Vec<Selector>,
    /// Those that failed calls left behind and that are about to be ended.
    ending: Vec<LeftSession>,
}

/// A call that runs; if it is dropped before it has ended, nobody awaited it.
pub(crate) struct RunningCall<'a> {
    calls: &'a ClientCalls,
    event: String,
    has_ended: bool,
}

impl ClientCalls {
    pub(crate) fn begin(&self, event: &str) -> RunningCall<'_> {
        let mut watched = self.watched();
        watched.overlaps = watched.running > 0;
        if !watched.overlaps {
            watched.opened.clear();
        }
        watched.running += 1;
        RunningCall {
            calls: self,
            event: event.to_owned(),
            has_ended: false,
        }
    }

    /// What these changes will do to sessions, as far as they say so.
    ///
    /// Whatever is about to be ended is no longer left behind: a test may see in the storage that it is
    /// gone, and end, before whoever ended it hears of that.
    pub(crate) fn touched_by(&self, changes: &[Change]) -> Touched {
        let mut touched = Touched::default();
        for change in changes {
            match change {
                Change::OpenSession(session) => {
                    let opened = (session.selector, session.user_id.clone());
                    touched.opened.push(opened);
                }
                Change::EndSessions(selectors) => touched.ended.extend(selectors),
                _ => {}
            }
        }
        if !touched.ended.is_empty() {
            let is_ending = |session: &mut LeftSession| touched.ended.contains(&session.selector);
            let left = &mut self.watched().left;
            touched.ending = left.extract_if(.., is_ending).collect();
        }
        touched
    }

    /// A step of writing was not made.
    pub(crate) fn take_back(&self, touched: Touched) {
        self.watched().left.extend(touched.ending);
    }

    /// Notes what a step of writing did.
    pub(crate) fn note(&self, touched: Touched, applied: &Applied) {
        let Touched { opened, ended, .. } = touched;
        if opened.is_empty() && ended.is_empty() && applied.ended.is_empty() {
            return;
        }
        let mut watched = self.watched();
        if watched.running > 0 {
            watched.opened.extend(opened);
        }
        let lives =
            |selector: &Selector| !ended.contains(selector) && !applied.ended.contains(selector);
        watched.opened.retain(|(selector, _)| lives(selector));
        watched.left.retain(|session| lives(&session.selector));
    }

    /// The sessions that failed calls left behind, in words.
    pub(crate) fn left_sessions(&self) -> Vec<String> {
        let in_words = |session: &LeftSession| {
            let (user, event) = (&session.user_id, &session.event);
            format!("a session of the user {user}, which a call of {event} opened that failed")
        };
        self.watched().left.iter().map(in_words).collect()
    }

    /// The events whose calls nobody awaited to their end.
    pub(crate) fn given_up(&self) -> Vec<String> {
        self.watched().given_up.clone()
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RunningCall<'_> {
    /// The call has ended. If it failed, it should have ended what it opened.
    pub(crate) fn end(mut self, failed: bool) {
        self.has_ended = true;
        let mut watched = self.calls.watched();
        if !failed || watched.overlaps {
            return;
        }
        let opened = std::mem::take(&mut watched.opened).into_iter();
        let left = opened.map(|(selector, user_id)| LeftSession {
            selector,
            user_id,
            event: self.event.clone(),
        });
        watched.left.extend(left);
    }
}

impl Drop for RunningCall<'_> {
    fn drop(&mut self) {
        let mut watched = self.calls.watched();
        watched.running -= 1;
        if !self.has_ended {
            watched.given_up.push(std::mem::take(&mut self.event));
        }
    }
}
