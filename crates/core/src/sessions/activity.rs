use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use vestibule_model::{ActivityTime, Clock, Monotonic, SessionSettings};
use vestibule_storage::{ActivityHistory, Storage, StorageError};

use super::flush_interval;

/// The time in which servers ran: goes on from the stored heartbeat, never goes back, and stands
/// still while no server runs. Those of several servers come together by the heartbeat.
pub(crate) struct ActivityClock {
    clock: Arc<dyn Clock>,
    began: Monotonic,
    /// What it showed when it began.
    beginning: ActivityTime,
    /// How many milliseconds other servers were found to be ahead of it.
    ahead: AtomicI64,
    /// When servers started, in ascending order.
    starts: ArcSwap<Vec<ActivityTime>>,
}

impl ActivityClock {
    /// Goes on where servers are, or where the last one stopped. The latter is a start, which is to be
    /// written down: nobody could use a session before it. Answers when it was, if it was one.
    pub(crate) async fn begin(
        clock: &Arc<dyn Clock>,
        storage: &dyn Storage,
        settings: &SessionSettings,
    ) -> Result<(Self, Option<ActivityTime>), StorageError> {
        let history = storage.activity_history().await?;
        let silent = clock.now().since(history.wall);
        let clock = Arc::clone(clock);
        if storage.has_neighbours() && silent <= flush_interval(settings) * 2 {
            return Ok((Self::join(clock, history, silent), None));
        }
        let start = history.heartbeat;
        Ok((Self::resume(clock, history), Some(start)))
    }

    /// Goes on where the last server stopped.
    pub(super) fn resume(clock: Arc<dyn Clock>, mut history: ActivityHistory) -> Self {
        // Another server may have written the same start down.
        if history.starts.last() != Some(&history.heartbeat) {
            history.starts.push(history.heartbeat);
        }
        Self::join(clock, history, Duration::ZERO)
    }

    /// Goes on beside servers that run, so long after their heartbeat.
    fn join(clock: Arc<dyn Clock>, history: ActivityHistory, after: Duration) -> Self {
        Self {
            began: clock.monotonic(),
            clock,
            beginning: history.heartbeat.plus(after),
            ahead: AtomicI64::new(0),
            starts: ArcSwap::from_pointee(history.starts),
        }
    }

    pub(crate) fn now(&self) -> ActivityTime {
        let ahead = self.ahead.load(Ordering::Acquire);
        ActivityTime::from_millis(self.alone().as_millis().saturating_add(ahead))
    }

    /// What it would show if there were no other servers.
    fn alone(&self) -> ActivityTime {
        self.beginning
            .plus(self.clock.monotonic().since(self.began))
    }

    /// Catches up with the other servers, and takes over the starts that they wrote down.
    pub(crate) fn follow(&self, history: ActivityHistory) {
        let alone = self.alone().as_millis();
        let ahead = history.heartbeat.as_millis().saturating_sub(alone);
        self.ahead.fetch_max(ahead, Ordering::AcqRel);
        // Starts are never removed, so the history with fewer of them is the older one.
        let starts = Arc::new(history.starts);
        self.starts.rcu(|known| {
            let newer = starts.len() > known.len();
            Arc::clone(if newer { &starts } else { known })
        });
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
        let starts = self.starts.load();
        let from = starts.partition_point(|start| *start < stored);
        starts[from..].iter().fold(stored, |last_used, start| {
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
        for start in self.starts.load().iter().rev() {
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
            wall: Timestamp::default(),
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
    fn a_server_beside_others_goes_on_with_them_and_is_no_start() {
        let manual = ManualClock::at(Timestamp::default());
        let history = ActivityHistory {
            heartbeat: at(100),
            ..ActivityHistory::default()
        };
        let after = Duration::from_secs(3);
        let clock = ActivityClock::join(Arc::new(manual), history, after);
        assert_eq!(at(103), clock.now());
        assert_eq!(at(50), clock.effective(at(50), Some(MINUTE)));
    }

    #[test]
    fn a_clock_that_lags_behind_catches_up_and_none_goes_back() {
        let (manual, clock) = clock(100, &[]);
        let heard = |heartbeat| ActivityHistory {
            heartbeat: at(heartbeat),
            ..ActivityHistory::default()
        };
        manual.advance(Duration::from_secs(5));
        clock.follow(heard(107));
        assert_eq!(at(107), clock.now());
        clock.follow(heard(101));
        manual.advance(Duration::from_secs(1));
        assert_eq!(at(108), clock.now());
    }

    #[test]
    fn a_start_that_others_wrote_down_counts_and_an_older_history_takes_none_away() {
        let (_, clock) = clock(100, &[0]);
        let with = |starts: &[i64]| ActivityHistory {
            starts: starts.iter().map(|start| at(*start)).collect(),
            ..ActivityHistory::default()
        };
        assert_eq!(at(101), clock.effective(at(101), Some(MINUTE)));
        clock.follow(with(&[0, 100, 130]));
        assert_eq!(at(130), clock.effective(at(101), Some(MINUTE)));
        clock.follow(with(&[0, 100]));
        assert_eq!(at(130), clock.effective(at(101), Some(MINUTE)));
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
