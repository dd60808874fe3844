//! The permissions of single records. They have a table for each table, made with the first of them,
//! so that the tables without any cost nothing.

use std::{borrow::Cow, collections::BTreeMap};

use sea_query::{
    DeleteStatement, Expr, ExprTrait, ForeignKey, ForeignKeyAction, Index, IntoIden,
    SelectStatement, Table as Schema, TableCreateStatement, UpdateStatement,
};
use vestibule_model::{
    Access, ColumnType, Grantee, ObjectId, PermissionOperation, RecordPermission, Table,
};
use vestibule_storage::{Precondition, StorageError, Visibility};

use crate::{
    Dialect, SqlCatalogue, Step, Then,
    conditions::find_table,
    dialect,
    names::{made, permission, permission_table, record, table},
    permissions,
    schema::changes_schema,
};

/// Sets a permission on a record, and makes the table for it if there is none.
pub(crate) fn put(
    catalogue: &mut Cow<'_, SqlCatalogue>,
    of_table: String,
    id: ObjectId,
    new: &RecordPermission,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    if !find_table(catalogue, &of_table)?.record_permissions {
        create(catalogue.dialect(), &of_table, steps);
        let tables = catalogue.to_mut().tables.iter_mut();
        for table in tables.filter(|table| table.name == of_table) {
            table.record_permissions = true;
        }
    }
    let insert = permissions::insert(
        permission_table(&of_table),
        (permission::OBJECT_ID, id.as_str().into()),
        new.operation,
        &new.grantee,
        new.access,
    );
    let exists = Precondition::RecordExists {
        table: of_table,
        id,
        visibility: Visibility::Everything,
    };
    steps.push(Step::new(insert, Then::RefersTo(exists)));
    Ok(())
}

/// Removes the permissions for somebody on all records of all tables.
pub(crate) fn remove_all_for(catalogue: &SqlCatalogue, grantee: &Grantee) -> Vec<DeleteStatement> {
    let tables = catalogue.tables.iter();
    tables
        .filter(|table| table.record_permissions)
        .map(|table| permissions::remove_from(permission_table(&table.name), grantee))
        .collect()
}

/// Removes the permissions on all records of a table, with the table of them.
pub(crate) fn drop_of(table: &Table) -> Option<Step> {
    table.record_permissions.then(|| {
        let drop = Schema::drop()
            .table(permission_table(&table.name))
            .to_owned();
        changes_schema(drop)
    })
}

/// That the record of this id has a permission for one of these grantees which says this; `alias` is
/// what the permissions are called in the statement.
pub(crate) fn permits(
    (table, id): (&Table, Expr),
    alias: impl IntoIden,
    operation: PermissionOperation,
    grantees: &[Grantee],
    access: Access,
) -> Expr {
    let alias = alias.into_iden();
    let column = |name| Expr::col((alias.clone(), name));
    let any = by_kind(grantees).into_iter().map(|(kind, names)| {
        let is_kind = column(permission::GRANTEE_KIND).eq(kind);
        is_kind.and(column(permission::GRANTEE).is_in(names))
    });
    let any = any.reduce(ExprTrait::or);
    let Some(any) = any.filter(|_| table.record_permissions) else {
        return dialect::never();
    };
    let mut select = SelectStatement::new();
    select
        .expr(Expr::val(1_i64))
        .from_as(permission_table(&table.name), alias.clone())
        .and_where(column(permission::OBJECT_ID).eq(id))
        .and_where(column(permission::OPERATION).eq(operation.as_str()))
        .and_where(any)
        .and_where(column(permission::ACCESS).eq(access.as_str()));
    Expr::exists(select)
}

/// The ids of the records that have a permission for one of these grantees which says this; a record
/// may be among them more than once. The index of grantees has all that it takes.
pub(crate) fn ids_permitted(
    table: &Table,
    operation: PermissionOperation,
    grantees: &[Grantee],
    access: Access,
) -> Vec<SelectStatement> {
    let permissions = permission_table(&table.name).into_iden();
    let column = |name| Expr::col((permissions.clone(), name));
    let ids = by_kind(grantees).into_iter().map(|(kind, names)| {
        let mut select = SelectStatement::new();
        select
            .column((permissions.clone(), permission::OBJECT_ID))
            .from(permissions.clone())
            .and_where(column(permission::GRANTEE_KIND).eq(kind))
            .and_where(column(permission::GRANTEE).is_in(names))
            .and_where(column(permission::OPERATION).eq(operation.as_str()))
            .and_where(column(permission::ACCESS).eq(access.as_str()));
        select
    });
    ids.collect()
}

/// The names of grantees by their kinds.
fn by_kind(grantees: &[Grantee]) -> BTreeMap<&str, Vec<&str>> {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for grantee in grantees {
        let (kind, name) = permissions::stored(grantee);
        kinds.entry(kind).or_default().push(name);
    }
    kinds
}

fn create(dialect: Dialect, of_table: &str, steps: &mut Vec<Step>) {
    let permissions = permission_table(of_table);
    steps.push(changes_schema(definition(dialect, &permissions, of_table)));
    // What goes with a role and with a user, and which records were granted to somebody: for that the
    // index is enough.
    let by_grantee = Index::create()
        .name(made::index(&permissions, permission::GRANTEE))
        .table(permissions)
        .col(permission::GRANTEE_KIND)
        .col(permission::GRANTEE)
        .col(permission::OPERATION)
        .col(permission::ACCESS)
        .to_owned();
    steps.push(changes_schema(by_grantee));
    let mut update = UpdateStatement::new();
    update
        .table(table::TABLE)
        .value(table::RECORD_PERMISSIONS, true)
        .and_where(Expr::col((table::TABLE, table::NAME)).eq(of_table));
    steps.push(changes_schema(update));
}

/// The table of the permissions of a table's records. When a record goes, they go.
fn definition(dialect: Dialect, permissions: &str, of_table: &str) -> TableCreateStatement {
    let text = |name: &'static str| {
        let mut text = dialect.column(name.into_iden(), ColumnType::String);
        text.not_null().to_owned()
    };
    let key = [
        permission::OBJECT_ID,
        permission::OPERATION,
        permission::GRANTEE_KIND,
        permission::GRANTEE,
    ];
    let mut primary_key = Index::create();
    let mut create = Schema::create();
    create.table(permissions.to_owned());
    for name in key {
        create.col(text(name));
        primary_key.col(name);
    }
    let mut record = ForeignKey::create()
        .from(permissions.to_owned(), permission::OBJECT_ID)
        .to(of_table.to_owned(), record::OBJECT_ID)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned();
    create
        .col(text(permission::ACCESS))
        .primary_key(&mut primary_key)
        .foreign_key(&mut record);
    dialect.order_by_key(&mut create);
    create
}
