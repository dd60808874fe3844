//! Sessions and the times at which servers ran: reads, and the statements of their changes.

use sea_query::{
    DeleteStatement, Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, Order,
    SelectStatement, UpdateStatement,
};
use vestibule_model::{ActivityTime, ObjectId, Selector, Session, Timestamp, UserStatus};
use vestibule_storage::{ActivityHistory, Expiry, StorageError, StoredSession};

use crate::{
    NewRow, Query, Row,
    decode::Cells,
    dialect, guests,
    names::{assigned_role, heartbeat, session, start, users},
    statement::insert_into,
};

/// Sessions that one statement ends by their selectors at most.
pub(crate) const ENDED_AT_ONCE: usize = 250;

/// The session with this selector and the status of its user, once for every custom role of the user,
/// which goes with it. Put together by [`assemble`].
pub fn by_selector(selector: Selector) -> Query<(Session, UserStatus, Option<String>)> {
    let mut select = select_sessions();
    select
        .column((users::TABLE, users::USER_STATUS))
        .column((assigned_role::TABLE, assigned_role::ROLE))
        .inner_join(
            users::TABLE,
            Expr::col((users::TABLE, users::OBJECT_ID)).equals((session::TABLE, session::USER_ID)),
        )
        // One statement for both, since a read is one snapshot.
        .left_join(
            assigned_role::TABLE,
            Expr::col((assigned_role::TABLE, assigned_role::USER_ID))
                .equals((session::TABLE, session::USER_ID)),
        )
        .and_where(is(selector));
    Query::new(select, |row| {
        let mut cells = Cells::new(row, session::TABLE);
        let session = decode_session(&mut cells)?;
        cells.of_table(users::TABLE);
        cells.of_row(session.user_id.as_str());
        let user_status = cells.user_status(users::USER_STATUS)?;
        cells.of_table(assigned_role::TABLE);
        let role = cells.maybe_text(assigned_role::ROLE)?.map(str::to_owned);
        Ok((session, user_status, role))
    })
}

/// Puts together what [`by_selector`] answered.
pub fn assemble(rows: Vec<(Session, UserStatus, Option<String>)>) -> Option<StoredSession> {
    let mut rows = rows.into_iter();
    let (session, user_status, role) = rows.next()?;
    let mut user_roles: Vec<String> = role.into_iter().collect();
    user_roles.extend(rows.filter_map(|(_, _, role)| role));
    user_roles.sort_unstable();
    Some(StoredSession {
        session,
        user_status,
        user_roles,
    })
}

/// All sessions of a user, in ascending order of their selectors.
pub fn of_user(user_id: &ObjectId) -> Query<Session> {
    let mut select = select_sessions();
    select
        .and_where(belongs_to(user_id))
        .order_by((session::TABLE, session::SELECTOR), Order::Asc);
    Query::new(select, |row| {
        decode_session(&mut Cells::new(row, session::TABLE))
    })
}

/// The heartbeat, once for every start, which goes with it. Put together by [`history`].
pub fn heartbeat_and_starts() -> Query<(ActivityTime, Timestamp, Option<ActivityTime>)> {
    let mut select = SelectStatement::new();
    select
        .column((heartbeat::TABLE, heartbeat::AT))
        .column((heartbeat::TABLE, heartbeat::WALL))
        .column((start::TABLE, start::AT))
        .from(heartbeat::TABLE)
        // One statement for both, since a read is one snapshot; all starts go with the one row.
        .left_join(
            start::TABLE,
            Expr::col((start::TABLE, start::AT)).is_not_null(),
        )
        .order_by((start::TABLE, start::AT), Order::Asc);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, heartbeat::TABLE);
        let beat = cells.activity_time(heartbeat::AT)?;
        let wall = cells.timestamp(heartbeat::WALL)?;
        cells.of_table(start::TABLE);
        let started = cells.cell(start::AT, Row::integer)?;
        Ok((beat, wall, started.map(ActivityTime::from_millis)))
    })
}

/// Puts together what [`heartbeat_and_starts`] answered.
pub fn history(rows: Vec<(ActivityTime, Timestamp, Option<ActivityTime>)>) -> ActivityHistory {
    let (heartbeat, wall) = rows
        .first()
        .map_or_else(Default::default, |row| (row.0, row.1));
    ActivityHistory {
        heartbeat,
        wall,
        starts: rows.into_iter().filter_map(|row| row.2).collect(),
    }
}

/// A write that changes nothing, to see whether writing works.
pub fn write_nothing() -> UpdateStatement {
    let mut update = UpdateStatement::new();
    update
        .table(heartbeat::TABLE)
        .value(heartbeat::AT, Expr::col(heartbeat::AT));
    update
}

/// The selectors of a user's sessions, in ascending order.
pub(crate) fn selectors_of(user_id: &ObjectId) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((session::TABLE, session::SELECTOR))
        .from(session::TABLE)
        .and_where(belongs_to(user_id))
        .order_by((session::TABLE, session::SELECTOR), Order::Asc);
    select
}

