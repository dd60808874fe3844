//! How much is measured, and how long.

use std::time::Duration;

use crate::contest::Pace;

/// Numbers that differ between a run for the figures and one that only sees whether all of it works.
pub(crate) struct Scale {
    pub(crate) pace: Pace,
    /// Numbers of connections in the cases.
    pub(crate) connections: Vec<usize>,
    /// Connections where there is but one number of them.
    pub(crate) many: usize,
    /// Guests who are there when the cases begin.
    pub(crate) guests: u64,
    /// Users with a password who are there.
    pub(crate) registered: u64,
    /// Numbers of users between which nothing may change much; the last is what "many users" means.
    pub(crate) sizes: Vec<u64>,
    /// How long memory is looked at under a steady load.
    pub(crate) steady: Duration,
    /// How long a server is left alone before it counts as idle.
    pub(crate) rest: Duration,
    /// Starts of each kind that are measured.
    pub(crate) starts: usize,
}

impl Scale {
    /// For figures: windows of so many seconds, and a steady load of so many minutes.
    pub(crate) fn full(seconds: u64, rounds: u32, minutes: u64) -> Self {
        Self {
            pace: Pace {
                warm_up: Duration::from_secs(1),
                window: Duration::from_secs(seconds),
                rounds,
            },
            connections: vec![1, 16, 64, 256],
            many: 64,
            guests: 100_000,
            registered: 10_000,
            sizes: vec![10_000, 100_000, 1_000_000],
            steady: Duration::from_secs(minutes * 60),
            rest: Duration::from_secs(2),
            starts: 10,
        }
    }

    /// To see whether it works.
    pub(crate) fn quick() -> Self {
        Self {
            pace: Pace {
                warm_up: Duration::from_millis(20),
                window: Duration::from_millis(50),
                rounds: 1,
            },
            connections: vec![1, 4],
            many: 4,
            guests: 500,
            registered: 100,
            sizes: vec![200, 400],
            steady: Duration::from_millis(120),
            rest: Duration::from_millis(50),
            starts: 2,
        }
    }
}
