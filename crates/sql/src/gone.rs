//! Which guests are gone, in pages that are never much work: those without any session first, then
//! those whose sessions are dead, each by an index in the order in which they died.

use sea_query::{CaseStatement, Expr, ExprTrait, Func, IntoColumnRef, Order, SelectStatement};
use vestibule_model::{ActivityTime, ObjectId, Selector, Timestamp};
use vestibule_storage::{Expiry, GonePage, GonePlace, GoneQuery};

use crate::{
    Query,
    decode::Cells,
    guests::{bytes, has_session, is_guest, is_kept, lives, other},
    names::{departed_guest, kept_guest, session, users},
};

const STAYS: i64 = 0;
const GONE: i64 = 1;
const KEPT: i64 = 2;
const NO_GUEST: i64 = 3;

/// Whoever may be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where in the order.
    pub place: GonePlace,
    /// Who.
    pub user_id: ObjectId,
    /// What becomes of them.
    pub fate: Fate,
}

/// What becomes of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It lives, or is a candidate once more later in the order.
    Stays,
    /// It is no guest; a session of it is dead.
    NoGuest,
    /// It is a guest and gone.
    Gone,
    /// It is a guest that would be gone, were it not kept.
    Kept,
}

/// The next candidates, `query.limit` of them at most; `None` if there can be none.
pub fn candidates(query: &GoneQuery) -> Option<Query<Candidate>> {
    Some(match stage(query)? {
        Stage::Departed(after) => departed(query, after),
        Stage::Unused(dead, after) => unused(query, dead, after),
        Stage::Old(dead, after) => old(query, dead, after),
    })
}

/// Where to go on after the candidates that the same query answered.
pub fn next(query: &GoneQuery, candidates: &[Candidate]) -> Option<GonePlace> {
    let stage = stage(query)?;
    let is_full = u64::try_from(candidates.len()).is_ok_and(|count| count >= limit(query));
    if let Some(last) = candidates.last().filter(|_| is_full) {
        return Some(last.place.clone());
    }
    let Expiry { last_used, created } = query.expiry;
    let unused = last_used.map(|_| GonePlace::Unused(None));
    let old = created.map(|_| GonePlace::Old(None));
    match stage {
        Stage::Departed(_) => unused.or(old),
        Stage::Unused(..) => old,
        Stage::Old(..) => None,
    }
}

/// Puts together what [`candidates`] answered to the same query.
pub fn page(query: &GoneQuery, candidates: Vec<Candidate>) -> GonePage {
    let mut page = GonePage {
        next: next(query, &candidates),
        ..GonePage::default()
    };
    for candidate in candidates {
        match (candidate.fate, candidate.place) {
            (Fate::Gone, _) => page.guests.push(candidate.user_id),
            (
                Fate::NoGuest,
                GonePlace::Unused(Some((_, selector))) | GonePlace::Old(Some((_, selector))),
            ) => page.dead_sessions_of_others.push(selector),
            _ => {}
        }
    }
    page
}

/// What a page is a part of, and where in there it begins.
enum Stage<'q> {
    Departed(Option<&'q ObjectId>),
    Unused(ActivityTime, Option<(ActivityTime, Selector)>),
    Old(Timestamp, Option<(Timestamp, Selector)>),
}

fn stage(query: &GoneQuery) -> Option<Stage<'_>> {
    let Expiry { last_used, created } = query.expiry;
    let old = |after| Some(Stage::Old(created?, after));
    match &query.after {
        None => Some(Stage::Departed(None)),
        Some(GonePlace::Departed(after)) => Some(Stage::Departed(Some(after))),
        Some(GonePlace::Unused(after)) => match last_used {
            Some(dead) => Some(Stage::Unused(dead, *after)),
            None => old(None),
        },
        Some(GonePlace::Old(after)) => old(*after),
    }
}

