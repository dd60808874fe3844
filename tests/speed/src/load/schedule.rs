//! When a connection is to make its calls.

use std::time::{Duration, Instant};

use super::Load;

/// When the calls of one connection are due.
#[derive(Clone, Copy)]
pub(super) struct Schedule {
    first: Instant,
    /// From one call to the next; without it, each is due when the one before is answered.
    every: Option<Duration>,
}

impl Schedule {
    /// That of the connection of this number, where the load begins at `begins`: the calls of all
    /// connections together come evenly.
    pub(super) fn new(begins: Instant, load: Load, number: usize) -> Self {
        let Some(per_second) = load.per_second else {
            return Self {
                first: begins,
                every: None,
            };
        };
        let after = |calls: usize| {
            Duration::from_secs(1) * u32::try_from(calls).unwrap_or(u32::MAX) / per_second
        };
        Self {
            first: begins + after(number),
            every: Some(after(load.connections)),
        }
    }

    /// When the first call is due, on a connection that is there by now.
    pub(super) fn first(&self, now: Instant) -> Instant {
        match self.every {
            Some(_) => self.first,
            None => now,
        }
    }

    /// When the next call is due. That may have passed: who is late asks at once, and what the call
    /// waited for that counts.
    pub(super) fn next(&self, due: Instant, came: Instant) -> Instant {
        match self.every {
            Some(every) => due + every,
            None => came,
        }
    }

    /// The moment that has to be in the window for the call to count. If it were the answer where
    /// calls have a time, a server that stalls at the end would lose its slowest calls.
    pub(super) fn counts_by(&self, due: Instant, came: Instant) -> Instant {
        match self.every {
            Some(_) => due,
            None => came,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(per_second: Option<u32>) -> Load {
        Load {
            connections: 4,
            per_second,
            warm_up: Duration::ZERO,
            window: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_calls_of_all_connections_come_evenly() {
        let begins = Instant::now();
        let mut all = Vec::new();
        for number in 0..4 {
            let schedule = Schedule::new(begins, load(Some(500)), number);
            let mut due = schedule.first(begins);
            while due < begins + Duration::from_secs(1) {
                all.push(due - begins);
                // The answers come in no time.
                due = schedule.next(due, due);
            }
        }
        all.sort();
        let evenly: Vec<_> = (0..500)
            .map(|call| call * Duration::from_millis(2))
            .collect();
        assert_eq!(evenly, all);
    }

    #[test]
    fn a_late_answer_moves_no_later_call() {
        let begins = Instant::now();
        let schedule = Schedule::new(begins, load(Some(500)), 0);
        let late = begins + Duration::from_secs(1);
        let due = schedule.next(begins, late);
        assert_eq!(begins + Duration::from_millis(8), due);
        assert_eq!(due, schedule.counts_by(due, late));
    }

    #[test]
    fn without_a_rate_a_call_is_due_when_the_one_before_is_answered() {
        let begins = Instant::now();
        let schedule = Schedule::new(begins, load(None), 3);
        let came = begins + Duration::from_secs(1);
        assert_eq!(came, schedule.first(came));
        assert_eq!(came, schedule.next(begins, came));
        assert_eq!(came, schedule.counts_by(begins, came));
    }
}
