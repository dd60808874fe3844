use std::{collections::BTreeSet, sync::Arc};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, MutexGuard};
use vestibule_storage::{News, Storage, StorageError};

use super::snapshot::Snapshot;
use crate::{outdated::Outdated, schema::TableDeclaration};

/// The app's permissions: read without a lock, changed one caller at a time, stored before they
/// count.
pub(crate) struct PermissionStore {
    current: ArcSwap<Snapshot>,
    /// Tables that are for server code alone.
    server_only: Arc<BTreeSet<String>>,
    changing: Mutex<()>,
    outdated: Outdated,
}

impl PermissionStore {
    /// Reads the stored permissions. They count for no table that a declaration keeps for server code
    /// alone.
    pub(crate) async fn load(
        storage: &dyn Storage,
        declarations: &[TableDeclaration],
    ) -> Result<Self, StorageError> {
        let server_only = declarations.iter().filter(|table| table.server_only);
        let server_only = server_only.map(|table| table.name.to_owned());
        let server_only = Arc::new(server_only.collect());
        Ok(Self {
            current: ArcSwap::from_pointee(read(storage, &server_only).await?),
            server_only,
            changing: Mutex::new(()),
            outdated: Outdated::new("the permissions"),
        })
    }

    /// The permissions as they stand now.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Waits until nobody else changes permissions, and keeps others waiting.
    pub(super) async fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// Whether these news make another snapshot of the permissions.
    ///
    /// Tables and columns alone do not: a table that nobody has spoken of is as good as none.
    pub(crate) fn are_outdated_by(&self, news: &News) -> bool {
        let of_some = || !news.record_permissions.is_empty() || !news.removed_users.is_empty();
        news.permissions || of_some() && (self.outdated.is_noted() || self.concern(news))
    }

    fn concern(&self, news: &News) -> bool {
        let current = self.current.load();
        let mut tables = news.record_permissions.iter();
        let mut users = news.removed_users.iter();
        tables.any(|table| !current.has_record_permissions(table))
            || users.any(|user| current.names(user))
    }

    pub(crate) fn outdated(&self) -> &Outdated {
        &self.outdated
    }

    /// Reads the permissions again, if that is to be done.
    pub(crate) async fn read_again(&self, storage: &dyn Storage) {
        let keep = |snapshot| self.current.store(Arc::new(snapshot));
        let read = read(storage, &self.server_only);
        self.outdated.read_again(read, keep).await;
    }
}

async fn read(
    storage: &dyn Storage,
    server_only: &Arc<BTreeSet<String>>,
) -> Result<Snapshot, StorageError> {
    let permissions = storage.permissions().await?;
    let catalogue = storage.catalogue().await?;
    Ok(Snapshot::of(
        permissions,
        &catalogue,
        Arc::clone(server_only),
    ))
}
