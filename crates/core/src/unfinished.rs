use crate::engine::Engine;

/// What an engine has begun and not finished yet, by name.
///
/// A test that leaves any of it behind has not seen what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// Calls that run, those of effects and timers included.
    pub calls: u64,
    /// Effects, and events and methods for which nobody waits: which, and how many.
    pub later: Vec<(String, u64)>,
    /// Timers that run, by path.
    pub timers: Vec<&'static str>,
    /// Mails that wait or are on their way.
    pub mails: u64,
    /// Failed calls whose traces the storage would not remove so far; each is tried again every few
    /// seconds.
    pub leftovers: u64,
}

impl Unfinished {
    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Engine {
    /// What was begun and has not ended yet, as it stands now; what a test asks at its end.
    pub fn unfinished(&self) -> Unfinished {
        let inner = &self.inner;
        Unfinished {
            calls: inner.calls.len() as u64,
            later: inner.later.names(),
            timers: inner.timers.running(),
            mails: inner.outbox.under_way() as u64,
            leftovers: inner.leftovers.len() as u64,
        }
    }
}
