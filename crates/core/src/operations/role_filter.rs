use serde_json::Value as Json;
use vestibule_model::{Role, Row, UserStatus, Value};
use vestibule_storage::{Comparison, Condition, FindQuery, Operand, Select, Storage, StorageError};

use super::{
    related_records::records_of,
    role_changes::{no_such_role, system_role},
};
use crate::{Error, Result};

/// Under which name the roles of a user stand among the properties.
const ROLES: &str = "roles";

/// That a find is about the users who have a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleFilter {
    /// A custom role, or a system role.
    pub(super) role: String,
    /// Whether to answer the roles of each user, too.
    pub(super) load_roles: bool,
}

impl RoleFilter {
    /// Leaves those out who have not the role. System roles that depend on a call rather than on a
    /// user are had by nobody.
    ///
    /// # Errors
    /// 2005 if there is no such role; 8008 if roles are wanted of what is no user.
    pub(super) async fn narrow(&self, storage: &dyn Storage, query: &mut FindQuery) -> Result<()> {
        if self.load_roles && matches!(query.select, Select::Computed { .. }) {
            return Err(Error::invalid(
                "roles cannot be loaded with distinct, groupBy or aggregates; ask for one or the other",
            ));
        }
        let has_role = match system_role(&self.role) {
            Some(Role::GuestUser) => is_guest(Comparison::Equal),
            Some(Role::AuthenticatedUser) => is_guest(Comparison::NotEqual),
            Some(_) => Condition::Any(Vec::new()),
            None => {
                if !storage.roles().await?.contains(&self.role) {
                    return Err(no_such_role(&self.role));
                }
                Condition::HasRole(self.role.clone())
            }
        };
        let conditions = query.condition.take().into_iter().chain([has_role]);
        query.condition = Some(Condition::All(conditions.collect()));
        Ok(())
    }

    /// Puts the names of their roles into the users, if they are wanted: by one statement.
    pub(super) async fn load(
        &self,
        storage: &dyn Storage,
        rows: &mut [Row],
    ) -> Result<(), StorageError> {
        if !self.load_roles {
            return Ok(());
        }
        let mut users = records_of(rows);
        let ids: Vec<_> = users.iter().map(|user| user.id().clone()).collect();
        let roles = storage.roles_of(&ids).await?;
        // Guests have no custom roles, so whoever was found is one only if guests were asked for.
        let own = match system_role(&self.role) {
            Some(Role::GuestUser) => Role::GuestUser,
            _ => Role::AuthenticatedUser,
        };
        for user in &mut users {
            let custom = roles.iter().find(|(id, _)| id == user.id());
            let custom = custom.into_iter().flat_map(|(_, roles)| roles);
            let names = [own.as_str()].into_iter().chain(custom.map(String::as_str));
            let names: Json = names.collect();
            user.properties.insert(ROLES.to_owned(), Value::from(names));
        }
        Ok(())
    }
}

fn is_guest(comparison: Comparison) -> Condition {
    Condition::Compare(
        Operand::Column("userStatus".to_owned()),
        comparison,
        Operand::Value(Value::from(UserStatus::Guest.as_str())),
    )
}
