//! What the operator does to roles. These are no events: no handler sees them.

use vestibule_model::{Actor, AuditRecord, ErrorCode, ObjectId, Role, check_role_name};
use vestibule_storage::{Change, Constraint, Precondition, StorageError};

use crate::{
    Error, Result,
    engine::{Engine, EngineInner},
    operations::{RoleChange, RoleHolder, no_such_role, no_such_user, system_role},
};

/// Custom roles of an app at most: a call asks for all of its own, and permissions are about them.
const ROLES_AT_MOST: usize = 1_000;

impl Engine {
    /// The names of all custom roles, in ascending order. For the operator.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn custom_roles(&self) -> Result<Vec<String>> {
        Ok(self.inner.storage.roles().await?)
    }

    /// Makes a custom role, which nobody has yet. For the operator.
    ///
    /// # Errors
    /// 2006 for the name of a system role, and if there is a role whose name differs in case at most;
    /// 8008 for a name that no role can have, and if there are as many roles as there may be.
    pub async fn create_role(&self, name: &str) -> Result<()> {
        let is_like = |role: &Role| role.as_str().eq_ignore_ascii_case(name);
        if let Some(role) = Role::ALL.into_iter().find(is_like) {
            return Err(role_exists(role.as_str()));
        }
        check_role_name(name).map_err(|why| Error::invalid(format!("'name': {why}")))?;
        let name = name.to_owned();
        self.as_operator(async move |engine| {
            if engine.storage.roles().await?.len() >= ROLES_AT_MOST {
                return Err(Error::invalid(format!(
                    "an app has {ROLES_AT_MOST} custom roles at most; remove one first"
                )));
            }
            let changes = vec![
                Change::CreateRole { name: name.clone() },
                engine.audit_of_operator(format!("createRole {name}"), None),
            ];
            match engine.apply(changes).await {
                Ok(_) => Ok(()),
                Err(StorageError::Conflict {
                    constraint: Constraint::RoleName(_),
                }) => Err(role_exists(&name)),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// Removes a custom role: nobody has it any more, and the permissions for it go. For the operator.
    ///
    /// # Errors
    /// 9008 for a system role, 2005 if there is no such role.
    pub async fn drop_role(&self, name: &str) -> Result<()> {
        if let Some(role) = system_role(name) {
            let message = format!("{role} is a system role, which cannot be removed");
            return Err(Error::new(ErrorCode::SystemRoleRemoved, message));
        }
        let name = name.to_owned();
        self.as_operator(async move |engine| {
            // Memory is about to forget the sessions of all who have it; what it knows better is kept.
            engine.flush_activity().await?;
            let changes = vec![
                Change::Require(Precondition::RoleExists(name.clone())),
                engine.audit_of_operator(format!("dropRole {name}"), None),
                Change::DropRole { name: name.clone() },
            ];
            match engine.apply(changes).await {
                Ok(_) => Ok(()),
                Err(StorageError::Refused {
                    precondition: Precondition::RoleExists(_),
                }) => Err(no_such_role(&name)),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// Gives a custom role to a user. For the operator.
    ///
    /// # Errors
    /// 2007 for a system role, 2005 if there is no such role, 3057 without such a user, 8008 for a
    /// guest.
    pub async fn assign_role(&self, user: &ObjectId, role: &str) -> Result<()> {
        let (user, role) = (RoleHolder::from(user), role.to_owned());
        self.as_operator(async move |engine| {
            let action = format!("assignRole {role}");
            let change = RoleChange::assign(&user, &role);
            let audit = |id: &ObjectId| engine.audit_of_operator(action, Some(id.clone()));
            change.make(&engine, audit).await
        })
        .await
    }

    /// Takes a custom role from a user; nothing happens if the user has it not. For the operator.
    ///
    /// # Errors
    /// 2008 for a system role, 2005 if there is no such role, 3057 without such a user.
    pub async fn unassign_role(&self, user: &ObjectId, role: &str) -> Result<()> {
        let (user, role) = (RoleHolder::from(user), role.to_owned());
        self.as_operator(async move |engine| {
            let action = format!("unassignRole {role}");
            let change = RoleChange::unassign(&user, &role);
            let audit = |id: &ObjectId| engine.audit_of_operator(action, Some(id.clone()));
            change.make(&engine, audit).await
        })
        .await
    }

    /// The custom roles of a user, in ascending order. For the operator.
    ///
    /// # Errors
    /// 3057 without such a user.
    pub async fn custom_roles_of(&self, user: &ObjectId) -> Result<Vec<String>> {
        let found = self.inner.storage.user(user).await?;
        found.ok_or_else(no_such_user)?;
        self.inner.custom_roles_of(user).await
    }
}

impl EngineInner {
    /// The custom roles of a user, in ascending order; nobody has none.
    pub(crate) async fn custom_roles_of(&self, user: &ObjectId) -> Result<Vec<String>> {
        let roles = self.storage.roles_of(std::slice::from_ref(user)).await?;
        Ok(roles.into_iter().flat_map(|(_, roles)| roles).collect())
    }

    pub(crate) fn audit_of_operator(&self, action: String, subject: Option<ObjectId>) -> Change {
        Change::Audit(AuditRecord {
            at: self.clock.now(),
            actor: Actor::Admin,
            action,
            subject,
            caller: None,
        })
    }
}

fn role_exists(name: &str) -> Error {
    let message = format!(
        "'name': there is a role '{name}' already, and upper and lower case do not tell roles apart; \
         choose another name"
    );
    Error::new(ErrorCode::RoleExists, message)
}
