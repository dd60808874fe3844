//! The right to sweep. Where there are other servers, one at a time has it, so that no handler is asked
//! twice about a guest; a server that is alone has it for good.

use std::{
    convert::Infallible,
    future,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use vestibule_model::{Monotonic, ObjectId};
use vestibule_storage::{Change, Precondition, StorageError};

use crate::engine::EngineInner;

/// The lease of the server that sweeps.
const SWEEPS: &str = "vestibule::sweep_guests";

/// The lease of the server that swept last: until then, nobody else need begin.
const SWEPT: &str = "vestibule::guests_swept";

/// For how long a server has the right. One that dies is replaced after that.
const LENGTH: Duration = Duration::from_secs(15);

/// How often it is taken again during a page whose handlers take their time.
const RENEWED_EVERY: Duration = Duration::from_secs(5);

/// How long a sweep is not begun elsewhere after one has ended, at most: a server that sweeps rarely and
/// dies must not be waited for that long.
const REST_AT_MOST: Duration = Duration::from_secs(60);

/// How much longer others wait than the server that swept last, which goes on if it is there.
const PRECEDENCE: Duration = Duration::from_secs(2);

/// What a server knows of its right to sweep.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// Who this server is, made when it is first asked for.
    holder: OnceLock<ObjectId>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Until when it has the right, if it has.
    until: Option<Monotonic>,
    /// Whether it swept, and others may be waiting for it to do so again.
    has_swept: bool,
}

/// Who wants to sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// The cleanup, which need not begin where another server has just ended.
    Cleanup,
    /// An operator, who wants it now.
    Operator,
}

impl Lease {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EngineInner {
    /// Takes the right to sweep, or takes it again; `false`: another server has it, or has just swept.
    pub(super) async fn may_sweep(&self, wanted: For) -> Result<bool, StorageError> {
        if !self.storage.has_neighbours() {
            return Ok(true);
        }
        let until = self.clock.monotonic().plus(LENGTH);
        let mut changes = vec![self.is_free(SWEEPS), self.take(SWEEPS, LENGTH)];
        if wanted == For::Cleanup {
            changes.insert(0, self.is_free(SWEPT));
        }
        match self.apply(changes).await {
            Ok(_) => {
                self.guests.lease.held().until = Some(until);
                Ok(true)
            }
            Err(StorageError::Refused { .. }) => {
                self.guests.lease.held().until = None;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether this server has the right to sweep still. It has not if it could not take it again for
    /// too long, or if another one was faster then.
    pub(super) fn still_sweeps(&self) -> bool {
        let now = self.clock.monotonic();
        !self.storage.has_neighbours()
            || self
                .guests
                .lease
                .held()
                .until
                .is_some_and(|until| now < until)
    }

    /// Works, and takes the right to sweep again and again meanwhile. What works asks now and then
    /// whether it [has it still](Self::still_sweeps).
    pub(super) async fn while_sweeping<T>(&self, work: impl Future<Output = T>) -> T {
        if !self.storage.has_neighbours() {
            return work.await;
        }
        tokio::select! {
            biased;
            done = work => done,
            never = self.go_on_taking() => match never {},
        }
    }

    async fn go_on_taking(&self) -> Infallible {
        loop {
            let next = self.clock.monotonic().plus(RENEWED_EVERY);
            self.clock.sleep_until(next).await;
            // Whether the database answered too late is seen by whoever asks.
            if let Ok(false) = self.may_sweep(For::Operator).await {
                return future::pending().await;
            }
        }
    }

    /// Gives up the right to sweep, if this server has it. After a sweep that came to its end, nobody
    /// else need begin for so long.
    pub(super) async fn end_sweeping(&self, rest: Option<Duration>) -> Result<(), StorageError> {
        if self.guests.lease.held().until.take().is_none() {
            return Ok(());
        }
        let mut changes = vec![self.is_free(SWEEPS), self.take(SWEEPS, Duration::ZERO)];
        if let Some(rest) = rest {
            changes.push(self.is_free(SWEPT));
            let rest = rest.saturating_add(PRECEDENCE).min(REST_AT_MOST);
            changes.push(self.take(SWEPT, rest));
        }
        match self.apply(changes).await {
            Ok(_) => {
                self.guests.lease.held().has_swept |= rest.is_some();
                Ok(())
            }
            // Another server was faster, since this one was too slow.
            Err(StorageError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets another server sweep at once: this one goes down.
    pub(super) async fn leave_sweeping_to_others(&self) {
        let Held { until, has_swept } = std::mem::take(&mut *self.guests.lease.held());
        for (name, is_held) in [(SWEEPS, until.is_some()), (SWEPT, has_swept)] {
            if is_held {
                let changes = vec![self.is_free(name), self.take(name, Duration::ZERO)];
                // What cannot be given up runs out by itself.
                let _ = self.apply(changes).await;
            }
        }
    }

    fn is_free(&self, name: &str) -> Change {
        Change::Require(Precondition::LeaseIsFree {
            name: name.to_owned(),
            holder: self.holder().clone(),
            now: self.clock.now(),
        })
    }

    fn take(&self, name: &str, length: Duration) -> Change {
        Change::TakeLease {
            name: name.to_owned(),
            holder: self.holder().clone(),
            until: self.clock.now().plus(length),
        }
    }

    fn holder(&self) -> &ObjectId {
        let make = || ObjectId::generate(self.clock.now(), &*self.randomness);
        self.guests.lease.holder.get_or_init(make)
    }
}