/// Guests without any session, by ascending id.
fn departed(query: &GoneQuery, after: Option<&ObjectId>) -> Query<Candidate> {
    let user_id = || Expr::col((departed_guest::TABLE, departed_guest::USER_ID));
    let is_gone = has_session(user_id(), lives(&query.expiry)).not();
    let mut select = SelectStatement::new();
    select
        .expr(user_id())
        .expr(fate(query, user_id, is_gone))
        .from(departed_guest::TABLE)
        .and_where_option(after.map(|after| user_id().gt(after.as_str())))
        .order_by((departed_guest::TABLE, departed_guest::USER_ID), Order::Asc)
        .limit(limit(query));
    Query::new(select, |row| {
        let mut cells = Cells::new(row, departed_guest::TABLE);
        let user_id = cells.object_id(departed_guest::USER_ID)?;
        Ok(Candidate {
            place: GonePlace::Departed(user_id.clone()),
            user_id,
            fate: read_fate(&mut cells)?,
        })
    })
}

/// Sessions that were not used for too long, the longest unused first. A user comes with the last
/// of them.
fn unused(
    query: &GoneQuery,
    dead: ActivityTime,
    after: Option<(ActivityTime, Selector)>,
) -> Query<Candidate> {
    let comes_later = other(session::LAST_USED)
        .lte(dead.as_millis())
        .and(place_of(other, session::LAST_USED).gt(place_of(own, session::LAST_USED)));
    let is_gone = has_session(own(session::USER_ID), lives(&query.expiry).or(comes_later));
    let mut select = sessions_by(query, session::LAST_USED, is_gone.not());
    select.and_where(own(session::LAST_USED).lte(dead.as_millis()));
    if let Some((used, selector)) = after {
        let after = Expr::tuple([Expr::val(used.as_millis()), bytes(selector)]);
        select.and_where(place_of(own, session::LAST_USED).gt(after));
    }
    select.order_by((session::TABLE, session::LAST_USED), Order::Asc);
    select.order_by((session::TABLE, session::SELECTOR), Order::Asc);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, session::TABLE);
        let selector = cells.selector(session::SELECTOR)?;
        let used = cells.activity_time(session::LAST_USED)?;
        Ok(Candidate {
            place: GonePlace::Unused(Some((used, selector))),
            user_id: cells.object_id(session::USER_ID)?,
            fate: read_fate(&mut cells)?,
        })
    })
}

/// Sessions that began too long ago, the oldest first: selectors stand in the order in which
/// sessions began. A user comes with the last of them, unless it came as one of the unused.
fn old(
    query: &GoneQuery,
    dead: Timestamp,
    after: Option<(Timestamp, Selector)>,
) -> Query<Candidate> {
    let comes_later = other(session::CREATED)
        .lte(dead.as_millis())
        .and(other(session::SELECTOR).gt(own(session::SELECTOR)));
    let unused = query.expiry.last_used;
    let came_before = unused.map(|dead| other(session::LAST_USED).lte(dead.as_millis()));
    let mut is_no_matter = lives(&query.expiry).or(comes_later);
    if let Some(came_before) = came_before {
        is_no_matter = is_no_matter.or(came_before);
    }
    let is_gone = has_session(own(session::USER_ID), is_no_matter).not();
    let mut select = sessions_by(query, session::CREATED, is_gone);
    select
        .and_where(own(session::SELECTOR).lte(bytes(Selector::last_of(dead))))
        .and_where(own(session::CREATED).lte(dead.as_millis()))
        .and_where_option(after.map(|(_, after)| own(session::SELECTOR).gt(bytes(after))))
        .order_by((session::TABLE, session::SELECTOR), Order::Asc);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, session::TABLE);
        let selector = cells.selector(session::SELECTOR)?;
        let created = cells.timestamp(session::CREATED)?;
        Ok(Candidate {
            place: GonePlace::Old(Some((created, selector))),
            user_id: cells.object_id(session::USER_ID)?,
            fate: read_fate(&mut cells)?,
        })
    })
}

