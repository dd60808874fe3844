//! Leases: what one server does at a time.

use sea_query::{Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, SelectStatement};
use vestibule_model::{ObjectId, Timestamp};

use crate::{names::lease, statement::insert_into};

/// Takes a lease, whoever had it.
pub(crate) fn take(name: &str, holder: &ObjectId, until: Timestamp) -> InsertStatement {
    let cells: [(&'static str, Expr); 3] = [
        (lease::NAME, name.into()),
        (lease::HOLDER, holder.as_str().into()),
        (lease::UNTIL, until.as_millis().into()),
    ];
    let mut insert = insert_into(
        lease::TABLE,
        cells.map(|(column, value)| (column.into_iden(), value)),
    );
    insert.on_conflict(
        OnConflict::column(lease::NAME)
            .update_columns([lease::HOLDER, lease::UNTIL])
            .to_owned(),
    );
    insert
}

/// The lease, if somebody else has it at this moment.
pub(crate) fn of_others(name: &str, holder: &ObjectId, now: Timestamp) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((lease::TABLE, lease::NAME))
        .from(lease::TABLE)
        .and_where(Expr::col((lease::TABLE, lease::NAME)).eq(name))
        .and_where(Expr::col((lease::TABLE, lease::HOLDER)).ne(holder.as_str()))
        .and_where(Expr::col((lease::TABLE, lease::UNTIL)).gt(now.as_millis()));
    select
}
