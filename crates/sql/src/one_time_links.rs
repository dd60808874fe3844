//! Links that were mailed to users and work once: reads, and the statements of their changes.

use sea_query::{DeleteStatement, Expr, ExprTrait, IntoIden, SelectStatement};
use vestibule_model::{LinkPurpose, ObjectId, OneTimeLink, Selector, Timestamp};
use vestibule_storage::{Precondition, StorageError};

use crate::{Query, Row, Step, Then, decode::Cells, names::one_time_link, statement::insert_into};

/// The link with this selector.
pub fn by_selector(selector: Selector) -> Query<OneTimeLink> {
    let mut select = select_links();
    select.and_where(is(selector));
    Query::new(select, decode)
}

/// The link of a user for a purpose.
pub fn of_user(user_id: &ObjectId, purpose: LinkPurpose) -> Query<OneTimeLink> {
    let mut select = select_links();
    select
        .and_where(belongs_to(user_id))
        .and_where(is_for(purpose));
    Query::new(select, decode)
}

/// Finds a link, and on engines that lock rows keeps it until the step ends.
pub(crate) fn hold(selector: Selector) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((one_time_link::TABLE, one_time_link::SELECTOR))
        .from(one_time_link::TABLE)
        .and_where(is(selector))
        .lock_exclusive();
    select
}

/// Makes a link, in place of what the user had for that purpose.
pub(crate) fn put(link: &OneTimeLink) -> [Step; 2] {
    let cells: [(&'static str, Expr); 7] = [
        (one_time_link::SELECTOR, bytes(link.selector.as_bytes())),
        (
            one_time_link::VERIFIER_HASH,
            bytes(link.verifier_hash.as_bytes()),
        ),
        (one_time_link::USER_ID, link.user_id.as_str().into()),
        (one_time_link::PURPOSE, link.purpose.as_str().into()),
        (one_time_link::EMAIL, link.email.as_str().into()),
        (one_time_link::CREATED, link.created.as_millis().into()),
        (one_time_link::EXPIRES, link.expires.as_millis().into()),
    ];
    let insert = insert_into(
        one_time_link::TABLE,
        cells.map(|(column, value)| (column.into_iden(), value)),
    );
    let exists = Precondition::UserExists(link.user_id.clone());
    [
        Step::new(remove(&link.user_id, link.purpose), Then::GoOn),
        Step::new(insert, Then::RefersTo(exists)),
    ]
}

/// Removes what a user has for a purpose.
pub(crate) fn remove(user_id: &ObjectId, purpose: LinkPurpose) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(one_time_link::TABLE)
        .and_where(belongs_to(user_id))
        .and_where(is_for(purpose));
    delete
}

/// Removes what works no more.
pub(crate) fn remove_expired(now: Timestamp) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(one_time_link::TABLE)
        .and_where(column(one_time_link::EXPIRES).lt(now.as_millis()));
    delete
}

fn select_links() -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .columns(
            [
                one_time_link::SELECTOR,
                one_time_link::VERIFIER_HASH,
                one_time_link::USER_ID,
                one_time_link::PURPOSE,
                one_time_link::EMAIL,
                one_time_link::CREATED,
                one_time_link::EXPIRES,
            ]
            .map(|name| (one_time_link::TABLE, name)),
        )
        .from(one_time_link::TABLE);
    select
}

fn decode(row: &dyn Row) -> Result<OneTimeLink, StorageError> {
    let mut cells = Cells::new(row, one_time_link::TABLE);
    let selector = cells.selector(one_time_link::SELECTOR)?;
    cells.of_row(format!("{selector:?}"));
    Ok(OneTimeLink {
        selector,
        verifier_hash: cells.verifier_hash(one_time_link::VERIFIER_HASH)?,
        user_id: cells.object_id(one_time_link::USER_ID)?,
        purpose: LinkPurpose::from_name(cells.text(one_time_link::PURPOSE)?)
            .ok_or_else(|| cells.corrupt(one_time_link::PURPOSE))?,
        email: cells.text(one_time_link::EMAIL)?.to_owned(),
        created: cells.timestamp(one_time_link::CREATED)?,
        expires: cells.timestamp(one_time_link::EXPIRES)?,
    })
}

fn is(selector: Selector) -> Expr {
    column(one_time_link::SELECTOR).eq(bytes(selector.as_bytes()))
}

fn belongs_to(user_id: &ObjectId) -> Expr {
    column(one_time_link::USER_ID).eq(user_id.as_str())
}

fn is_for(purpose: LinkPurpose) -> Expr {
    column(one_time_link::PURPOSE).eq(purpose.as_str())
}

fn column(name: &'static str) -> Expr {
    Expr::col((one_time_link::TABLE, name))
}

fn bytes(bytes: &[u8]) -> Expr {
    Expr::val(bytes)
}
