use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use vestibule_storage::Change;

/// Failed calls whose traces wait to be cleared away; with more, the oldest are given up.
const AT_MOST: usize = 10_000;

/// What failed calls left behind because the storage would not take its removal just then.
#[derive(Debug, Default)]
pub(crate) struct Leftovers(Mutex<VecDeque<Vec<Change>>>);

impl Leftovers {
    /// Keeps the removal of one call's traces for later; says whether an older one was given up.
    pub(crate) fn keep(&self, changes: Vec<Change>) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = waiting.len() >= AT_MOST;
        if full {
            waiting.pop_front();
        }
        waiting.push_back(changes);
        full
    }

    /// How many failed calls have left something behind.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes what waits, the oldest first.
    pub(crate) fn take(&self) -> Vec<Vec<Change>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }
}
