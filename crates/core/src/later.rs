use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use crate::{Error, Result};

/// What waits for its turn in one lane, at most; anything further is refused.
const WAITING_AT_MOST: usize = 1_000;

/// How many run at once in a lane.
const AT_ONCE: usize = 64;
const LOW_PRIORITY_AT_ONCE: usize = 1;

/// Who asks for something to be done later. Each has room of its own, so that no client can fill the
/// room of the effects that a call depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lane {
    /// Handlers, for once their call has succeeded.
    Effects,
    /// Clients that go on at once.
    Events,
    /// Clients that are in no hurry.
    LowPriority,
}

/// Room for what is done later than it was asked for.
pub(crate) struct Later {
    effects: Room,
    events: Room,
    low_priority: Room,
    /// Counts the places that are taken, in every lane.
    taken: TaskTracker,
    names: Arc<Names>,
}

/// What the places that are taken are for, and how many are for each.
#[derive(Default)]
struct Names(Mutex<BTreeMap<String, u64>>);

impl Names {
    fn change(&self, name: &str, change: impl FnOnce(u64) -> u64) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = change(names.get(name).copied().unwrap_or_default());
        if count == 0 {
            names.remove(name);
        } else {
            names.insert(name.to_owned(), count);
        }
    }
}

struct Room {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Room {
    fn for_at_once(at_once: usize) -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(WAITING_AT_MOST)),
            running: Arc::new(Semaphore::new(at_once)),
        }
    }
}

impl Default for Later {
    fn default() -> Self {
        let taken = TaskTracker::new();
        // Closed means that one can wait for it; tokens are given out all the same.
        taken.close();
        Self {
            effects: Room::for_at_once(AT_ONCE),
            events: Room::for_at_once(AT_ONCE),
            low_priority: Room::for_at_once(LOW_PRIORITY_AT_ONCE),
            taken,
            names: Arc::default(),
        }
    }
}

impl Later {
    /// The events that wait or run, and how many there are of each.
    pub(crate) fn names(&self) -> Vec<(String, u64)> {
        let names = self.names.0.lock().unwrap_or_else(PoisonError::into_inner);
        names
            .iter()
            .map(|(name, count)| (name.clone(), *count))
            .collect()
    }

    /// Ends when nothing waits and nothing runs. Takes no place itself, so that what runs meanwhile
    /// can ask for more.
    pub(crate) async fn idle(&self) {
        self.taken.wait().await;
    }

    /// A place in the queue, for the event or the method of this name.
    ///
    /// # Errors
    /// 503 when the lane is full.
    pub(crate) fn place(&self, lane: Lane, name: &str) -> Result<Place> {
        let room = match lane {
            Lane::Effects => &self.effects,
            Lane::Events => &self.events,
            Lane::LowPriority => &self.low_priority,
        };
        let Ok(waiting) = Arc::clone(&room.waiting).try_acquire_owned() else {
            return Err(Error::unavailable("too many events wait for their turn"));
        };
        self.names.change(name, |count| count + 1);
        Ok(Place {
            running: Arc::clone(&room.running),
            held: Held {
                _waiting: waiting,
                _taken: self.taken.token(),
                name: name.to_owned(),
                names: Arc::clone(&self.names),
            },
        })
    }
}

/// A place in the queue.
pub(crate) struct Place {
    running: Arc<Semaphore>,
    held: Held,
}

/// What the holder of a place keeps until it is done.
struct Held {
    _waiting: OwnedSemaphorePermit,
    _taken: TaskTrackerToken,
    name: String,
    names: Arc<Names>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.names
            .change(&self.name, |count| count.saturating_sub(1));
    }
}

/// The turn of whoever waited for it, over when it is dropped.
pub(crate) struct Turn {
    _running: Option<OwnedSemaphorePermit>,
    _held: Held,
}

impl Place {
    /// Waits for its turn.
    pub(crate) async fn turn(self) -> Turn {
        Turn {
            // The semaphore is never closed.
            _running: self.running.acquire_owned().await.ok(),
            _held: self.held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_lane_refuses_and_leaves_the_others_alone() {
        let later = Later::default();
        let places: Vec<_> = (0..WAITING_AT_MOST)
            .map(|_| later.place(Lane::LowPriority, "welcome").ok().unwrap())
            .collect();
        let refused = later.place(Lane::LowPriority, "welcome").err().unwrap();
        assert_eq!(Some(503), refused.chosen_status());
        assert!(later.place(Lane::Effects, "welcome").is_ok());
        assert!(later.place(Lane::Events, "welcome").is_ok());
        assert_eq!(vec![("welcome".to_owned(), 1_000)], later.names());
        drop(places);
        assert!(later.names().is_empty());
        assert!(later.place(Lane::LowPriority, "welcome").is_ok());
    }
}
