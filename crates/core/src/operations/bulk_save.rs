//! Several records made, or made and changed, in one step.

use std::collections::HashSet;

use vestibule_model::{Catalogue, ObjectId, PermissionOperation, Properties, USERS, Value};
use vestibule_storage::{
    Condition, Constraint, FindQuery, Operand, Precondition, Select, StorageError, Visibility,
};

use super::{
    Register, UpdateUser, Via,
    record_properties::{Sent, id_of},
    saving::{self, Failed, Is, Row, Saver},
    user_reach,
    user_rows::{self, UserRow},
};
use crate::{
    Error, Result, context::Context, engine::EngineInner, event::Operation, permissions, schema,
};

/// Records in one call (wire contract, section 9.4).
const RECORDS_AT_MOST: usize = 100;

/// Times a bulk save looks again because records came or went meanwhile.
const ATTEMPTS: usize = 3;

/// One bulk save on its way.
pub(super) struct BulkSave<'a> {
    pub(super) ctx: &'a Context,
    pub(super) table: &'a str,
    /// What to call it in an error.
    pub(super) what: &'static str,
    /// Whether records that exist change, rather than being a conflict.
    pub(super) upsert: bool,
}

/// Whether this caller may make records of this table.
///
/// # Errors
/// 1011; for users 2000 as well, and 3009 while registration is switched off.
pub(super) fn may_make(ctx: &Context, table: &str) -> Result<()> {
    if table == USERS {
        return registration(Properties::new()).permit(ctx);
    }
    permissions::permit(ctx, table, PermissionOperation::Add)
}

/// Whether this caller may make or change records of this table, some of them with an id.
///
/// # Errors
/// 1134, and what a record that cannot but be made is refused with.
pub(super) fn may_upsert(ctx: &Context, table: &str, records: &[Properties]) -> Result<()> {
    permissions::permit(ctx, table, PermissionOperation::Upsert)?;
    let is_new = |record: &Properties| record.get("objectId").is_none_or(Value::is_null);
    let may_change = permissions::permit(ctx, table, PermissionOperation::Update);
    if may_change.is_err() || records.iter().any(is_new) {
        return may_make(ctx, table);
    }
    Ok(())
}

fn registration(properties: Properties) -> Register {
    Register {
        via: Via::DataService,
        ..Register::new(properties)
    }
}

