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

    /// The latest last use of a row whose session is dead by now: every row that says this or an
    /// earlier moment is [effectively](Self::effective) unused for more than the timeout.
    pub(crate) fn dead_up_to(&self, timeout: Duration) -> ActivityTime {
        // Times are whole milliseconds; at the timeout itself a session still lives.
        let more = timeout.saturating_add(Duration::from_millis(1));
        let mut dead = self.now().minus(more);
        // From the last start backwards: a row that would be lifted to a start at which its session
        // lives on must be too old for that.
        for start in self.starts.iter().rev() {
            if *start <= dead {
                break;
            }
            dead = dead.min(start.minus(more));
        }
        dead
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

    #[test]
    fn what_is_dead_by_its_row_is_dead_by_its_effective_use_and_nothing_else_is() {
        for starts in [
            &[][..],
            &[0],
            &[0, 100],
            &[0, 100, 130, 400],
            &[0, 10, 20, 30, 470, 480],
        ] {
            for (heartbeat, ran) in [(500, 0), (500, 30), (500, 59), (500, 60), (500, 200)] {
                let (manual, clock) = clock(heartbeat, starts);
                manual.advance(Duration::from_secs(ran));
                let dead = clock.dead_up_to(MINUTE);
                for second in 0..=500 {
                    for millis in [0, 1, 999] {
                        let stored = ActivityTime::from_millis(second * 1000 + millis);
                        let unused = clock.now().since(clock.effective(stored, Some(MINUTE)));
                        assert_eq!(
                            unused > MINUTE,
                            stored <= dead,
                            "{starts:?}, {ran} s after the start, {stored:?}"
                        );
                    }
                }
            }
        }
    }
}
