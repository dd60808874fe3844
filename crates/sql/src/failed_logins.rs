//! Failed logins in a row, at most one row a user.

use sea_query::{
    CaseStatement, DeleteStatement, Expr, ExprTrait, InsertStatement, OnConflict, SelectStatement,
};
use vestibule_model::{ActivityTime, ObjectId};

use crate::names::{failed_login, users};

/// Counts one more; a row of failures whose last one is older than `since` is over.
///
/// It selects from `Users`, so that nothing happens for a user who is gone.
pub(crate) fn count(user_id: &ObjectId, at: ActivityTime, since: ActivityTime) -> InsertStatement {
    let mut first = SelectStatement::new();
    first
        .column((users::TABLE, users::OBJECT_ID))
        .expr(Expr::val(1_i64))
        .expr(Expr::val(at.as_millis()))
        .from(users::TABLE)
        .and_where(Expr::col((users::TABLE, users::OBJECT_ID)).eq(user_id.as_str()));
    let stored = |column| Expr::col((failed_login::TABLE, column));
    let next_count = CaseStatement::new()
        .case(stored(failed_login::LAST).lt(since.as_millis()), 1_i64)
        .finally(stored(failed_login::COUNT).add(1_i64));
    let latest = CaseStatement::new()
        .case(
            stored(failed_login::LAST).lt(at.as_millis()),
            at.as_millis(),
        )
        .finally(stored(failed_login::LAST));
    let mut insert = InsertStatement::new();
    insert
        .into_table(failed_login::TABLE)
        .columns([
            failed_login::USER_ID,
            failed_login::COUNT,
            failed_login::LAST,
        ])
        .on_conflict(
            OnConflict::column(failed_login::USER_ID)
                .value(failed_login::COUNT, next_count)
                .value(failed_login::LAST, latest)
                .to_owned(),
        );
    select_into(insert, first)
}

/// Forgets all of them.
pub(crate) fn forget(user_id: &ObjectId) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(failed_login::TABLE)
        .and_where(Expr::col((failed_login::TABLE, failed_login::USER_ID)).eq(user_id.as_str()));
    delete
}

/// Answers a row if there have been `count` failed logins or more, the last not before `since`.
pub(crate) fn at_least(user_id: &ObjectId, count: u32, since: ActivityTime) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((failed_login::TABLE, failed_login::USER_ID))
        .from(failed_login::TABLE)
        .and_where(Expr::col((failed_login::TABLE, failed_login::USER_ID)).eq(user_id.as_str()))
        .and_where(Expr::col((failed_login::TABLE, failed_login::COUNT)).gte(i64::from(count)))
        .and_where(Expr::col((failed_login::TABLE, failed_login::LAST)).gte(since.as_millis()));
    select
}

#[expect(
    clippy::expect_used,
    reason = "both name three columns, a few lines above"
)]
fn select_into(mut insert: InsertStatement, select: SelectStatement) -> InsertStatement {
    insert
        .select_from(select)
        .expect("the select answers as many columns as are inserted");
    insert
}