impl BulkSave<'_> {
    /// Saves all records or none, and answers their ids in their order.
    ///
    /// # Errors
    /// 8008 for more than a hundred, and what a save of one of them is refused with.
    pub(super) async fn run(&self, records: Vec<Properties>) -> Result<Vec<ObjectId>> {
        if records.len() > RECORDS_AT_MOST {
            return Err(Error::invalid(format!(
                "Bulk {} operation supports no more than {RECORDS_AT_MOST} objects",
                self.what
            )));
        }
        if records.is_empty() {
            // A dynamic schema makes no table without a record.
            return Ok(Vec::new());
        }
        if self.table == USERS {
            self.save_users(records).await
        } else {
            self.save_records(records).await
        }
    }

    async fn save_records(&self, records: Vec<Properties>) -> Result<Vec<ObjectId>> {
        let (ctx, engine) = (self.ctx, &self.ctx.shared.engine);
        let mut sent = Vec::new();
        let mut ids = Vec::new();
        for properties in records {
            let record = Sent::sort_out(properties, ctx.call())?;
            ids.push(match &record.id {
                Some(id) => id.clone(),
                None => ObjectId::generate(ctx.now(), &*engine.randomness),
            });
            sent.push(record);
        }
        let saver = Saver::of(ctx);
        let may_make = may_make(ctx, self.table);
        for attempt in 1.. {
            let mut there = self.there(&sent).await?;
            let mut rows = Vec::new();
            for (id, sent) in ids.iter().zip(&sent) {
                // The second record of one id changes the first.
                let is = if there.insert(id.clone()) || !self.upsert {
                    may_make.clone()?;
                    Is::New
                } else {
                    Is::There { before: None }
                };
                rows.push(Row {
                    id: id.clone(),
                    is,
                    sent,
                });
            }
            let plan =
                |catalogue: &Catalogue| Ok((saver.plan(catalogue, self.table, &rows)?.changes, ()));
            match saving::apply(engine, plan).await {
                Ok(_) => break,
                Err(failed) if self.upsert && came_or_went(&failed) && attempt < ATTEMPTS => {}
                Err(failed) => {
                    let failed = failed.beyond(&saver.reach(self.table), ctx);
                    return Err(failed.into_error(self.table, None));
                }
            }
        }
        Ok(ids)
    }

    async fn save_users(&self, records: Vec<Properties>) -> Result<Vec<ObjectId>> {
        let ctx = self.ctx;
        let mut sent = Vec::new();
        for properties in &records {
            let id = properties.get("objectId").unwrap_or(&Value::Null);
            sent.push(Sent {
                id: id_of(id)?,
                ..Sent::default()
            });
        }
        let there = self.there(&sent).await?;
        let mut rows = Vec::new();
        for (properties, sent) in records.into_iter().zip(sent) {
            let row = match sent.id {
                Some(id) if there.contains(&id) => {
                    let event = UpdateUser {
                        via: Via::DataService,
                        ..UpdateUser::new(id, properties)
                    };
                    event.verdict(ctx, event.permit(ctx)).await?;
                    UserRow::changed(ctx, &event).await?
                }
                _ => {
                    let event = registration(properties);
                    event.permit(ctx)?;
                    UserRow::new(ctx, &event).await?
                }
            };
            rows.push(row);
        }
        let all: Vec<_> = rows.iter().collect();
        let plan = |catalogue: &Catalogue| user_rows::plan(ctx, catalogue, &all);
        let made = saving::apply(&ctx.shared.engine, plan).await;
        let reach = user_reach::of_update(ctx, Via::DataService);
        made.map_err(|failed| user_rows::refusal(failed.beyond(&reach, ctx), true))?;
        Ok(rows.iter().map(|row| row.id().clone()).collect())
    }

    /// Which of the records that bring their id along exist, seen or not. Whoever may not make any is
    /// not told of those that may not be seen.
    async fn there(&self, sent: &[Sent]) -> Result<HashSet<ObjectId>> {
        let ids: Vec<_> = sent.iter().filter_map(|sent| sent.id.as_ref()).collect();
        if !self.upsert || ids.is_empty() {
            return Ok(HashSet::new());
        }
        let visibility = match may_make(self.ctx, self.table) {
            Ok(()) => Visibility::Everything,
            Err(_) => permissions::visibility(self.ctx),
        };
        existing(&self.ctx.shared.engine, self.table, &ids, visibility).await
    }
}

/// Which of these records exist for whoever sees so much.
async fn existing(
    engine: &EngineInner,
    table: &str,
    ids: &[&ObjectId],
    visibility: Visibility,
) -> Result<HashSet<ObjectId>> {
    let values = ids.iter().map(|id| Value::from(id.as_str())).collect();
    let query = FindQuery {
        table: table.to_owned(),
        select: Select::Records(Vec::new()),
        condition: Some(Condition::In(
            Operand::Column("objectId".to_owned()),
            values,
        )),
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: ids.len() as u64,
        visibility,
    };
    match engine.storage.find(&query).await {
        Ok(rows) => {
            let ids = rows.iter().filter_map(|row| row.record());
            Ok(ids.map(|record| record.id().clone()).collect())
        }
        // Nothing is in a table that does not exist.
        Err(error) if schema::is_outdated(&error) => Ok(HashSet::new()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a record was made or removed after the look whether it is there.
fn came_or_went(failed: &Failed) -> bool {
    matches!(
        failed,
        Failed::Storage(
            StorageError::Conflict {
                constraint: Constraint::ObjectId(_),
            } | StorageError::Refused {
                precondition: Precondition::RecordExists { .. },
            }
        )
    )
}
