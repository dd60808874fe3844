use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{observer::Ending, operations::EVENT_NAMES};

/// How many calls of each event ended in which way.
#[derive(Debug)]
pub(crate) struct CallStats {
    by_event: BTreeMap<&'static str, [AtomicU64; Ending::NAMES.len()]>,
}

impl Default for CallStats {
    fn default() -> Self {
        Self {
            by_event: EVENT_NAMES
                .iter()
                .map(|name| (*name, Default::default()))
                .collect(),
        }
    }
}

impl CallStats {
    pub(crate) fn count(&self, event: &'static str, ending: Ending) {
        if let Some(endings) = self.by_event.get(event) {
            endings[ending.index()].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Event, ending, and how many calls.
    pub(crate) fn all(&self) -> Vec<(&'static str, &'static str, u64)> {
        self.by_event
            .iter()
            .flat_map(|(event, endings)| {
                Ending::NAMES
                    .iter()
                    .zip(endings)
                    .map(|(ending, count)| (*event, *ending, count.load(Ordering::Relaxed)))
            })
            .collect()
    }
}
