use serde::Serialize;
use serde_json::json;
use vestibule_model::{Catalogue, ErrorCode, ObjectId, PermissionOperation, Properties, Record};
use vestibule_storage::Visibility;

use super::{
    description::describe_record,
    reach,
    record_properties::Sent,
    saving::{self, Is, Row, Saver},
    users_as_records::refuse_users,
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
    permissions,
    settlement::Performed,
};

/// Columns of a record change; columns that are not named stay.
///
/// Backendless: `beforeUpdate` and `afterUpdate`, event 108. A row of `Users` is changed by
/// [`UpdateUser`](crate::UpdateUser) whatever the door. A handler may change the properties, neither
/// the table nor the id.
#[derive(Clone, PartialEq)]
pub struct Update {
    pub(crate) table: String,
    pub(crate) id: ObjectId,
    /// The new values; null clears. What belongs to the server is ignored, and so are relations.
    pub properties: Properties,
}

impl Update {
    /// These changes of this record.
    pub fn new(table: impl Into<String>, id: ObjectId, properties: Properties) -> Self {
        Self {
            table: table.into(),
            id,
            properties,
        }
    }

    /// The table of the record.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Which record is to be changed.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }
}

impl Event for Update {
    const NAME: &'static str = "update";
    type Output = Record;
    const OF_USERS: Option<&'static str> = Some("UpdateUser");

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({
            "table": self.table,
            "objectId": self.id.as_str(),
            "properties": describe_properties(&self.properties),
        })
    }

    fn describe_output(output: &Record) -> impl Serialize {
        describe_record(output)
    }
}

impl DataEvent for Update {}
impl FromInput for Update {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            id: input.object_id()?,
            properties: input.properties()?,
        })
    }
}

impl Sealed for Update {}
impl ClientEvent for Update {}

impl Operation for Update {
    // With which records is part of the step that changes one.
    fn permit(&self, ctx: &Context) -> Result<()> {
        refuse_users(&self.table)?;
        permissions::permit(ctx, &self.table, PermissionOperation::Update)
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        reach::unless_hidden(ctx, &self.table, &self.id, permitted).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Record>> {
        if self.properties.is_empty() {
            let message = "there is nothing to change: send the columns and their new values";
            return Err(Error::new(ErrorCode::NothingToUpdate, message));
        }
        let sent = Sent::sort_out(self.properties, ctx.call())?;
        let record = update(ctx, &self.table, &self.id, &sent).await?;
        Ok(Performed::done(record))
    }
}

/// Times a record is read again because somebody else changed it before a JSON operation did.
const ATTEMPTS: usize = 16;

/// Changes one record, and answers it as it is then.
pub(super) async fn update(
    ctx: &Context,
    table: &str,
    id: &ObjectId,
    sent: &Sent,
) -> Result<Record> {
    let engine = &ctx.shared.engine;
    let saver = Saver::of(ctx);
    let read = async |visibility| {
        let record = saving::read(engine, table, id, visibility).await?;
        record.ok_or_else(|| saving::not_found(id))
    };
    for attempt in 1.. {
        let before = if sent.operations.is_empty() {
            None
        } else {
            Some(read(permissions::visibility(ctx)).await?)
        };
        let row = [Row {
            id: id.clone(),
            is: Is::There { before },
            sent,
        }];
        let plan = |catalogue: &Catalogue| {
            // No table comes of the change of a record: there is none in it.
            clauses::table(catalogue, table)?;
            Ok((saver.plan(catalogue, table, &row)?.changes, ()))
        };
        match saving::apply(engine, plan).await {
            Ok(_) => break,
            Err(failed) if failed.is_of_change() && attempt < ATTEMPTS => {}
            Err(failed) => {
                let failed = failed.beyond(&saver.reach(table), ctx);
                return Err(failed.into_error(table, Some(id)));
            }
        }
    }
    // It was found and changed. A change that hides it from its caller, as another owner does, was
    // made all the same.
    read(Visibility::Everything).await
}
