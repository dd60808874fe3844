use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use vestibule_core::Engine;

use crate::recording::recorder;

/// How often each handler ran, less the calls that a test has accounted for.
#[derive(Debug, Default)]
pub(crate) struct CountedCalls(Mutex<BTreeMap<&'static str, u64>>);

impl CountedCalls {
    /// Accounts for the calls that were made since the kit counted `before`, and for no others.
    pub(crate) fn absorb(&self, engine: &Engine, before: &BTreeMap<&'static str, u64>) {
        let mut accounted = self.accounted();
        for (path, total) in totals(engine) {
            let since = total - before.get(path).copied().unwrap_or_default();
            *accounted.entry(path).or_default() += since;
        }
    }

    #[track_caller]
    pub(crate) fn expect<'a>(
        &self,
        engine: &Engine,
        expected: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        let totals = totals(engine);
        let mut accounted = self.accounted();
        for (path, count) in expected {
            let Some((path, total)) = totals.get_key_value(path) else {
                let known: Vec<_> = totals.keys().collect();
                drop(accounted);
                panic!("the handler {path} is not in this kit; there are {known:?}");
            };
            let before = accounted.insert(path, *total).unwrap_or_default();
            let ran = total - before;
            if ran != count {
                drop(accounted);
                panic!("the handler {path} ran {ran} times, expected {count}");
            }
        }
    }

    #[track_caller]
    pub(crate) fn expect_no_others(&self, engine: &Engine) {
        let accounted = self.accounted().clone();
        let others: Vec<_> = totals(engine)
            .into_iter()
            .map(|(path, total)| {
                (
                    path,
                    total - accounted.get(path).copied().unwrap_or_default(),
                )
            })
            .filter(|(_, ran)| *ran > 0)
            .collect();
        assert!(
            others.is_empty(),
            "handlers ran that nobody expected: {others:?}"
        );
    }

    fn accounted(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        // A failed expectation may have poisoned it; the counts are sound all the same.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often each handler ran so far.
pub(crate) fn totals(engine: &Engine) -> BTreeMap<&'static str, u64> {
    let mut totals = BTreeMap::new();
    let handlers = engine.handlers().into_iter();
    for listed in handlers.filter(|listed| listed.meta.path != recorder()) {
        *totals.entry(listed.meta.path).or_default() += listed.stats.calls();
    }
    totals
}
