//! Timers: reads, and the statements of their changes.

use sea_query::{
    Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, Order, SelectStatement, UpdateStatement,
};
use vestibule_model::{ObjectId, TimerLease, TimerRun, TimerState, Timestamp};
use vestibule_storage::StorageError;

use crate::{Query, Row, decode::Cells, names::timer, statement::insert_into};

/// Every timer, by path in ascending order.
pub fn all() -> Query<TimerState> {
    let mut select = SelectStatement::new();
    select
        .columns(
            [
                timer::PATH,
                timer::SCHEDULE,
                timer::ENABLED,
                timer::DUE,
                timer::LEASE_HOLDER,
                timer::LEASE_SINCE,
                timer::LEASE_UNTIL,
                timer::LAST_BEGAN,
                timer::LAST_ENDED,
                timer::LAST_ERROR,
                timer::RUNS,
                timer::FAILURES,
                timer::SKIPPED,
            ]
            .map(|name| (timer::TABLE, name)),
        )
        .from(timer::TABLE)
        .order_by((timer::TABLE, timer::PATH), Order::Asc);
    Query::new(select, decode)
}

/// Finds a timer that is enabled and due at this moment, as [`hold_idle`] does.
pub(crate) fn hold_due(path: &str, due: Timestamp) -> SelectStatement {
    let mut select = hold(path);
    select
        .and_where(column(timer::ENABLED).eq(true))
        .and_where(column(timer::DUE).eq(due.as_millis()));
    select
}

/// Finds a timer that nobody has the right to run, and on engines that lock rows keeps it until the
/// step ends.
pub(crate) fn hold_idle(path: &str, now: Timestamp) -> SelectStatement {
    let until = || column(timer::LEASE_UNTIL);
    let mut select = hold(path);
    select.and_where(until().is_null().or(until().lte(now.as_millis())));
    select
}

/// Makes a timer, or changes the schedule of one that has another.
pub(crate) fn schedule(path: &str, schedule: &str, due: Option<Timestamp>) -> InsertStatement {
    let cells: [(&'static str, Expr); 7] = [
        (timer::PATH, path.into()),
        (timer::SCHEDULE, schedule.into()),
        (timer::ENABLED, true.into()),
        (timer::DUE, moment(due)),
        (timer::RUNS, 0_i64.into()),
        (timer::FAILURES, 0_i64.into()),
        (timer::SKIPPED, 0_i64.into()),
    ];
    let mut insert = insert_into(
        timer::TABLE,
        cells.map(|(column, value)| (column.into_iden(), value)),
    );
    insert.on_conflict(
        OnConflict::column(timer::PATH)
            .update_columns([timer::SCHEDULE, timer::DUE])
            .action_and_where(column(timer::SCHEDULE).ne(schedule))
            .to_owned(),
    );
    insert
}

/// Switches a timer on or off.
pub(crate) fn enable(path: &str, enabled: bool, due: Option<Timestamp>) -> UpdateStatement {
    let mut update = update(path);
    update
        .value(timer::ENABLED, enabled)
        .value(timer::DUE, moment(due));
    update
}

/// Gives somebody the right to run a timer, whoever had it.
pub(crate) fn begin(path: &str, lease: &TimerLease) -> UpdateStatement {
    let mut update = update(path);
    update
        .value(timer::LEASE_HOLDER, lease.holder.as_str())
        .value(timer::LEASE_SINCE, lease.since.as_millis())
        .value(timer::LEASE_UNTIL, lease.until.as_millis());
    update
}

/// Writes down the next tick, and counts those that did not run the timer.
pub(crate) fn advance(path: &str, next: Option<Timestamp>, skipped: u64) -> UpdateStatement {
    let skipped = i64::try_from(skipped).unwrap_or(i64::MAX);
    let mut update = update(path);
    update
        .value(timer::DUE, moment(next))
        .value(timer::SKIPPED, column(timer::SKIPPED).add(skipped));
    update
}

/// Writes down how a run ended, if it still has the right to the timer.
pub(crate) fn end(
    path: &str,
    holder: &ObjectId,
    at: Timestamp,
    error: Option<&str>,
) -> UpdateStatement {
    let mut update = update(path);
    // Every value is reckoned from the row as it was, so the lease is still there to be read.
    update
        .value(timer::LAST_BEGAN, column(timer::LEASE_SINCE))
        .value(timer::LAST_ENDED, at.as_millis())
        .value(timer::LAST_ERROR, error)
        .value(timer::RUNS, column(timer::RUNS).add(1_i64))
        .value(
            timer::FAILURES,
            column(timer::FAILURES).add(i64::from(error.is_some())),
        )
        .value(timer::LEASE_HOLDER, None::<&str>)
        .value(timer::LEASE_SINCE, moment(None))
        .value(timer::LEASE_UNTIL, moment(None))
        .and_where(column(timer::LEASE_HOLDER).eq(holder.as_str()));
    update
}

fn hold(path: &str) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((timer::TABLE, timer::PATH))
        .from(timer::TABLE)
        .and_where(is(path))
        .lock_exclusive();
    select
}

