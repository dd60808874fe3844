use std::{sync::Arc, time::Duration};

use vestibule_model::{ActivityTime, Clock, Monotonic};
use vestibule_storage::ActivityHistory;

/// The time in which servers ran: goes on from the stored heartbeat, never jumps, and stands
/// still while no server runs.
pub(crate) struct ActivityClock {
    clock: Arc<dyn Clock>,
    began: Monotonic,
    heartbeat: ActivityTime,
    /// When servers started before, and this one, in ascending order.
    starts: Vec<ActivityTime>,
}

impl ActivityClock {
    /// Goes on where the last server stopped.
    pub(crate) fn resume(clock: Arc<dyn Clock>, history: ActivityHistory) -> Self {
        let ActivityHistory {
            heartbeat,
            mut starts,
        } = history;
        starts.push(heartbeat);
        Self {
            began: clock.monotonic(),
            clock,
            heartbeat,
            starts,
        }
    }

    pub(crate) fn now(&self) -> ActivityTime {
        self.heartbeat
            .plus(self.clock.monotonic().since(self.began))
    }

    /// When this server started.
    pub(crate) fn start(&self) -> ActivityTime {
        self.heartbeat
    }

    /// When a session counts as last used, if its row says `stored`.
    ///
    /// A session that was alive when a server went down counts as used when the next one started:
    /// its client could not have used it in between.
    pub(crate) fn effective(
        &self,
        stored: ActivityTime,
        timeout: Option<Duration>,
    ) -> ActivityTime {
        let Some(timeout) = timeout else {
            return stored;
        };
        let from = self.starts.partition_point(|start| *start < stored);
        self.starts[from..].iter().fold(stored, |last_used, start| {
            if start.since(last_used) <= timeout {
                *start
            } else {
                last_used
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use vestibule_model::{ManualClock, Timestamp};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> ActivityTime {
        ActivityTime::from_millis(seconds * 1000)
    }

    fn clock(heartbeat: i64, starts: &[i64]) -> (ManualClock, ActivityClock) {
        let manual = ManualClock::at(Timestamp::default());
        let starts = starts.iter().map(|start| at(*start)).collect();
        let history = ActivityHistory {
            heartbeat: at(heartbeat),
            starts,
        };
        (
            manual.clone(),
            ActivityClock::resume(Arc::new(manual), history),
        )
    }

    #[test]
    fn it_goes_on_from_the_heartbeat_and_ignores_jumps_of_the_wall_clock() {
        let (manual, clock) = clock(100, &[0]);
        manual.jump_to(Timestamp::from_millis(i64::MAX / 2));
        manual.advance(MINUTE);
        assert_eq!(at(160), clock.now());
    }

    #[test]
    fn a_session_alive_at_the_last_heartbeat_counts_as_used_at_the_start() {
        let (_, clock) = clock(100, &[0]);
        assert_eq!(at(100), clock.effective(at(50), Some(MINUTE)));
    }

    #[test]
    fn a_session_that_had_expired_before_does_not_come_back() {
        let (_, clock) = clock(100, &[0]);
        assert_eq!(at(30), clock.effective(at(30), Some(MINUTE)));
    }

    #[test]
    fn two_restarts_in_a_row_lose_no_session() {
        let (_, clock) = clock(150, &[0, 100]);
        assert_eq!(at(150), clock.effective(at(50), Some(MINUTE)));
    }
}
