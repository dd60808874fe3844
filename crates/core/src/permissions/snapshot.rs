use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use vestibule_model::{Catalogue, Grantee, ObjectId, Permission, PermissionOperation, Resource};

use super::{Callable, cells::Cells};

/// The only operation of what is the app's own.
const EXECUTE: PermissionOperation = PermissionOperation::Execute;

/// All permissions but those of single records, as they stood at one moment, for fast look-ups.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    data: Operations,
    tables: HashMap<String, Operations>,
    users: Operations,
    events: Operations,
    event: HashMap<String, Operations>,
    services: Operations,
    service: HashMap<String, Operations>,
    /// Tables whose records may have permissions of their own.
    record_permissions: BTreeSet<String>,
    /// Tables that are for server code alone, as they are declared.
    server_only: Arc<BTreeSet<String>>,
    /// Tables of which callers may see something else than of most.
    seen_apart: BTreeSet<String>,
    /// Whether something is said of the owners of records.
    owner_policies: bool,
    /// Users that a permission names.
    named: BTreeSet<ObjectId>,
    /// The same permissions, sorted by resource, grantee and operation.
    all: Vec<Permission>,
}

type Operations = HashMap<PermissionOperation, Cells>;

impl Snapshot {
    pub(super) fn of(
        mut permissions: Vec<Permission>,
        catalogue: &Catalogue,
        server_only: Arc<BTreeSet<String>>,
    ) -> Self {
        permissions.sort_by(|one, other| key(one).cmp(&key(other)));
        let mut snapshot = Self {
            server_only,
            ..Self::default()
        };
        for permission in &permissions {
            snapshot.put(permission);
        }
        let tables = catalogue.tables.iter();
        snapshot.record_permissions = tables
            .filter(|table| table.record_permissions)
            .map(|table| table.name.clone())
            .collect();
        let apart = snapshot.tables.iter();
        let apart = apart.filter(|(_, table)| table.contains_key(&PermissionOperation::Find));
        let apart = apart.map(|(name, _)| name);
        let apart = apart.chain(&snapshot.record_permissions);
        snapshot.seen_apart = apart.chain(&*snapshot.server_only).cloned().collect();
        snapshot.all = permissions;
        snapshot
    }

    fn put(&mut self, permission: &Permission) {
        match &permission.grantee {
            Grantee::User(user) => {
                self.named.insert(user.clone());
            }
            Grantee::Owner => self.owner_policies = true,
            Grantee::Role(_) | Grantee::AllRoles | Grantee::AllUsers => {}
        }
        let operations = match &permission.resource {
            Resource::Data => &mut self.data,
            Resource::Table(table) => self.tables.entry(table.clone()).or_default(),
            Resource::Users => &mut self.users,
            Resource::Events => &mut self.events,
            Resource::Event(event) => self.event.entry(event.clone()).or_default(),
            Resource::Services => &mut self.services,
            Resource::Service(service) => self.service.entry(service.clone()).or_default(),
        };
        let cells = operations.entry(permission.operation);
        let cells = cells.or_insert_with(Cells::new);
        cells.put(&permission.grantee, permission.access);
    }

    /// What is said of an operation on all tables.
    pub(super) fn data(&self, operation: PermissionOperation) -> &Cells {
        self.data.get(&operation).unwrap_or(Cells::SILENT)
    }

    /// What is said of an operation on this table.
    pub(super) fn table(&self, table: &str, operation: PermissionOperation) -> &Cells {
        let operations = self.tables.get(table);
        let cells = operations.and_then(|operations| operations.get(&operation));
        cells.unwrap_or(Cells::SILENT)
    }

    /// What is said of an operation of the user service.
    pub(super) fn users(&self, operation: PermissionOperation) -> &Cells {
        self.users.get(&operation).unwrap_or(Cells::SILENT)
    }

    /// What is said of running this custom event or calling this service, and of all of them.
    pub(super) fn execution(&self, callable: Callable<'_>) -> (&Cells, &Cells) {
        let (own, all) = match callable {
            Callable::Event(event) => (self.event.get(event), &self.events),
            Callable::Method { service, .. } => (self.service.get(service), &self.services),
        };
        let own = own.and_then(|own| own.get(&EXECUTE));
        let all = all.get(&EXECUTE);
        (own.unwrap_or(Cells::SILENT), all.unwrap_or(Cells::SILENT))
    }

    /// Whether records of this table may have permissions of their own.
    pub(super) fn has_record_permissions(&self, table: &str) -> bool {
        self.record_permissions.contains(table)
    }

    /// Whether this table is for server code alone.
    pub(super) fn is_server_only(&self, table: &str) -> bool {
        self.server_only.contains(table)
    }

    /// The tables of which callers may see something else than of most.
    pub(super) fn seen_apart(&self) -> impl Iterator<Item = &str> {
        self.seen_apart.iter().map(String::as_str)
    }

    /// Whether something is said of the owners of records anywhere.
    pub(super) fn has_owner_policies(&self) -> bool {
        self.owner_policies
    }

    /// Whether a permission names this user.
    pub(super) fn names(&self, user: &ObjectId) -> bool {
        self.named.contains(user)
    }

    /// Every permission, sorted by resource, grantee and operation.
    pub(super) fn all(&self) -> &[Permission] {
        &self.all
    }

    /// Whether there is a permission of this grantee for this.
    pub(super) fn has(
        &self,
        grantee: &Grantee,
        resource: &Resource,
        operation: PermissionOperation,
    ) -> bool {
        let wanted = (resource, grantee, operation);
        let found = self.all.binary_search_by(|other| key(other).cmp(&wanted));
        found.is_ok()
    }
}

fn key(permission: &Permission) -> (&Resource, &Grantee, PermissionOperation) {
    (
        &permission.resource,
        &permission.grantee,
        permission.operation,
    )
}
