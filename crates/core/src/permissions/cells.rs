use std::collections::BTreeMap;

use vestibule_model::{Access, Grantee, ObjectId};

/// What is said of one operation on one resource: a word for each grantee of whom there is one.
#[derive(Debug)]
pub(super) struct Cells {
    roles: BTreeMap<String, Access>,
    all_roles: Option<Access>,
    users: BTreeMap<ObjectId, Access>,
    all_users: Option<Access>,
    owner: Option<Access>,
}

impl Cells {
    /// Of what nobody said anything.
    pub(super) const SILENT: &'static Self = &Self::new();

    pub(super) const fn new() -> Self {
        Self {
            roles: BTreeMap::new(),
            all_roles: None,
            users: BTreeMap::new(),
            all_users: None,
            owner: None,
        }
    }

    pub(super) fn put(&mut self, grantee: &Grantee, access: Access) {
        match grantee {
            Grantee::Role(role) => {
                self.roles.insert(role.clone(), access);
            }
            Grantee::User(user) => {
                self.users.insert(user.clone(), access);
            }
            Grantee::AllRoles => self.all_roles = Some(access),
            Grantee::AllUsers => self.all_users = Some(access),
            Grantee::Owner => self.owner = Some(access),
        }
    }

    /// What is said of this user, or of all users if nothing is said of this one.
    pub(super) fn of_user(&self, user: Option<&ObjectId>) -> Option<Access> {
        self.users.get(user?).copied().or(self.all_users)
    }

    /// What is said of these roles: no if one of them may not, yes if one may. If nothing is said of
    /// any, what is said of all roles, provided that there is one.
    pub(super) fn of_roles<'r>(&self, roles: impl Iterator<Item = &'r str>) -> Option<Access> {
        let mut said = None;
        let mut any = false;
        for role in roles {
            any = true;
            match self.roles.get(role) {
                Some(Access::Deny) => return Some(Access::Deny),
                Some(Access::Grant) => said = Some(Access::Grant),
                None => {}
            }
        }
        said.or(self.all_roles.filter(|_| any))
    }

    /// What is said of the owners of records.
    pub(super) fn of_owners(&self) -> Option<Access> {
        self.owner
    }
}
