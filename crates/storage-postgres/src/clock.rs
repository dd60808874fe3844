use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use vestibule_model::{Clock, Monotonic, Sleep, Timestamp};

use crate::Postgres;

/// By how much the database's clock is ahead of this machine's, in milliseconds.
#[derive(Clone, Default)]
pub(crate) struct Offset(Arc<AtomicI64>);

impl Offset {
    /// Takes in what the database's clock said between two looks at this machine's. A difference that
    /// the journey explains is none.
    pub(crate) fn measured(&self, before: Timestamp, there: i64, after: Timestamp) {
        let (before, after) = (before.as_millis(), after.as_millis());
        let journey = after.saturating_sub(before).max(0);
        let offset = there.saturating_sub(before.saturating_add(journey / 2));
        let error = offset.saturating_sub(self.0.load(Ordering::Relaxed));
        if error.saturating_abs() > journey.saturating_add(1) {
            self.0.store(offset, Ordering::Relaxed);
        }
    }
}

/// A clock that shows what the database's shows, so that all servers agree.
struct DatabaseClock {
    here: Arc<dyn Clock>,
    offset: Offset,
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let offset = self.offset.0.load(Ordering::Relaxed);
        Timestamp::from_millis(self.here.now().as_millis().saturating_add(offset))
    }

    fn monotonic(&self) -> Monotonic {
        self.here.monotonic()
    }

    fn sleep_until(&self, at: Monotonic) -> Sleep {
        self.here.sleep_until(at)
    }
}

impl Postgres {
    /// The wall clock of the database, as far as it can be told from here: this machine's clock and
    /// the measured difference. Servers whose own clocks disagree agree in this one.
    ///
    /// `here` is the clock that [`Postgres::open`] was given. Waiting is this machine's business as before.
    pub fn clock(&self, here: Arc<dyn Clock>) -> Arc<dyn Clock> {
        Arc::new(DatabaseClock {
            here,
            offset: self.listener.offset(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_offset_is_what_the_journey_does_not_explain() {
        let offset = Offset::default();
        offset.measured(at(1_000), 1_004, at(1_010));
        assert_eq!(0, offset.0.load(Ordering::Relaxed));
        offset.measured(at(1_000), 121_005, at(1_010));
        assert_eq!(120_000, offset.0.load(Ordering::Relaxed));
        offset.measured(at(2_000), 122_009, at(2_010));
        assert_eq!(120_000, offset.0.load(Ordering::Relaxed));
        offset.measured(at(3_000), 3_000, at(3_000));
        assert_eq!(0, offset.0.load(Ordering::Relaxed));
    }
}
