//! What the operator does to permissions. These are no events: no handler sees them.

use vestibule_model::{
    Access, Actor, AuditRecord, ErrorCode, Grantee, Permission, PermissionOperation, Resource,
};

use super::changing::{Cell, action, refuse_server_only};
use crate::{Error, Result, engine::Engine};

impl Engine {
    /// Every permission but those of single records, sorted by resource, grantee and operation. For
    /// the operator.
    pub fn permissions(&self) -> Vec<Permission> {
        self.inner.permissions.current().all().to_vec()
    }

    /// Whether a declaration keeps this table for server code alone, whatever permissions say. For the
    /// operator.
    pub fn is_server_only(&self, table: &str) -> bool {
        self.inner.permissions.current().is_server_only(table)
    }

    /// Sets a permission, or removes it if there is no `access`. It counts at once, for sessions that
    /// exist too. For the operator.
    ///
    /// # Errors
    /// 1009, 2005 and 3057 if there is no such table, role or user; 2003 if the resource does not have
    /// the operation; 8008 for a denial of server code, for a user or an owner where only roles count,
    /// for a table that is for server code alone, and beyond 10,000 permissions.
    pub async fn set_permission(
        &self,
        grantee: Grantee,
        resource: Resource,
        operation: PermissionOperation,
        access: Option<Access>,
    ) -> Result<()> {
        self.as_operator(async move |engine| {
            if let (Resource::Table(table), Some(_)) = (&resource, access) {
                let refused = refuse_server_only(&engine, table);
                refused.map_err(|error| as_operator_hears(error, "resource"))?;
            }
            let on = resource.to_string();
            let (action, subject) = action("setPermission", access, operation, &on, &grantee);
            let audit = AuditRecord {
                at: engine.clock.now(),
                actor: Actor::Admin,
                action,
                subject,
                caller: None,
            };
            let key = key_of(&grantee);
            let cell = Cell {
                grantee,
                resource,
                operation,
                access,
            };
            let put = engine.put_permission(&cell, audit, || Ok(())).await;
            put.map_err(|error| as_operator_hears(error, key))
        })
        .await
    }
}

/// The key of the admin API under which a grantee stands.
fn key_of(grantee: &Grantee) -> &'static str {
    match grantee {
        Grantee::Role(_) | Grantee::AllRoles => "role",
        Grantee::User(_) | Grantee::AllUsers => "user",
        Grantee::Owner => "owner",
    }
}

/// The same refusal, naming the key that is wrong.
fn as_operator_hears(error: Error, key: &str) -> Error {
    let (code, key) = match error.code() {
        ErrorCode::PermissionImpossible => (ErrorCode::InvalidParameter, key),
        ErrorCode::OperationNotSupported => (ErrorCode::OperationNotSupported, "operation"),
        ErrorCode::RoleNotFound => (ErrorCode::RoleNotFound, "role"),
        ErrorCode::UserNotFound => (ErrorCode::UserNotFound, "user"),
        ErrorCode::TableNotFound => (ErrorCode::TableNotFound, "resource"),
        _ => return error,
    };
    let message = format!("{key}: {}", error.message());
    Error::new(code, message)
}
