use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::{
    Catalogue, ErrorCode, ObjectId, PermissionOperation, Properties, Table, USERS, UserStatus,
    Value,
};
use vestibule_storage::{Change, Comparison, Condition, Operand, RecordUpdate};

use super::{
    record_properties::Sent,
    saving,
    slices::{self, Slices},
    user_properties::{identity_of, is_settable},
};
use crate::{
    Error, Result, clauses,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::describe_properties,
    schema,
    settlement::Performed,
};

/// The records that a clause is true for change, all alike.
///
/// Backendless: `beforeUpdateBulk` and `afterUpdateBulk`, event 118 (data) and 218 (users). The
/// output is how many changed. It is done in slices, each of which is all or nothing. On the table
/// `Users` no [`UpdateUser`](crate::UpdateUser) comes of it, and a `name` passes over guests, who
/// have none.
#[derive(Clone, PartialEq)]
pub struct BulkUpdate {
    pub(crate) table: String,
    pub(crate) where_clause: String,
    /// The new values; null clears.
    pub properties: Properties,
}

impl BulkUpdate {
    /// These changes of the records that the clause is true for.
    pub fn new(
        table: impl Into<String>,
        where_clause: impl Into<String>,
        properties: Properties,
    ) -> Self {
        Self {
            table: table.into(),
            where_clause: where_clause.into(),
            properties,
        }
    }

    /// The table of the records.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Which records are to be changed.
    pub fn where_clause(&self) -> &str {
        &self.where_clause
    }
}

impl Event for BulkUpdate {
    const NAME: &'static str = "bulkUpdate";
    type Output = u64;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({
            "table": self.table,
            "where": self.where_clause,
            "properties": describe_properties(&self.properties),
        })
    }

    fn describe_output(output: &u64) -> impl Serialize {
        Json::from(*output)
    }
}

impl DataEvent for BulkUpdate {}
impl FromInput for BulkUpdate {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            where_clause: input.text("where")?,
            properties: input.properties()?,
        })
    }
}

impl Sealed for BulkUpdate {}
impl ClientEvent for BulkUpdate {}

impl Operation for BulkUpdate {
    // Which records may be found and changed is part of the steps that change them.
    fn permit(&self, ctx: &Context) -> Result<()> {
        slices::permit(ctx, &self.table, PermissionOperation::Update)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<u64>> {
        let engine = &ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        let table = clauses::table(&catalogue, &self.table)?;
        refuse_system_columns(&self.properties, &catalogue, table, ctx)?;
        let spared = spared(table, &self.properties);
        let values = self.properties.values();
        let bytes = values.map(|value| value.to_json().to_string().len()).sum();
        let sent = Sent::sort_out(self.properties, ctx.call())?;
        let update = Bulk {
            ctx,
            sent: &sent,
            slices: Slices::new(
                ctx,
                &self.table,
                &self.where_clause,
                PermissionOperation::Update,
                spared,
            )
            .writing(bytes),
        };
        update.run(&self.table).await.map(Performed::done)
    }
}

/// One bulk update on its way.
struct Bulk<'a> {
    ctx: &'a Context,
    sent: &'a Sent,
    slices: Slices<'a>,
}

impl Bulk<'_> {
    async fn run(mut self, table: &str) -> Result<u64> {
        let engine = &self.ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        // What does not fit is refused even if there is nothing that it would be written to.
        self.plan(&catalogue, table, Vec::new())?;
        let mut changed = 0;
        while let Some(records) = self.slices.next().await? {
            let ids: Vec<_> = records.iter().map(|record| record.id().clone()).collect();
            let plan = |catalogue: &Catalogue| self.plan(catalogue, table, ids.clone());
            let applied = saving::apply(engine, plan).await;
            let ((), applied) = applied.map_err(|failed| failed.into_error(table, None))?;
            changed += applied.changed;
        }
        Ok(changed)
    }

    fn plan(
        &self,
        catalogue: &Catalogue,
        table: &str,
        ids: Vec<ObjectId>,
    ) -> Result<(Vec<Change>, ())> {
        let dynamic = self.ctx.settings().schema.dynamic;
        let condition = self.slices.condition(catalogue)?;
        let fitted = schema::fit(catalogue, table, &[&self.sent.values], dynamic)?;
        let table = clauses::table(&fitted.catalogue, table)?;
        let assignments = saving::assignments(&fitted.catalogue, table, self.sent, None)?;
        if assignments.is_empty() {
            let message = "there is nothing to change: send the columns and their new values";
            return Err(Error::new(ErrorCode::NothingToUpdate, message));
        }
        let mut changes = fitted.changes;
        changes.push(Change::UpdateRecords {
            update: RecordUpdate {
                table: table.name.clone(),
                // It is ignored: `ids` says which.
                id: ids.first().cloned().unwrap_or_else(|| self.any_id()),
                assignments,
                at: self.ctx.now(),
                visibility: self.slices.visibility().clone(),
            },
            ids,
            condition: Some(condition),
        });
        Ok((changes, ()))
    }

    fn any_id(&self) -> ObjectId {
        ObjectId::generate(self.ctx.now(), &*self.ctx.shared.engine.randomness)
    }
}

/// Refuses columns of the server (1036), and those of users by which they log in (3098).
fn refuse_system_columns(
    properties: &Properties,
    catalogue: &Catalogue,
    table: &Table,
    ctx: &Context,
) -> Result<()> {
    let of_users = table.name == USERS;
    for name in properties.keys() {
        if of_users && ["password", "email", identity_of(catalogue)].contains(&name.as_str()) {
            let message =
                format!("the column '{name}' of users can be changed for one user at a time only");
            return Err(Error::new(ErrorCode::BulkUpdateOfIdentity, message));
        }
        let system = table.column(name).filter(|column| column.system);
        let may = (of_users && system.is_some_and(is_settable))
            || (name == "ownerId" && !of_users && ctx.call().is_server_code());
        if system.is_some() && !may {
            let message = format!("the system column '{name}' cannot be changed in bulk");
            return Err(Error::new(ErrorCode::BulkUpdateOfSystemColumns, message));
        }
    }
    Ok(())
}

/// Who is passed over, whatever the clause says: guests, if a name is given.
fn spared(table: &Table, properties: &Properties) -> Option<Condition> {
    if table.name != USERS || properties.get("name").is_none_or(Value::is_null) {
        return None;
    }
    Some(Condition::Compare(
        Operand::Column("userStatus".to_owned()),
        Comparison::NotEqual,
        Operand::Value(Value::from(UserStatus::Guest.as_str())),
    ))
}
