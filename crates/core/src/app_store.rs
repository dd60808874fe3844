use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use vestibule_storage::{App, Storage};

use crate::outdated::Outdated;

/// The app's id, keys and admin token: read without a lock, and again when another server replaced them.
pub(crate) struct AppStore {
    current: ArcSwap<App>,
    pub(crate) outdated: Outdated,
}

impl AppStore {
    pub(crate) fn new(app: App) -> Self {
        Self {
            current: ArcSwap::from_pointee(app),
            outdated: Outdated::new("the app's id and keys"),
        }
    }

    pub(crate) fn load(&self) -> Guard<Arc<App>> {
        self.current.load()
    }

    /// Reads them again, if that is to be done.
    pub(crate) async fn read_again(&self, storage: &dyn Storage) {
        let keep = |app: Option<App>| {
            if let Some(app) = app {
                self.current.store(Arc::new(app));
            }
        };
        self.outdated.read_again(storage.app(), keep).await;
    }
}
