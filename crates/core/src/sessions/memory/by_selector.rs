use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    sync::Arc,
};

use dashmap::{DashMap, Entry};
use vestibule_model::Selector;

use super::Live;

/// Sessions by their selectors, split into parts with a lock each.
///
/// A session holds its selector itself, so it is the key: a map with selectors beside the sessions
/// would take 16 bytes more for each of its places, twice as many as there are sessions at worst.
#[derive(Default)]
pub(super) struct BySelector(DashMap<Keyed, ()>);

impl BySelector {
    pub(super) fn get(&self, selector: &Selector) -> Option<Arc<Live>> {
        self.0.get(selector).map(|known| Arc::clone(&known.key().0))
    }

    /// Puts a session in, in the place of the one that is there.
    pub(super) fn insert(&self, live: Arc<Live>) {
        self.insert_unless(live, |_| false);
    }

    /// Puts a session in unless the one that is there is kept. Answers the one that is there afterwards.
    pub(super) fn insert_unless(
        &self,
        live: Arc<Live>,
        is_kept: impl FnOnce(&Live) -> bool,
    ) -> Arc<Live> {
        match self.0.entry(Keyed(Arc::clone(&live))) {
            Entry::Vacant(place) => {
                place.insert(());
            }
            Entry::Occupied(place) if is_kept(&place.key().0) => return Arc::clone(&place.key().0),
            Entry::Occupied(place) => {
                // Not `insert`, which leaves the old key where it is.
                place.replace_entry(());
            }
        }
        live
    }

    pub(super) fn remove(&self, selector: &Selector) -> Option<Arc<Live>> {
        self.0.remove(selector).map(|(known, ())| known.0)
    }

    /// Lets go of all but these.
    pub(super) fn retain(&self, mut stays: impl FnMut(&Live) -> bool) {
        self.0.retain(|known, ()| stays(&known.0));
    }

    /// Looks at each of them, and answers what is of interest.
    pub(super) fn filter_map<T>(&self, mut look: impl FnMut(&Live) -> Option<T>) -> Vec<T> {
        let sessions = self.0.iter();
        sessions.filter_map(|known| look(&known.key().0)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A session, which is what its selector is.
struct Keyed(Arc<Live>);

impl Borrow<Selector> for Keyed {
    fn borrow(&self) -> &Selector {
        &self.0.selector
    }
}

impl PartialEq for Keyed {
    fn eq(&self, other: &Self) -> bool {
        self.0.selector == other.0.selector
    }
}

impl Eq for Keyed {}

impl Hash for Keyed {
    // That of the selector, as `Borrow` wants it.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.selector.hash(state);
    }
}
