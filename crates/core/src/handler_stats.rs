use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// One call in this many is timed: two looks at the clock cost more than an empty handler.
const SAMPLE_EVERY: u64 = 16;

/// Buckets double in width; the last one begins at more than an hour.
const BUCKETS: usize = 32;

/// How a handler fared since the engine started.
#[derive(Debug, Default)]
pub struct HandlerStats {
    calls: AtomicU64,
    failures: AtomicU64,
    // Bucket n counts the timed calls that took from 2^n to 2^(n+1) microseconds.
    timed: [AtomicU64; BUCKETS],
}

impl HandlerStats {
    /// How often it ran.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How often it panicked, missed its deadline, or met an internal error.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
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

    pub(crate) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_time(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let bucket = (micros.ilog2() as usize).min(BUCKETS - 1);
        self.timed[bucket].fetch_add(1, Ordering::Relaxed);
    }
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
    fn a_handler_that_never_ran_has_no_quantiles() {
        assert_eq!(None, HandlerStats::default().quantile(0.5));
    }
}
