use std::sync::Arc;

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
        }
    }
}

impl Later {
    /// Ends when nothing waits and nothing runs. Takes no place itself, so that what runs meanwhile
    /// can ask for more.
    pub(crate) async fn idle(&self) {
        self.taken.wait().await;
    }

    /// A place in the queue.
    ///
    /// # Errors
    /// 503 when the lane is full.
    pub(crate) fn place(&self, lane: Lane) -> Result<Place> {
        let room = match lane {
            Lane::Effects => &self.effects,
            Lane::Events => &self.events,
            Lane::LowPriority => &self.low_priority,
        };
        let Ok(waiting) = Arc::clone(&room.waiting).try_acquire_owned() else {
            return Err(Error::unavailable("too many events wait for their turn"));
        };
        Ok(Place {
            running: Arc::clone(&room.running),
            held: Held {
                _waiting: waiting,
                _taken: self.taken.token(),
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
            .map(|_| later.place(Lane::LowPriority).ok().unwrap())
            .collect();
        let refused = later.place(Lane::LowPriority).err().unwrap();
        assert_eq!(Some(503), refused.chosen_status());
        assert!(later.place(Lane::Effects).is_ok());
        assert!(later.place(Lane::Events).is_ok());
        drop(places);
        assert!(later.place(Lane::LowPriority).is_ok());
    }
}
