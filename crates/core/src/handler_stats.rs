use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use vestibule_model::Timestamp;

/// One call in this many is timed: two looks at the clock cost more than an empty handler.
const SAMPLE_EVERY: u64 = 16;

/// Letters of an error that are kept: a handler may put a whole answer of another server into its
/// error, and this stays for as long as the server runs.
const ERROR_AT_MOST: usize = 2000;

/// Buckets double in width; the last one begins at more than an hour.
const BUCKETS: usize = 32;

/// How a handler fared since the engine started.
#[derive(Debug, Default)]
pub struct HandlerStats {
    calls: AtomicU64,
    failures: [AtomicU64; FailureKind::ALL.len()],
    in_a_row: AtomicU32,
    last_failure: ArcSwapOption<LastFailure>,
    // Bucket n counts the timed calls that took from 2^n to 2^(n+1) microseconds.
    timed: [AtomicU64; BUCKETS],
}

/// How a handler failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// It panicked.
    Panicked,
    /// It did not finish in its time.
    TimedOut,
    /// It met an error that nobody meant.
    Failed,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Panicked, Self::TimedOut, Self::Failed];

    /// The kind as it is called in metrics: `panicked`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Panicked => "panicked",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
        }
    }
}

/// What a handler failed with last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// When.
    pub at: Timestamp,
    /// How.
    pub kind: FailureKind,
    /// In the words of the log; the beginning of them, if they are very many.
    pub error: String,
}

impl LastFailure {
    pub(crate) fn new(at: Timestamp, kind: FailureKind, error: &str) -> Self {
        let error = match error.char_indices().nth(ERROR_AT_MOST) {
            None => error.to_owned(),
            Some((end, _)) => format!("{}...", &error[..end]),
        };
        Self { at, kind, error }
    }
}

impl HandlerStats {
    /// The numbers of a handler of several events, taken together as they stand now.
    pub fn together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let together = Self::default();
        for stats in all {
            add(&together.calls, &stats.calls);
            for (sum, count) in together.failures.iter().zip(&stats.failures) {
                add(sum, count);
            }
            for (sum, count) in together.timed.iter().zip(&stats.timed) {
                add(sum, count);
            }
            let latest = [together.last_failure(), stats.last_failure()];
            let latest = latest.into_iter().flatten().max_by_key(|last| last.at);
            together.last_failure.store(latest);
        }
        together
    }

    /// How often it ran.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How often it panicked, missed its deadline, or met an internal error.
    pub fn failures(&self) -> u64 {
        FailureKind::ALL
            .map(|kind| self.failures_of(kind))
            .iter()
            .sum()
    }

    /// How often it failed in this way.
    pub fn failures_of(&self, kind: FailureKind) -> u64 {
        self.failures[kind as usize].load(Ordering::Relaxed)
    }

    /// What it failed with last, if it ever did.
    pub fn last_failure(&self) -> Option<Arc<LastFailure>> {
        self.last_failure.load_full()
    }

    /// The time that this share of its calls stayed below, within a factor of two, by a sample of
    /// one call in sixteen; `None` before the first.
    ///
    /// `share` is from 0.0 to 1.0: 0.99 asks for the 99th percentile.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let counts = self
            .timed
            .each_ref()
            .map(|bucket| bucket.load(Ordering::Relaxed));
        let total: u64 = counts.iter().sum();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank between 1 and the number of samples"
        )]
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in counts.iter().enumerate() {
            seen += count;
            if *count > 0 && seen >= rank {
                return Some(Duration::from_micros(2 << bucket));
            }
        }
        None
    }

    /// Counts a call; says whether it is one to be timed.
    pub(crate) fn count_call(&self) -> bool {
        self.calls
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(SAMPLE_EVERY)
    }

    /// Counts a failure; says how many there were in a row.
    pub(crate) fn count_failure(&self, failure: LastFailure) -> u32 {
        self.failures[failure.kind as usize].fetch_add(1, Ordering::Relaxed);
        self.last_failure.store(Some(Arc::new(failure)));
        self.in_a_row
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
    }

    /// Ends a row of failures.
    pub(crate) fn count_success(&self) {
        // Handlers seldom fail, and a look costs less than a store.
        if self.in_a_row.load(Ordering::Relaxed) > 0 {
            self.in_a_row.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_time(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let bucket = (micros.ilog2() as usize).min(BUCKETS - 1);
        self.timed[bucket].fetch_add(1, Ordering::Relaxed);
    }
}

fn add(sum: &AtomicU64, count: &AtomicU64) {
    sum.fetch_add(count.load(Ordering::Relaxed), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_within_a_factor_of_two() {
        let stats = HandlerStats::default();
        for _ in 0..99 {
            stats.count_time(Duration::from_micros(100));
        }
        stats.count_time(Duration::from_millis(50));
        let median = stats.quantile(0.5).unwrap();
        assert!((100..=200).contains(&median.as_micros()), "{median:?}");
        let worst = stats.quantile(1.0).unwrap();
        assert!((50..=100).contains(&worst.as_millis()), "{worst:?}");
    }

    #[test]
    fn the_numbers_of_several_events_are_taken_together() {
        let failure = |at: i64, kind, error: &str| LastFailure {
            at: Timestamp::from_millis(at),
            kind,
            error: error.to_owned(),
        };
        let [one, other] = [HandlerStats::default(), HandlerStats::default()];
        one.count_call();
        one.count_time(Duration::from_micros(100));
        one.count_failure(failure(2, FailureKind::Panicked, "later"));
        other.count_call();
        other.count_time(Duration::from_millis(50));
        other.count_failure(failure(1, FailureKind::TimedOut, "earlier"));
        let together = HandlerStats::together([&one, &other]);
        assert_eq!((2, 2), (together.calls(), together.failures()));
        assert_eq!(1, together.failures_of(FailureKind::TimedOut));
        assert_eq!("later", together.last_failure().unwrap().error);
        let most = together.quantile(1.0).unwrap();
        assert!(most >= Duration::from_millis(50), "{most:?}");
    }

    #[test]
    fn a_handler_that_never_ran_has_no_quantiles() {
        assert_eq!(None, HandlerStats::default().quantile(0.5));
    }
}
