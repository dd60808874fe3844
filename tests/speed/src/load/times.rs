//! How long calls took.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::Result;

/// Longest time that is told apart, in microseconds.
const LONGEST: u64 = 120_000_000;

/// The calls of one or several windows.
#[derive(Clone)]
pub(crate) struct Times {
    each: Histogram<u64>,
    together: Duration,
    failed: u64,
    failure: Option<String>,
}

impl Times {
    /// Nothing yet; takes times to three digits.
    pub(crate) fn none() -> Result<Self> {
        Ok(Self {
            each: Histogram::new_with_max(LONGEST, 3)?,
            together: Duration::ZERO,
            failed: 0,
            failure: None,
        })
    }

    pub(crate) fn record(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.each.saturating_record(micros);
    }

    /// Counts an answer that is none; the text of the first is kept.
    pub(crate) fn record_failure(&mut self, text: impl FnOnce() -> String) {
        self.failed += 1;
        self.failure.get_or_insert_with(text);
    }

    /// Adds calls of the same window.
    pub(crate) fn add_beside(&mut self, other: &Self) -> Result<()> {
        self.each.add(&other.each)?;
        self.failed += other.failed;
        if self.failure.is_none() {
            self.failure.clone_from(&other.failure);
        }
        Ok(())
    }

    /// Adds calls of another window.
    pub(crate) fn add_later(&mut self, later: &Self) -> Result<()> {
        self.add_beside(later)?;
        self.together += later.together;
        Ok(())
    }

    /// Says how long the window was.
    pub(crate) fn lasted(&mut self, window: Duration) {
        self.together = window;
    }

    /// Answers that were right.
    pub(crate) fn count(&self) -> u64 {
        self.each.len()
    }

    /// Answers that were not, before and after the window too, and the first of them.
    pub(crate) fn failed(&self) -> (u64, Option<&str>) {
        (self.failed, self.failure.as_deref())
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
    pub(crate) fn per_second(&self) -> f64 {
        self.count() as f64 / self.together.as_secs_f64()
    }

    /// The time that this part of the calls did not exceed, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "a time, for people")]
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        self.each.value_at_quantile(part) as f64 / 1000.0
    }
}