/// The sessions with the moment that counts, and the fate of their users.
fn sessions_by(query: &GoneQuery, moment: &'static str, is_gone: Expr) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .expr(own(session::SELECTOR))
        .expr(own(moment))
        .expr(own(session::USER_ID))
        .expr(fate(query, || own(session::USER_ID), is_gone))
        .from(session::TABLE)
        .limit(limit(query));
    select
}

/// What becomes of the user of a row, who is gone and no matter later in the order if `is_gone`.
fn fate(query: &GoneQuery, user_id: impl Fn() -> Expr, is_gone: Expr) -> Expr {
    let mut guest = SelectStatement::new();
    guest
        .expr(Expr::val(1_i64))
        .from(users::TABLE)
        .and_where(Expr::col((users::TABLE, users::OBJECT_ID)).eq(user_id()))
        .and_where(is_guest());
    CaseStatement::new()
        .case(Expr::exists(guest).not(), NO_GUEST)
        .case(is_gone.not(), STAYS)
        .case(is_kept(user_id(), query.now), KEPT)
        .finally(GONE)
        .into()
}

fn read_fate(cells: &mut Cells<'_>) -> Result<Fate, vestibule_storage::StorageError> {
    match cells.integer("fate")? {
        STAYS => Ok(Fate::Stays),
        GONE => Ok(Fate::Gone),
        KEPT => Ok(Fate::Kept),
        NO_GUEST => Ok(Fate::NoGuest),
        _ => Err(cells.corrupt("fate")),
    }
}

fn own(column: &'static str) -> Expr {
    Expr::col((session::TABLE, column))
}

/// Where a session stands in the order of this moment.
fn place_of(of: impl Fn(&'static str) -> Expr, moment: &'static str) -> Expr {
    Expr::tuple([of(moment), of(session::SELECTOR)])
}

/// A page of nothing would never end.
fn limit(query: &GoneQuery) -> u64 {
    Ord::max(query.limit, 1)
}

/// The guests that somebody wanted to keep, by ascending id.
pub fn kept(after: Option<&ObjectId>, limit: u64) -> Query<(ObjectId, Timestamp)> {
    let user_id = (kept_guest::TABLE, kept_guest::USER_ID).into_column_ref();
    let after = after.map(|after| Expr::col(user_id.clone()).gt(after.as_str()));
    let mut select = SelectStatement::new();
    select
        .column(user_id.clone())
        .column((kept_guest::TABLE, kept_guest::UNTIL))
        .from(kept_guest::TABLE)
        .and_where_option(after)
        .order_by(user_id, Order::Asc)
        .limit(limit);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, kept_guest::TABLE);
        let id = cells.object_id(kept_guest::USER_ID)?;
        cells.of_row(id.as_str());
        Ok((id, cells.timestamp(kept_guest::UNTIL)?))
    })
}

/// A slice of the users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// How many of them are guests.
    pub guests: u64,
    /// The last of them, if there are any: where the next slice begins.
    pub last: Option<ObjectId>,
}

/// How many guests there are among the next `size` users behind `after`.
pub fn slice(after: Option<&ObjectId>, size: u64) -> Query<Slice> {
    let after = after.map(|after| Expr::col((users::TABLE, users::OBJECT_ID)).gt(after.as_str()));
    let mut slice = SelectStatement::new();
    slice
        .column((users::TABLE, users::OBJECT_ID))
        .column((users::TABLE, users::USER_STATUS))
        .from(users::TABLE)
        .and_where_option(after)
        .order_by((users::TABLE, users::OBJECT_ID), Order::Asc)
        .limit(size);
    let guests: Expr = CaseStatement::new().case(is_guest(), 1_i64).into();
    let mut select = SelectStatement::new();
    select
        .expr(Func::count(guests))
        .expr(Func::max(Expr::col((users::TABLE, users::OBJECT_ID))))
        // Under the name of the table that it is a part of.
        .from_subquery(slice, users::TABLE);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, users::TABLE);
        let guests = cells.integer(users::USER_STATUS)?;
        Ok(Slice {
            guests: u64::try_from(guests).unwrap_or_default(),
            last: cells.maybe_object_id(users::OBJECT_ID)?,
        })
    })
}
