//! The audit trail.

use sea_query::{Order, SelectStatement};
use vestibule_model::{Actor, AuditRecord, KeyKind, ObjectId};
use vestibule_storage::StorageError;

use crate::{NewRow, Query, Row, decode::Cells, names::audit};

const HANDLER: &str = "HANDLER";
const KEY: &str = "KEY";
const ADMIN: &str = "ADMIN";

/// A page of the trail, newest first.
pub fn page(offset: u64, limit: u64) -> Query<AuditRecord> {
    let mut select = SelectStatement::new();
    select
        .columns([
            audit::ID,
            audit::AT,
            audit::ACTOR_KIND,
            audit::ACTOR,
            audit::ACTION,
            audit::SUBJECT,
            audit::CALLER,
        ])
        .from(audit::TABLE)
        .order_by(audit::ID, Order::Desc)
        .limit(limit.min(i64::MAX.unsigned_abs()))
        .offset(offset.min(i64::MAX.unsigned_abs()));
    Query::new(select, decode)
}

/// Appends a record.
pub(crate) fn insert(record: &AuditRecord) -> NewRow {
    let (kind, actor) = match &record.actor {
        Actor::Handler(path) => (HANDLER, Some(path.as_str())),
        Actor::Key(kind) => (KEY, Some(kind.as_str())),
        Actor::Admin => (ADMIN, None),
    };
    NewRow::of(audit::TABLE)
        .with(audit::AT, record.at.as_millis())
        .with(audit::ACTOR_KIND, kind)
        .with(audit::ACTOR, actor)
        .with(audit::ACTION, record.action.as_str())
        .with(
            audit::SUBJECT,
            record.subject.as_ref().map(ObjectId::as_str),
        )
        .with(audit::CALLER, record.caller.as_ref().map(ObjectId::as_str))
}

fn decode(row: &dyn Row) -> Result<AuditRecord, StorageError> {
    let mut cells = Cells::new(row, audit::TABLE);
    let id = cells.integer(audit::ID)?;
    cells.of_row(id.to_string());
    let at = cells.timestamp(audit::AT)?;
    let kind = cells.text(audit::ACTOR_KIND)?;
    let actor = match (kind, cells.maybe_text(audit::ACTOR)?) {
        (HANDLER, Some(path)) => Actor::Handler(path.to_owned()),
        (KEY, Some(kind)) => {
            Actor::Key(KeyKind::from_name(kind).ok_or_else(|| cells.corrupt(audit::ACTOR))?)
        }
        (ADMIN, None) => Actor::Admin,
        _ => return Err(cells.corrupt(audit::ACTOR_KIND)),
    };
    Ok(AuditRecord {
        at,
        actor,
        action: cells.text(audit::ACTION)?.to_owned(),
        subject: cells.maybe_object_id(audit::SUBJECT)?,
        caller: cells.maybe_object_id(audit::CALLER)?,
    })
}
