//! Rows that belong to a user: whether there are any, how many, and the statements that give them
//! away or remove them. A user's own row is none of them.

use sea_query::{
    DeleteStatement, Expr, ExprTrait, Func, IntoIden, Order, SelectStatement, UnionType,
    UpdateStatement,
};
use vestibule_model::{ObjectId, USERS};
use vestibule_storage::StorageError;

use crate::{
    Query, SqlCatalogue,
    conditions::find_table,
    decode::Cells,
    dialect,
    names::{record, users},
    record_changes::table_of_records,
};

/// How many tables a statement asks at most: databases bound the selects that can be put together,
/// and the depth of an expression.
const TABLES_PER_STATEMENT: usize = 100;

/// What a table is called whose rows are looked for beside `Users`.
const OWNED: &str = "owned$";

/// The names of all tables in parts that one statement can ask.
pub fn parts(catalogue: &SqlCatalogue) -> Vec<Vec<String>> {
    let names = catalogue.tables.iter().map(|table| table.name.clone());
    let names: Vec<_> = names.collect();
    names
        .chunks(TABLES_PER_STATEMENT)
        .map(<[String]>::to_vec)
        .collect()
}

/// How many rows a user owns in each of these tables, one of the [`parts`]. Those that are gone by
/// now have none.
pub fn rows_in(
    catalogue: &SqlCatalogue,
    tables: &[String],
    owner: &ObjectId,
) -> Query<(String, u64)> {
    let counts = known(catalogue, tables).map(|table| {
        let mut select = SelectStatement::new();
        select
            .expr(Expr::val(table))
            .expr(Func::count(Expr::col((OWNED, record::OBJECT_ID))))
            .from_as(table.to_owned(), OWNED)
            .and_where(belongs_to(table, OWNED, Expr::val(owner.as_str())));
        select
    });
    Query::new(all_of(counts), |row| {
        let mut cells = Cells::new(row, users::TABLE);
        let table = cells.text(record::OBJECT_ID)?.to_owned();
        let count = cells.integer(record::OWNER_ID)?;
        Ok((table, u64::try_from(count).unwrap_or_default()))
    })
}

/// Those of these users who own a row in one of these tables, one of the [`parts`].
pub fn owners_in(
    catalogue: &SqlCatalogue,
    tables: &[String],
    owners: &[ObjectId],
) -> Query<ObjectId> {
    let owner = || Expr::col((users::TABLE, users::OBJECT_ID));
    let owns = known(catalogue, tables).map(|table| {
        let mut rows = SelectStatement::new();
        rows.expr(Expr::val(1_i64))
            .from_as(table.to_owned(), OWNED)
            .and_where(belongs_to(table, OWNED, owner()));
        Expr::exists(rows)
    });
    let mut select = SelectStatement::new();
    select
        .column((users::TABLE, users::OBJECT_ID))
        .from(users::TABLE)
        .and_where(owner().is_in(owners.iter().map(ObjectId::as_str)))
        .and_where(owns.reduce(ExprTrait::or).unwrap_or_else(dialect::never))
        .order_by((users::TABLE, users::OBJECT_ID), Order::Asc);
    Query::new(select, |row| {
        Cells::new(row, users::TABLE).object_id(users::OBJECT_ID)
    })
}

/// Statements that answer a row if this user owns one, each in some of the tables.
pub(crate) fn find_any(catalogue: &SqlCatalogue, owner: &ObjectId) -> Vec<SelectStatement> {
    let parts = parts(catalogue).into_iter();
    let statements = parts.map(|tables| {
        all_of(known(catalogue, &tables).map(|table| {
            let mut select = SelectStatement::new();
            select
                .expr(Expr::val(1_i64))
                .from_as(table.to_owned(), OWNED)
                .and_where(belongs_to(table, OWNED, Expr::val(owner.as_str())));
            select
        }))
    });
    statements.collect()
}

/// Gives all rows of a table that belong to one user to another.
pub(crate) fn give(
    catalogue: &SqlCatalogue,
    table: &str,
    from: &ObjectId,
    to: &ObjectId,
) -> Result<UpdateStatement, StorageError> {
    let name = &find_table(catalogue, table)?.name;
    let mut update = UpdateStatement::new();
    update
        .table(name.clone())
        .value(record::OWNER_ID, to.as_str())
        .and_where(belongs_to(name, name.clone(), Expr::val(from.as_str())));
    Ok(update)
}

/// Removes rows of a table that belong to a user, `limit` at most. Their links go with them.
pub(crate) fn remove(
    catalogue: &SqlCatalogue,
    table: &str,
    owner: &ObjectId,
    limit: u64,
) -> Result<DeleteStatement, StorageError> {
    let name = &table_of_records(catalogue, table)?.name;
    let mut oldest = SelectStatement::new();
    oldest
        .column((OWNED, record::OBJECT_ID))
        .from_as(name.clone(), OWNED)
        .and_where(belongs_to(name, OWNED, Expr::val(owner.as_str())))
        .order_by((OWNED, record::OBJECT_ID), Order::Asc)
        .limit(limit);
    let mut delete = DeleteStatement::new();
    delete
        .from_table(name.clone())
        .and_where(Expr::col((name.clone(), record::OBJECT_ID)).in_subquery(oldest));
    Ok(delete)
}

/// That a row of a table, which the statement calls `alias`, belongs to somebody and is not the own
/// one.
fn belongs_to(table: &str, alias: impl IntoIden, owner: Expr) -> Expr {
    let alias = alias.into_iden();
    let owner_of_row = || Expr::col((alias.clone(), record::OWNER_ID));
    let belongs = owner_of_row().eq(owner);
    if table == USERS {
        // As the index says it that finds such rows.
        belongs.and(owner_of_row().ne(Expr::col((alias.clone(), record::OBJECT_ID))))
    } else {
        belongs
    }
}

fn known<'c>(catalogue: &'c SqlCatalogue, tables: &'c [String]) -> impl Iterator<Item = &'c str> {
    let known = tables.iter().filter_map(|name| catalogue.table(name));
    known.map(|table| table.name.as_str())
}

/// All rows of all selects, which answer the like.
fn all_of(selects: impl Iterator<Item = SelectStatement>) -> SelectStatement {
    let all = selects.reduce(|mut all, next| {
        all.union(UnionType::All, next);
        all
    });
    // There is always `Users`.
    all.unwrap_or_else(|| {
        let mut nothing = SelectStatement::new();
        nothing
            .columns([users::OBJECT_ID, users::OWNER_ID])
            .from(users::TABLE)
            .and_where(dialect::never());
        nothing
    })
}
