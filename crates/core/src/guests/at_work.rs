use std::sync::Arc;

use dashmap::{DashMap, mapref::entry::Entry};
use vestibule_model::ObjectId;

/// Guests who must not go just now: a call of theirs is running, or they are being converted.
///
/// A session may expire while a long call of it runs. Split by id: no lock that all calls share.
#[derive(Clone, Debug, Default)]
pub(crate) struct AtWork(Arc<DashMap<ObjectId, u32>>);

/// As long as this is held, the guest does not go.
#[derive(Debug)]
pub(crate) struct Held {
    at_work: AtWork,
    id: ObjectId,
}

impl AtWork {
    /// Keeps a guest from being purged until the answer is dropped. It does not keep one back who is
    /// on the way out already.
    pub(crate) fn hold(&self, id: &ObjectId) -> Held {
        *self.0.entry(id.clone()).or_default() += 1;
        Held {
            at_work: self.clone(),
            id: id.clone(),
        }
    }

    pub(crate) fn is_held(&self, id: &ObjectId) -> bool {
        self.0.contains_key(id)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Entry::Occupied(mut holds) = self.at_work.0.entry(self.id.clone()) {
            *holds.get_mut() -= 1;
            if *holds.get() == 0 {
                holds.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_held_until_the_last_hold_is_dropped() {
        let at_work = AtWork::default();
        let id = ObjectId::parse("G").unwrap();
        let (first, second) = (at_work.hold(&id), at_work.hold(&id));
        drop(first);
        assert!(at_work.is_held(&id));
        drop(second);
        assert!(!at_work.is_held(&id));
        assert!(at_work.0.is_empty());
    }
}
