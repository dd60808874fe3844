//! The statements that let one record take the place of another: its links, the links to it, and
//! the sessions of a user.

use sea_query::{DeleteStatement, Expr, ExprTrait, IntoIden, SelectStatement, UpdateStatement};
use vestibule_model::ObjectId;
use vestibule_storage::{Constraint, Precondition, StorageError, Visibility};

use crate::{
    SqlCatalogue, Step, Then, links,
    names::{link, session},
};

/// Lets a record refer to whatever another one refers to.
pub(crate) fn move_links(
    catalogue: &SqlCatalogue,
    (table, relation): (&str, &str),
    from: &ObjectId,
    to: &ObjectId,
) -> Result<Vec<Step>, StorageError> {
    let (links, relation) = links::find(catalogue, table, relation)?;
    let to_one = one_to_one(table, &relation.name);
    let steps = (link::PARENT, link::CHILD, table.to_owned());
    Ok(move_ends(&links, steps, to_one, from, to))
}

/// Lets whoever refers to a record refer to another one instead.
pub(crate) fn move_references(
    catalogue: &SqlCatalogue,
    (table, relation): (&str, &str),
    from: &ObjectId,
    to: &ObjectId,
) -> Result<Vec<Step>, StorageError> {
    let (links, relation) = links::find(catalogue, table, relation)?;
    let to_one = one_to_one(table, &relation.name);
    let steps = (link::CHILD, link::PARENT, relation.to_table.clone());
    Ok(move_ends(&links, steps, to_one, from, to))
}

/// Gives all sessions of a user to another one, and answers their selectors.
pub(crate) fn move_sessions(from: &ObjectId, to: &ObjectId) -> UpdateStatement {
    let mut update = UpdateStatement::new();
    update
        .table(session::TABLE)
        .value(session::USER_ID, to.as_str())
        .and_where(Expr::col((session::TABLE, session::USER_ID)).eq(from.as_str()))
        .returning_col(session::SELECTOR);
    update
}

/// Gives one end of the links that are at `from` to `to`, a record of `table`; links that are there
/// already stay once.
fn move_ends(
    links: &str,
    (end, other_end, table): (&'static str, &'static str, String),
    to_one: Constraint,
    from: &ObjectId,
    to: &ObjectId,
) -> Vec<Step> {
    if from == to {
        return Vec::new();
    }
    let column = |name| Expr::col((links.to_owned().into_iden(), name));
    let mut there = SelectStatement::new();
    there
        .column((links.to_owned(), other_end))
        .from(links.to_owned())
        .and_where(column(end).eq(to.as_str()));
    let mut twice = DeleteStatement::new();
    twice
        .from_table(links.to_owned())
        .and_where(column(end).eq(from.as_str()))
        .and_where(column(other_end).in_subquery(there));
    let mut update = UpdateStatement::new();
    update
        .table(links.to_owned())
        .value(end, to.as_str())
        .and_where(column(end).eq(from.as_str()));
    let then = Then::CountsLinked {
        to_one,
        parent: Precondition::RecordExists {
            table,
            id: to.clone(),
            visibility: Visibility::Everything,
        },
    };
    vec![Step::new(twice, Then::GoOn), Step::new(update, then)]
}

fn one_to_one(table: &str, relation: &str) -> Constraint {
    Constraint::OneToOne {
        table: table.to_owned(),
        relation: relation.to_owned(),
    }
}
