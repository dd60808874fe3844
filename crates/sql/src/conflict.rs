use vestibule_model::Catalogue;
use vestibule_storage::Constraint;

use crate::{Then, names::users};

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
