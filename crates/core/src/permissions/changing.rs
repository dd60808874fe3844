//! How permissions on anything but single records change, whoever changes them.

use vestibule_model::{
    Access, AuditRecord, ErrorCode, Grantee, ObjectId, PermissionOperation, Resource, Role,
};
use vestibule_storage::{Change, Precondition, StorageError};

use super::layers::has_rows;
use crate::{Error, Result, clauses, engine::EngineInner, operations::no_such_role, schema};

/// Permissions beside those of single records at most: all of them are kept in memory.
const PERMISSIONS_AT_MOST: usize = 10_000;

/// One permission to be set, or to be removed if there is no access.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) grantee: Grantee,
    pub(crate) resource: Resource,
    pub(crate) operation: PermissionOperation,
    pub(crate) access: Option<Access>,
}

impl EngineInner {
    /// Sets or removes a permission, and writes down who did. It counts when this returns. Whether it
    /// is `permitted` is asked when nobody else changes permissions any more.
    ///
    /// # Errors
    /// What is not permitted. 1009, 2005 and 3057 without such a table, role or user; 1024 for server code, which may do
    /// everything, for what would never count, and beyond 10,000 permissions; 2003 for an operation
    /// that the resource does not have.
    pub(crate) async fn put_permission(
        &self,
        cell: &Cell,
        audit: AuditRecord,
        permitted: impl Fn() -> Result<()>,
    ) -> Result<()> {
        check(cell)?;
        let mut changes = must_exist(&cell.grantee);
        changes.extend([
            Change::PutPermission {
                grantee: cell.grantee.clone(),
                resource: cell.resource.clone(),
                operation: cell.operation,
                access: cell.access,
            },
            Change::Audit(audit),
        ]);
        let _one_at_a_time = self.permissions.changing().await;
        permitted()?;
        for _ in 0..schema::ATTEMPTS {
            if let Resource::Table(table) = &cell.resource {
                clauses::table(&*self.storage.catalogue().await?, table)?;
            }
            self.refuse_too_many(cell)?;
            match self.apply(changes.clone()).await {
                Ok(_) => return Ok(()),
                Err(error) if schema::is_outdated(&error) => {}
                Err(error) => return Err(refusal(error)),
            }
        }
        Err(schema::changed_too_often())
    }

    fn refuse_too_many(&self, cell: &Cell) -> Result<()> {
        let current = self.permissions.current();
        let is_new = !current.has(&cell.grantee, &cell.resource, cell.operation);
        if cell.access.is_none() || !is_new || current.all().len() < PERMISSIONS_AT_MOST {
            return Ok(());
        }
        Err(impossible(format!(
            "there are {PERMISSIONS_AT_MOST} permissions already, the most there may be; remove \
             some, or give them to roles rather than to users"
        )))
    }
}

/// Whether such a permission makes sense.
fn check(cell: &Cell) -> Result<()> {
    let Cell {
        grantee,
        resource,
        operation,
        ..
    } = cell;
    if !resource.operations().contains(operation) {
        return Err(without_operation(
            &format!("'{resource}'"),
            resource.operations(),
            *operation,
        ));
    }
    let of_table = matches!(resource, Resource::Table(_));
    match grantee {
        Grantee::Owner if !of_table => Err(impossible(format!(
            "the owner policy is one of a table, so the resource must be 'data:TABLE' rather than \
             '{resource}'"
        ))),
        Grantee::Owner if !has_rows(*operation) => Err(Error::new(
            ErrorCode::OperationNotSupported,
            format!("the owner policy is about records that are there, and {operation} is not"),
        )),
        Grantee::User(_) | Grantee::AllUsers if !of_table => Err(impossible(format!(
            "a permission of a user is one on a table or a record, so the resource must be \
             'data:TABLE' rather than '{resource}'; give it to a role instead"
        ))),
        _ => refuse_server_code(grantee, cell.access),
    }
}

/// Refuses to deny anything to server code: that is the operator's last way in.
pub(crate) fn refuse_server_code(grantee: &Grantee, access: Option<Access>) -> Result<()> {
    match grantee {
        Grantee::Role(role)
            if role == Role::ServerCodeUser.as_str() && access == Some(Access::Deny) =>
        {
            Err(impossible(
                "the role ServerCodeUser may do everything, always: it is the operator's last way \
                 in; deny it to other roles",
            ))
        }
        _ => Ok(()),
    }
}

/// Refuses a permission on a table, or on its records, that is for server code alone.
pub(crate) fn refuse_server_only(engine: &EngineInner, table: &str) -> Result<()> {
    if engine.permissions.current().is_server_only(table) {
        return Err(impossible(format!(
            "the table '{table}' is declared for server code alone, so no permission on it would ever \
             count"
        )));
    }
    Ok(())
}

/// The refusal of an operation that something does not have (2003).
pub(crate) fn without_operation(
    of: &str,
    operations: &[PermissionOperation],
    operation: PermissionOperation,
) -> Error {
    let names: Vec<_> = operations
        .iter()
        .map(|operation| operation.as_str())
        .collect();
    let message = format!(
        "there is no operation {operation} of {of}; it has {}",
        names.join(", ")
    );
    Error::new(ErrorCode::OperationNotSupported, message)
}

/// What requires that whoever a permission is for exists.
pub(crate) fn must_exist(grantee: &Grantee) -> Vec<Change> {
    let precondition = match grantee {
        Grantee::Role(name) if !is_system_role(name) => Precondition::RoleExists(name.clone()),
        Grantee::User(id) => Precondition::UserExists(id.clone()),
        Grantee::Role(_) | Grantee::AllRoles | Grantee::AllUsers | Grantee::Owner => {
            return Vec::new();
        }
    };
    vec![Change::Require(precondition)]
}

/// What the caller hears when a step that changes permissions was not made.
pub(crate) fn refusal(error: StorageError) -> Error {
    match error {
        StorageError::Refused {
            precondition: Precondition::RoleExists(name),
        } => no_such_role(&name),
        StorageError::Refused {
            precondition: Precondition::UserExists(id),
        } => no_user(&id),
        error => error.into(),
    }
}

fn is_system_role(name: &str) -> bool {
    Role::ALL.into_iter().any(|role| role.as_str() == name)
}

fn no_user(id: &ObjectId) -> Error {
    let message = format!("there is no user with the id {id}; a permission wants one that exists");
    Error::new(ErrorCode::UserNotFound, message)
}

/// A permission that cannot be as it was asked for (1024).
pub(crate) fn impossible(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::PermissionImpossible, message)
}

/// What the audit trail calls the setting of a permission: all but the user, who is the subject.
pub(crate) fn action(
    event: &str,
    access: Option<Access>,
    operation: PermissionOperation,
    on: &str,
    grantee: &Grantee,
) -> (String, Option<ObjectId>) {
    let access = access.map_or("INHERIT", Access::as_str);
    let (whom, subject) = match grantee {
        Grantee::Role(role) => (format!(" {role}"), None),
        Grantee::User(user) => (String::new(), Some(user.clone())),
        Grantee::AllRoles => (" all roles".to_owned(), None),
        Grantee::AllUsers => (" all users".to_owned(), None),
        Grantee::Owner => (" owner".to_owned(), None),
    };
    (format!("{event} {access} {operation} {on}{whom}"), subject)
}
