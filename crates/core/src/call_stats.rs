use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{observer::Ending, operations::EVENT_NAMES, registry::Registry};

/// How many calls of each event ended in which way.
#[derive(Debug)]
pub(crate) struct CallStats {
    by_event: BTreeMap<&'static str, [AtomicU64; Ending::NAMES.len()]>,
}

impl CallStats {
    /// With a place for each event that there is, those of the app's own included.
    pub(crate) fn of(registry: &Registry) -> Self {
        let names = EVENT_NAMES.into_iter().chain(registry.custom_events());
        Self {
            by_event: names.map(|name| (name, Default::default())).collect(),
        }
    }

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
