//! Permissions on anything but single records: reads, and the statements of their changes.

use sea_query::{
    DeleteStatement, DynIden, Expr, ExprTrait, InsertStatement, IntoIden, OnConflict,
    SelectStatement,
};
use vestibule_model::{Access, Grantee, ObjectId, Permission, PermissionOperation, Resource};
use vestibule_storage::StorageError;

use crate::{
    Query, Row, SqlCatalogue, Statement, conditions::find_table, decode::Cells, names::permission,
    statement::insert_into,
};

const ROLE: &str = "ROLE";
const ALL_ROLES: &str = "ALL_ROLES";
const USER: &str = "USER";
const ALL_USERS: &str = "ALL_USERS";
const OWNER: &str = "OWNER";

/// Every permission, in no order.
pub fn all() -> Query<Permission> {
    let mut select = SelectStatement::new();
    select
        .columns(
            [
                permission::RESOURCE,
                permission::OPERATION,
                permission::GRANTEE_KIND,
                permission::GRANTEE,
                permission::ACCESS,
            ]
            .map(|name| (permission::TABLE, name)),
        )
        .from(permission::TABLE);
    Query::new(select, decode)
}

/// Sets or removes a permission.
pub(crate) fn put(
    catalogue: &SqlCatalogue,
    (grantee, resource): (&Grantee, &Resource),
    operation: PermissionOperation,
    access: Option<Access>,
) -> Result<Statement, StorageError> {
    let (kind, name) = stored(grantee);
    let resource_name = resource.to_string();
    let Some(access) = access else {
        let column = |name| Expr::col((permission::TABLE, name));
        let mut delete = DeleteStatement::new();
        delete
            .from_table(permission::TABLE)
            .and_where(column(permission::RESOURCE).eq(resource_name))
            .and_where(column(permission::OPERATION).eq(operation.as_str()))
            .and_where(column(permission::GRANTEE_KIND).eq(kind))
            .and_where(column(permission::GRANTEE).eq(name));
        return Ok(delete.into());
    };
    if let Resource::Table(table) = resource {
        find_table(catalogue, table)?;
    }
    let of = (permission::RESOURCE, resource_name.into());
    let insert = insert(permission::TABLE, of, operation, grantee, access);
    Ok(insert.into())
}

/// Removes the permissions on a table.
pub(crate) fn remove_all_on(table: &str) -> DeleteStatement {
    let resource = Resource::Table(table.to_owned()).to_string();
    let mut delete = DeleteStatement::new();
    delete
        .from_table(permission::TABLE)
        .and_where(Expr::col((permission::TABLE, permission::RESOURCE)).eq(resource));
    delete
}

/// Removes the permissions for somebody.
pub(crate) fn remove_all_for(grantee: &Grantee) -> DeleteStatement {
    remove_from(permission::TABLE, grantee)
}

/// Removes the permissions for somebody from a table of permissions.
pub(crate) fn remove_from(permissions: impl IntoIden, grantee: &Grantee) -> DeleteStatement {
    let permissions = permissions.into_iden();
    let (kind, name) = stored(grantee);
    let column = |name| Expr::col((permissions.clone(), name));
    let mut delete = DeleteStatement::new();
    delete
        .from_table(permissions.clone())
        .and_where(column(permission::GRANTEE_KIND).eq(kind))
        .and_where(column(permission::GRANTEE).eq(name));
    delete
}

/// Makes a permission, or changes what it says.
pub(crate) fn insert(
    permissions: impl IntoIden,
    (of, what): (&'static str, Expr),
    operation: PermissionOperation,
    grantee: &Grantee,
    access: Access,
) -> InsertStatement {
    let (kind, name) = stored(grantee);
    let cells: [(DynIden, Expr); 5] = [
        (of.into_iden(), what),
        (permission::OPERATION.into_iden(), operation.as_str().into()),
        (permission::GRANTEE_KIND.into_iden(), kind.into()),
        (permission::GRANTEE.into_iden(), name.into()),
        (permission::ACCESS.into_iden(), access.as_str().into()),
    ];
    let key = [
        of,
        permission::OPERATION,
        permission::GRANTEE_KIND,
        permission::GRANTEE,
    ];
    let mut insert = insert_into(permissions, cells);
    insert.on_conflict(
        OnConflict::columns(key)
            .update_column(permission::ACCESS)
            .to_owned(),
    );
    insert
}

/// What kind of grantee it is, and which one of them.
pub(crate) fn stored(grantee: &Grantee) -> (&'static str, &str) {
    match grantee {
        Grantee::Role(name) => (ROLE, name),
        Grantee::AllRoles => (ALL_ROLES, ""),
        Grantee::User(id) => (USER, id.as_str()),
        Grantee::AllUsers => (ALL_USERS, ""),
        Grantee::Owner => (OWNER, ""),
    }
}

fn decode(row: &dyn Row) -> Result<Permission, StorageError> {
    let mut cells = Cells::new(row, permission::TABLE);
    let resource = cells.text(permission::RESOURCE)?;
    cells.of_row(resource);
    let resource =
        Resource::from_name(resource).ok_or_else(|| cells.corrupt(permission::RESOURCE))?;
    let operation = PermissionOperation::from_name(cells.text(permission::OPERATION)?)
        .ok_or_else(|| cells.corrupt(permission::OPERATION))?;
    let grantee = match (
        cells.text(permission::GRANTEE_KIND)?,
        cells.text(permission::GRANTEE)?,
    ) {
        (ROLE, name) => Grantee::Role(name.to_owned()),
        (ALL_ROLES, _) => Grantee::AllRoles,
        (USER, id) => {
            Grantee::User(ObjectId::parse(id).map_err(|_| cells.corrupt(permission::GRANTEE))?)
        }
        (ALL_USERS, _) => Grantee::AllUsers,
        (OWNER, _) => Grantee::Owner,
        _ => return Err(cells.corrupt(permission::GRANTEE_KIND)),
    };
    let access = Access::from_name(cells.text(permission::ACCESS)?)
        .ok_or_else(|| cells.corrupt(permission::ACCESS))?;
    Ok(Permission {
        grantee,
        resource,
        operation,
        access,
    })
}
