use std::collections::{BTreeSet, HashMap};

use vestibule_model::{Catalogue, Grantee, ObjectId, Permission, PermissionOperation, Resource};

use super::cells::Cells;

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
    /// Tables whose records may have permissions of their own.
    record_permissions: BTreeSet<String>,
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
    pub(super) fn of(mut permissions: Vec<Permission>, catalogue: &Catalogue) -> Self {
        permissions.sort_by(|one, other| key(one).cmp(&key(other)));
        let mut snapshot = Self::default();
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
        snapshot.seen_apart = apart.chain(&snapshot.record_permissions).cloned().collect();
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
            // Nobody asks for these yet.
            Resource::Services | Resource::Service(_) => return,
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

    /// What is said of running this custom event, and of running any.
    pub(super) fn event(&self, event: &str) -> (&Cells, &Cells) {
        let of_event = self.event.get(event).and_then(|event| event.get(&EXECUTE));
        let of_all = self.events.get(&EXECUTE);
        (
            of_event.unwrap_or(Cells::SILENT),
            of_all.unwrap_or(Cells::SILENT),
        )
    }

    /// Whether records of this table may have permissions of their own.
    pub(super) fn has_record_permissions(&self, table: &str) -> bool {
        self.record_permissions.contains(table)
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
