//! Which column of `Users` people log in with, and what that column needs.
//!
//! The column `email` compares without regard to case by itself and always has the index for it. Any
//! other column gets such an index when it becomes the identity, and is compared likewise for as long
//! as it is.

use sea_query::{
    DynIden, Expr, ExprTrait, Func, Index, IntoIden, SelectStatement, UpdateStatement,
};
use vestibule_model::{Column, ColumnType, USERS, UserStatus};
use vestibule_storage::{Constraint, StorageError};

use crate::{
    SqlCatalogue, Step, Then,
    names::{column, made, users},
    schema::changes_schema,
    users::NOT_PROPERTIES,
};

/// Makes another column the identity.
pub(crate) fn set(
    catalogue: &mut SqlCatalogue,
    name: &str,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let new = find(catalogue, name)?;
    if new.column_type != ColumnType::String {
        return Err(StorageError::WrongType {
            table: USERS.to_owned(),
            column: name.to_owned(),
            column_type: new.column_type,
        });
    }
    if new.identity {
        return Ok(());
    }
    let dialect = catalogue.dialect();
    let columns = catalogue.tables.iter_mut();
    let columns = columns.filter(|table| table.name == USERS);
    for column in columns.flat_map(|table| &mut table.columns) {
        if column.identity {
            // Those who log in with something else need not have it; what they have stays unique.
            column.identity = false;
            column.required = false;
            if column.name != users::EMAIL {
                let mut plain = Index::create();
                plain
                    .name(made::index(USERS, &column.name))
                    .table(USERS)
                    .col(column.name.clone())
                    .unique();
                steps.extend([drop_index(&column.name), changes_schema(plain)]);
            }
            steps.push(describe(column));
        } else if column.name == name {
            column.identity = true;
            column.required = true;
            column.unique = true;
            if column.name != users::EMAIL {
                let index = made::index(USERS, name);
                let identity = dialect.unique_whatever_the_case(&index, USERS, name);
                steps.extend([
                    drop_index(name),
                    Step::new(identity, Then::Indexes(Constraint::Identity)),
                ]);
            }
            steps.push(describe(column));
        }
    }
    Ok(())
}

/// Finds a user who is no guest and has no value in a column.
pub(crate) fn find_without(
    catalogue: &SqlCatalogue,
    name: &str,
) -> Result<SelectStatement, StorageError> {
    let column = find(catalogue, name)?;
    let cell = || Expr::col((users::TABLE.into_iden(), column.name.clone().into_iden()));
    let missing = match column.column_type {
        ColumnType::String | ColumnType::Text | ColumnType::StringId => {
            Expr::from(Func::coalesce([cell(), Expr::val("")])).eq("")
        }
        _ => cell().is_null(),
    };
    let mut select = SelectStatement::new();
    select
        .column((users::TABLE, users::OBJECT_ID))
        .from(users::TABLE)
        .and_where(Expr::col((users::TABLE, users::USER_STATUS)).ne(UserStatus::Guest.as_str()))
        .and_where(missing)
        .limit(1);
    Ok(select)
}

/// Whether this is the identity of a row of `Users`.
pub(crate) fn is(catalogue: &SqlCatalogue, identity: &str) -> Expr {
    let column = catalogue.table(USERS).into_iter();
    let mut columns = column.flat_map(|table| &table.columns);
    // The first migration makes such a column, and nobody can remove it.
    let name = columns
        .find(|column| column.identity)
        .map_or(users::EMAIL, |column| column.name.as_str());
    let dialect = catalogue.dialect();
    let cell = compared(catalogue, USERS.into_iden(), name);
    dialect.folded(cell).eq(dialect.folded(Expr::val(identity)))
}

/// The value of a column that is the identity.
pub(crate) fn compared(catalogue: &SqlCatalogue, alias: DynIden, name: &str) -> Expr {
    let cell = Expr::col((alias, name.to_owned().into_iden()));
    if name == users::EMAIL {
        cell
    } else {
        catalogue.dialect().whatever_the_case(cell)
    }
}

fn find<'c>(catalogue: &'c SqlCatalogue, name: &str) -> Result<&'c Column, StorageError> {
    let table = catalogue.table(USERS);
    let column = table.and_then(|table| table.column(name));
    column
        .filter(|column| !NOT_PROPERTIES.contains(&column.name.as_str()))
        .ok_or_else(|| StorageError::UnknownColumn {
            table: USERS.to_owned(),
            column: name.to_owned(),
        })
}

fn drop_index(name: &str) -> Step {
    let drop = Index::drop()
        .name(made::index(USERS, name))
        .if_exists()
        .to_owned();
    changes_schema(drop)
}

/// Writes into the catalogue what changes about a column with the identity.
fn describe(described: &Column) -> Step {
    let mut update = UpdateStatement::new();
    update
        .table(column::TABLE)
        .values([
            (column::REQUIRED, Expr::val(described.required)),
            (column::UNIQUE, Expr::val(described.unique)),
            (column::IDENTITY, Expr::val(described.identity)),
        ])
        .and_where(Expr::col((column::TABLE, column::TABLE_NAME)).eq(USERS))
        .and_where(Expr::col((column::TABLE, column::NAME)).eq(described.name.as_str()));
    changes_schema(update)
}