/// Makes a session.
pub(crate) fn insert(new: &Session) -> NewRow {
    NewRow::of(session::TABLE)
        .with(session::SELECTOR, new.selector.as_bytes().as_slice())
        .with(
            session::VERIFIER_HASH,
            new.verifier_hash.as_bytes().as_slice(),
        )
        .with(session::USER_ID, new.user_id.as_str())
        .with(session::CREATED, new.created.as_millis())
        .with(session::LAST_USED, new.last_used.as_millis())
}

/// Ends one session.
pub(crate) fn end(selector: Selector) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete.from_table(session::TABLE).and_where(is(selector));
    delete
}

/// Ends the sessions of a user but one, and answers their selectors.
pub(crate) fn end_all_of(user_id: &ObjectId, except: Option<Selector>) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(session::TABLE)
        .and_where(belongs_to(user_id))
        .and_where_option(except.map(|except| {
            Expr::col((session::TABLE, session::SELECTOR)).ne(bytes(except.as_bytes()))
        }))
        .returning_col(session::SELECTOR);
    delete
}

/// Ends those of these sessions that are dead and of no guest, and answers their selectors.
pub(crate) fn end_dead(selectors: &[Selector], expiry: &Expiry) -> DeleteStatement {
    let own = |column| Expr::col((session::TABLE, column));
    let mut guest = SelectStatement::new();
    guest
        .expr(Expr::val(1_i64))
        .from(users::TABLE)
        .and_where(Expr::col((users::TABLE, users::OBJECT_ID)).eq(own(session::USER_ID)))
        .and_where(guests::is_guest());
    let used = expiry.last_used;
    let used = used.map(|dead| own(session::LAST_USED).lte(dead.as_millis()));
    let begun = expiry.created;
    let begun = begun.map(|dead| own(session::CREATED).lte(dead.as_millis()));
    let is_dead = used.into_iter().chain(begun).reduce(ExprTrait::or);
    let selectors = selectors.iter().map(|selector| bytes(selector.as_bytes()));
    let mut delete = DeleteStatement::new();
    delete
        .from_table(session::TABLE)
        .and_where(own(session::SELECTOR).is_in(selectors))
        .and_where(is_dead.unwrap_or_else(|| dialect::always().not()))
        .and_where(Expr::exists(guest).not())
        .returning_col(session::SELECTOR);
    delete
}

/// Writes down when a session was last used, unless something later is stored.
pub(crate) fn record_activity(selector: Selector, at: ActivityTime) -> UpdateStatement {
    let mut update = UpdateStatement::new();
    update
        .table(session::TABLE)
        .value(session::LAST_USED, at.as_millis())
        .and_where(is(selector))
        .and_where(Expr::col((session::TABLE, session::LAST_USED)).lt(at.as_millis()));
    update
}

/// Writes down that a server runs, unless something later is stored.
pub(crate) fn record_heartbeat(at: ActivityTime, wall: Timestamp) -> UpdateStatement {
    let mut update = UpdateStatement::new();
    update
        .table(heartbeat::TABLE)
        .value(heartbeat::AT, at.as_millis())
        .value(heartbeat::WALL, wall.as_millis())
        .and_where(Expr::col((heartbeat::TABLE, heartbeat::AT)).lt(at.as_millis()));
    update
}

/// Writes down that a server started.
pub(crate) fn record_start(at: ActivityTime) -> InsertStatement {
    let mut insert = insert_into(
        start::TABLE,
        [(start::AT.into_iden(), at.as_millis().into())],
    );
    insert.on_conflict(OnConflict::column(start::AT).do_nothing().to_owned());
    insert
}

fn select_sessions() -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .columns([
            (session::TABLE, session::SELECTOR),
            (session::TABLE, session::VERIFIER_HASH),
            (session::TABLE, session::USER_ID),
            (session::TABLE, session::CREATED),
            (session::TABLE, session::LAST_USED),
        ])
        .from(session::TABLE);
    select
}

fn decode_session(cells: &mut Cells<'_>) -> Result<Session, StorageError> {
    let selector = cells.selector(session::SELECTOR)?;
    cells.of_row(format!("{selector:?}"));
    Ok(Session {
        selector,
        verifier_hash: cells.verifier_hash(session::VERIFIER_HASH)?,
        user_id: cells.object_id(session::USER_ID)?,
        created: cells.timestamp(session::CREATED)?,
        last_used: cells.activity_time(session::LAST_USED)?,
    })
}

fn is(selector: Selector) -> Expr {
    Expr::col((session::TABLE, session::SELECTOR)).eq(bytes(selector.as_bytes()))
}

fn belongs_to(user_id: &ObjectId) -> Expr {
    Expr::col((session::TABLE, session::USER_ID)).eq(user_id.as_str())
}

fn bytes(bytes: &[u8]) -> Expr {
    Expr::val(bytes)
}
