use vestibule_model::Catalogue;
use vestibule_storage::Constraint;

use crate::{
    Then,
    names::{made, record, session, users},
};

/// The constraint that a step broke, when the database says that `table.column` must be unique.
pub fn broken_constraint(
    catalogue: &Catalogue,
    table: &str,
    column: &str,
    then: &Then,
) -> Constraint {
    let described = catalogue
        .table(table)
        .and_then(|described| described.column(column));
    match then {
        Then::CountsLinked { to_one, .. } => to_one.clone(),
        Then::Indexes(constraint) => constraint.clone(),
        Then::Inserts(id) if column == users::OBJECT_ID => Constraint::ObjectId(id.clone()),
        _ if table == users::TABLE && described.is_some_and(|column| column.identity) => {
            Constraint::Identity
        }
        _ => Constraint::Unique {
            table: table.to_owned(),
            column: column.to_owned(),
        },
    }
}

/// The column of a unique index, for databases that name the index and not the column.
pub fn broken_index(catalogue: &Catalogue, table: &str, index: &str) -> String {
    let columns = catalogue.table(table).into_iter();
    let mut columns = columns.flat_map(|table| &table.columns);
    if let Some(column) = columns.find(|column| made::index(table, &column.name) == index) {
        return column.name.clone();
    }
    // A column that was made by the same changes: the name of its index says it.
    let prefix = made::index(table, "");
    match index.strip_prefix(&prefix) {
        Some(column) => column.to_owned(),
        None if table == session::TABLE => session::SELECTOR.to_owned(),
        // The primary key of every table of the app.
        None => record::OBJECT_ID.to_owned(),
    }
}