fn update(path: &str) -> UpdateStatement {
    let mut update = UpdateStatement::new();
    update.table(timer::TABLE).and_where(is(path));
    update
}

fn decode(row: &dyn Row) -> Result<TimerState, StorageError> {
    let mut cells = Cells::new(row, timer::TABLE);
    let path = cells.text(timer::PATH)?.to_owned();
    cells.of_row(path.as_str());
    Ok(TimerState {
        path,
        schedule: cells.text(timer::SCHEDULE)?.to_owned(),
        enabled: cells.boolean(timer::ENABLED)?,
        due: cells.maybe_timestamp(timer::DUE)?,
        lease: decode_lease(&mut cells)?,
        last_run: decode_last_run(&mut cells)?,
        runs: whole_number(&mut cells, timer::RUNS)?,
        failures: whole_number(&mut cells, timer::FAILURES)?,
        skipped: whole_number(&mut cells, timer::SKIPPED)?,
    })
}

fn decode_lease(cells: &mut Cells<'_>) -> Result<Option<TimerLease>, StorageError> {
    let holder = cells.maybe_object_id(timer::LEASE_HOLDER)?;
    let since = cells.maybe_timestamp(timer::LEASE_SINCE)?;
    let until = cells.maybe_timestamp(timer::LEASE_UNTIL)?;
    match (holder, since, until) {
        (Some(holder), Some(since), Some(until)) => Ok(Some(TimerLease {
            holder,
            since,
            until,
        })),
        (None, None, None) => Ok(None),
        _ => Err(cells.corrupt(timer::LEASE_HOLDER)),
    }
}

fn decode_last_run(cells: &mut Cells<'_>) -> Result<Option<TimerRun>, StorageError> {
    let began = cells.maybe_timestamp(timer::LAST_BEGAN)?;
    let ended = cells.maybe_timestamp(timer::LAST_ENDED)?;
    let error = cells.maybe_text(timer::LAST_ERROR)?.map(str::to_owned);
    match (began, ended, error) {
        (Some(began), Some(ended), error) => Ok(Some(TimerRun {
            began,
            ended,
            error,
        })),
        (None, None, None) => Ok(None),
        _ => Err(cells.corrupt(timer::LAST_BEGAN)),
    }
}

fn whole_number(cells: &mut Cells<'_>, column: &str) -> Result<u64, StorageError> {
    let integer = cells.integer(column)?;
    u64::try_from(integer).map_err(|_| cells.corrupt(column))
}

fn is(path: &str) -> Expr {
    column(timer::PATH).eq(path)
}

fn column(name: &'static str) -> Expr {
    Expr::col((timer::TABLE, name))
}

fn moment(moment: Option<Timestamp>) -> Expr {
    moment.map(Timestamp::as_millis).into()
}
