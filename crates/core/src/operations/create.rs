use serde::Serialize;
use serde_json::json;
use vestibule_model::{Catalogue, ObjectId, PermissionOperation, Properties, Record};

use super::{
    description::describe_record,
    record_properties::Sent,
    saving::{self, Is, Row, Saver},
    users_as_records::refuse_users,
};
use crate::{
    Error, Result,
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

/// A record comes into a table.
///
/// Backendless: `beforeCreate` and `afterCreate`, event 100. A row of `Users` is made by
/// [`Register`](crate::Register) whatever the door. A handler may change the properties, not the
/// table.
#[derive(Clone, PartialEq)]
pub struct Create {
    pub(crate) table: String,
    /// The columns to set, `objectId` among them if the record brings its id along. What belongs to
    /// the server (`created`, `updated`, and `ownerId` unless server code calls) is ignored, and so
    /// are relations.
    pub properties: Properties,
}

impl Create {
    /// A record of this table with these properties.
    pub fn new(table: impl Into<String>, properties: Properties) -> Self {
        Self {
            table: table.into(),
            properties,
        }
    }

    /// The table that the record comes into.
    pub fn table(&self) -> &str {
        &self.table
    }
}

impl Event for Create {
    const NAME: &'static str = "create";
    type Output = Record;
    const OF_USERS: Option<&'static str> = Some("Register");

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "properties": describe_properties(&self.properties) })
    }

    fn describe_output(output: &Record) -> impl Serialize {
        describe_record(output)
    }
}

impl DataEvent for Create {}
impl FromInput for Create {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            properties: input.properties()?,
        })
    }
}

impl Sealed for Create {}
impl ClientEvent for Create {}

impl Operation for Create {
    fn permit(&self, ctx: &Context) -> Result<()> {
        refuse_users(&self.table)?;
        permissions::permit(ctx, &self.table, PermissionOperation::Add)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Record>> {
        let sent = Sent::sort_out(self.properties, ctx.call())?;
        Ok(Performed::done(create(ctx, &self.table, &sent).await?))
    }
}

/// Makes one record.
pub(super) async fn create(ctx: &Context, table: &str, sent: &Sent) -> Result<Record> {
    let engine = &ctx.shared.engine;
    let saver = Saver::of(ctx);
    let id = match &sent.id {
        Some(id) => id.clone(),
        None => ObjectId::generate(ctx.now(), &*engine.randomness),
    };
    let row = [Row {
        id: id.clone(),
        is: Is::New,
        sent,
    }];
    let plan = |catalogue: &Catalogue| {
        let plan = saver.plan(catalogue, table, &row)?;
        Ok((plan.changes, plan.made))
    };
    let made = saving::apply(engine, plan).await;
    let (made, _) = made.map_err(|failed| failed.into_error(table, Some(&id)))?;
    made.into_iter()
        .next()
        .ok_or_else(|| Error::internal("a record was made and is not there"))
}
