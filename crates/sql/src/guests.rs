//! Guests without a session, and those that are kept: the statements of their changes.

use sea_query::{
    DeleteStatement, Expr, ExprTrait, InsertStatement, IntoIden, JoinType, OnConflict,
    SelectStatement,
};
use vestibule_model::{ObjectId, Selector, Timestamp, UserStatus};
use vestibule_storage::Expiry;

use crate::{
    dialect,
    names::{departed_guest, kept_guest, session, users},
    statement::insert_selected,
    users::hold,
};

/// What sessions are called where they are looked for beside others.
const OTHER: &str = "other$";

/// Writes down that a user has no session, if it is a guest and has none.
pub(crate) fn mark(id: &ObjectId) -> InsertStatement {
    let mut guest = SelectStatement::new();
    guest
        .from(users::TABLE)
        .and_where(Expr::col((users::TABLE, users::OBJECT_ID)).eq(id.as_str()))
        .and_where(is_guest())
        .and_where(has_session(Expr::val(id.as_str()), dialect::always()).not());
    departs(Expr::col((users::TABLE, users::OBJECT_ID)), guest)
}

/// Writes down that the user of this session has none, if it is a guest and this is its last one.
///
/// It is for the moment before the session ends: afterwards nobody knows whose it was.
pub(crate) fn mark_before_end_of(selector: Selector) -> InsertStatement {
    let user_id = || Expr::col((session::TABLE, session::USER_ID));
    let is_another = Expr::col((OTHER, session::SELECTOR)).ne(bytes(selector));
    let mut guest = SelectStatement::new();
    guest
        .from(session::TABLE)
        .join(
            JoinType::InnerJoin,
            users::TABLE,
            Expr::col((users::TABLE, users::OBJECT_ID)).eq(user_id()),
        )
        .and_where(Expr::col((session::TABLE, session::SELECTOR)).eq(bytes(selector)))
        .and_where(is_guest())
        .and_where(has_session(user_id(), is_another).not());
    departs(user_id(), guest)
}

/// Forgets that a user had no session.
pub(crate) fn unmark(id: &ObjectId) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(departed_guest::TABLE)
        .and_where(Expr::col((departed_guest::TABLE, departed_guest::USER_ID)).eq(id.as_str()));
    delete
}

/// Keeps a guest until a moment.
pub(crate) fn keep(id: &ObjectId, until: Timestamp) -> InsertStatement {
    let mut guest = SelectStatement::new();
    guest
        .from(users::TABLE)
        .and_where(Expr::col((users::TABLE, users::OBJECT_ID)).eq(id.as_str()))
        .and_where(is_guest());
    let cells = [
        (kept_guest::USER_ID, id.as_str().into()),
        (kept_guest::UNTIL, until.as_millis().into()),
    ];
    let mut insert = insert_selected(kept_guest::TABLE, cells, guest);
    insert.on_conflict(
        OnConflict::column(kept_guest::USER_ID)
            .update_column(kept_guest::UNTIL)
            .to_owned(),
    );
    insert
}

/// Keeps a user no longer.
pub(crate) fn keep_no_longer(id: &ObjectId) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(kept_guest::TABLE)
        .and_where(Expr::col((kept_guest::TABLE, kept_guest::USER_ID)).eq(id.as_str()));
    delete
}

/// Finds a guest that is gone, as [`hold`] does.
pub(crate) fn hold_gone(id: &ObjectId, expiry: &Expiry, now: Timestamp) -> SelectStatement {
    let id_of_row = || Expr::col((users::TABLE, users::OBJECT_ID));
    let mut select = hold(id);
    select
        .and_where(is_guest())
        .and_where(has_session(id_of_row(), lives(expiry)).not())
        .and_where(is_kept(id_of_row(), now).not());
    select
}

/// That the row of `Users` is one of a guest.
pub(crate) fn is_guest() -> Expr {
    Expr::col((users::TABLE, users::USER_STATUS)).eq(UserStatus::Guest.as_str())
}

/// That this user has a session which is so; the condition is about [`other`].
pub(crate) fn has_session(user_id: Expr, so: Expr) -> Expr {
    let mut sessions = SelectStatement::new();
    sessions
        .expr(Expr::val(1_i64))
        .from_as(session::TABLE, OTHER)
        .and_where(other(session::USER_ID).eq(user_id))
        .and_where(so);
    Expr::exists(sessions)
}

/// A column of a session that [`has_session`] looks for.
pub(crate) fn other(column: &'static str) -> Expr {
    Expr::col((OTHER, column))
}

/// That a session that [`has_session`] looks for has not died.
pub(crate) fn lives(expiry: &Expiry) -> Expr {
    let used = expiry.last_used;
    let used = used.map(|dead| other(session::LAST_USED).gt(dead.as_millis()));
    let begun = expiry.created;
    let begun = begun.map(|dead| other(session::CREATED).gt(dead.as_millis()));
    let both = used.into_iter().chain(begun).reduce(ExprTrait::and);
    both.unwrap_or_else(dialect::always)
}

/// That this user is kept beyond a moment.
pub(crate) fn is_kept(user_id: Expr, now: Timestamp) -> Expr {
    let mut kept = SelectStatement::new();
    kept.expr(Expr::val(1_i64))
        .from(kept_guest::TABLE)
        .and_where(Expr::col((kept_guest::TABLE, kept_guest::USER_ID)).eq(user_id))
        .and_where(Expr::col((kept_guest::TABLE, kept_guest::UNTIL)).gt(now.as_millis()));
    Expr::exists(kept)
}

pub(crate) fn bytes(selector: Selector) -> Expr {
    Expr::val(selector.as_bytes().as_slice())
}

/// Makes a row of each guest without a session that a select finds.
fn departs(id: Expr, guests: SelectStatement) -> InsertStatement {
    let cells = [(departed_guest::USER_ID, id)];
    let mut insert = insert_selected(departed_guest::TABLE.into_iden(), cells, guests);
    insert.on_conflict(
        OnConflict::column(departed_guest::USER_ID)
            .do_nothing()
            .to_owned(),
    );
    insert
}
