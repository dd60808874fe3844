use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, MutexGuard};
use vestibule_model::ObjectId;
use vestibule_storage::{Change, Storage, StorageError};

use super::snapshot::Snapshot;
use crate::{Error, schema::TableDeclaration};

/// The app's permissions: read without a lock, changed one caller at a time, stored before they
/// count.
pub(crate) struct PermissionStore {
    current: ArcSwap<Snapshot>,
    /// Tables that are for server code alone.
    server_only: Arc<BTreeSet<String>>,
    changing: Mutex<()>,
    reading: Mutex<()>,
    /// Whether what is stored may be another than what counts, since it could not be read.
    outdated: AtomicBool,
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
            reading: Mutex::new(()),
            outdated: AtomicBool::new(false),
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

    /// Reads the permissions again, if changes that were made touch them.
    pub(crate) async fn follow(&self, touched: TouchedPermissions, storage: &dyn Storage) {
        if touched.is_empty() {
            return;
        }
        // Whoever waits here reads later than whoever reads now, and so nothing older replaces
        // anything newer.
        let _one_at_a_time = self.reading.lock().await;
        if touched.concern(&self.current.load()) {
            self.outdated.store(true, Ordering::Release);
            self.read_if_outdated(storage).await;
        }
    }

    /// Reads what could not be read before.
    pub(crate) async fn catch_up(&self, storage: &dyn Storage) {
        if self.outdated.load(Ordering::Acquire) {
            let _one_at_a_time = self.reading.lock().await;
            self.read_if_outdated(storage).await;
        }
    }

    async fn read_if_outdated(&self, storage: &dyn Storage) {
        if !self.outdated.load(Ordering::Acquire) {
            return;
        }
        match read(storage, &self.server_only).await {
            Ok(snapshot) => {
                self.current.store(Arc::new(snapshot));
                self.outdated.store(false, Ordering::Release);
            }
            Err(error) => {
                let error = Error::from(error);
                tracing::error!(
                    error = error.log(),
                    "permissions were changed and cannot be read; the former ones count until they can"
                );
            }
        }
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

/// What changes do to permissions, told from the changes alone.
#[derive(Default)]
pub(crate) struct TouchedPermissions {
    /// Whether permissions are put or may go, whosever they are.
    any: bool,
    /// Tables one of whose records gets a permission of its own.
    tables: Vec<String>,
    /// Users who go, and their permissions with them.
    users: Vec<ObjectId>,
}

impl TouchedPermissions {
    pub(crate) fn by(changes: &[Change]) -> Self {
        let mut touched = Self::default();
        for change in changes {
            match change {
                Change::PutPermission { .. }
                | Change::DropRole { .. }
                | Change::DropTable { .. } => touched.any = true,
                Change::PutRecordPermission { table, .. } => touched.tables.push(table.clone()),
                Change::RemoveUser { id } => touched.users.push(id.clone()),
                _ => {}
            }
        }
        touched
    }

    fn is_empty(&self) -> bool {
        !self.any && self.tables.is_empty() && self.users.is_empty()
    }

    fn concern(&self, current: &Snapshot) -> bool {
        let is_news = |table: &String| !current.has_record_permissions(table);
        let had_permissions = |user: &ObjectId| current.names(user);
        self.any || self.tables.iter().any(is_news) || self.users.iter().any(had_permissions)
    }
}
