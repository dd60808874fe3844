//! What the operator wants of handlers: reads, and the statements of its changes.

use sea_query::{
    DeleteStatement, Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, Order, SelectStatement,
};
use vestibule_model::HandlerSetting;
use vestibule_storage::StorageError;

use crate::{Query, Row, decode::Cells, names::handler, statement::insert_into};

/// Everything that is stored of handlers, by path in ascending order.
pub fn all() -> Query<HandlerSetting> {
    let mut select = SelectStatement::new();
    select
        .columns(
            [handler::PATH, handler::ENABLED, handler::ORDER].map(|name| (handler::TABLE, name)),
        )
        .from(handler::TABLE)
        .order_by((handler::TABLE, handler::PATH), Order::Asc);
    Query::new(select, decode)
}

/// Sets or replaces what is wanted of a handler.
pub(crate) fn put(setting: &HandlerSetting) -> InsertStatement {
    let cells: [(&'static str, Expr); 3] = [
        (handler::PATH, setting.path.as_str().into()),
        (handler::ENABLED, Expr::val(setting.enabled)),
        (handler::ORDER, Expr::val(setting.order.map(i64::from))),
    ];
    let mut insert = insert_into(
        handler::TABLE,
        cells.map(|(column, value)| (column.into_iden(), value)),
    );
    insert.on_conflict(
        OnConflict::column(handler::PATH)
            .update_columns([handler::ENABLED, handler::ORDER])
            .to_owned(),
    );
    insert
}

/// Forgets what was wanted of a handler.
pub(crate) fn remove(path: &str) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(handler::TABLE)
        .and_where(Expr::col((handler::TABLE, handler::PATH)).eq(path));
    delete
}

fn decode(row: &dyn Row) -> Result<HandlerSetting, StorageError> {
    let mut cells = Cells::new(row, handler::TABLE);
    let path = cells.text(handler::PATH)?.to_owned();
    cells.of_row(path.clone());
    let enabled = cells.cell(handler::ENABLED, |row, at| row.boolean(at))?;
    let order = cells.cell(handler::ORDER, |row, at| row.integer(at))?;
    let order = order.map(i32::try_from).transpose();
    Ok(HandlerSetting {
        path,
        enabled,
        order: order.map_err(|_| cells.corrupt(handler::ORDER))?,
    })
}
