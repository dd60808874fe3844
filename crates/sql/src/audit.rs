//! The audit trail.

use sea_query::{Expr, InsertStatement, IntoIden, Order, SelectStatement};
use vestibule_model::{Actor, AuditRecord, KeyKind, ObjectId};
use vestibule_storage::StorageError;

use crate::{Query, Row, decode::Cells, names::audit, statement::insert_into};

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
pub(crate) fn insert(record: &AuditRecord) -> InsertStatement {
    let (kind, actor) = match &record.actor {
        Actor::Handler(path) => (HANDLER, Some(path.as_str())),
        Actor::Key(kind) => (KEY, Some(kind.as_str())),
        Actor::Admin => (ADMIN, None),
    };
    let cells: [(&'static str, Expr); 6] = [
        (audit::AT, record.at.as_millis().into()),
        (audit::ACTOR_KIND, kind.into()),
        (audit::ACTOR, actor.into()),
        (audit::ACTION, record.action.as_str().into()),
        (audit::SUBJECT, id_or_null(record.subject.as_ref())),
        (audit::CALLER, id_or_null(record.caller.as_ref())),
    ];
    insert_into(
        audit::TABLE,
        cells.map(|(column, value)| (column.into_iden(), value)),
    )
}

fn id_or_null(id: Option<&ObjectId>) -> Expr {
    id.map(ObjectId::as_str).into()
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
