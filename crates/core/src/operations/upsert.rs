use serde::Serialize;
use serde_json::json;
use vestibule_model::{ErrorCode, PermissionOperation, Properties, Record, Value};
use vestibule_storage::Visibility;

use super::{
    create::create,
    description::describe_record,
    reach,
    record_properties::{Sent, id_of},
    update::update,
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

/// A record changes if its id exists, and comes into the table with that id if it does not.
///
/// Backendless: `beforeUpsert` and `afterUpsert`, event 140. A row of `Users` is made by
/// [`Register`](crate::Register) and changed by [`UpdateUser`](crate::UpdateUser) whatever the door.
/// A handler may change the properties, not the table and not the id.
#[derive(Clone, PartialEq)]
pub struct Upsert {
    pub(crate) table: String,
    pub(crate) id: Option<Value>,
    /// The columns to set. What belongs to the server is ignored, and so are relations.
    pub properties: Properties,
}

impl Upsert {
    /// A record of this table with these properties, `objectId` among them; without one it is made.
    pub fn new(table: impl Into<String>, mut properties: Properties) -> Self {
        Self {
            table: table.into(),
            id: properties.remove("objectId").filter(|id| !id.is_null()),
            properties,
        }
    }

    /// The table of the record.
    pub fn table(&self) -> &str {
        &self.table
    }
}

impl Event for Upsert {
    const NAME: &'static str = "upsert";
    type Output = Record;
    const OF_USERS: Option<&'static str> = Some("Register or UpdateUser");

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({
            "table": self.table,
            "objectId": self.id.as_ref().map(Value::to_json),
            "properties": describe_properties(&self.properties),
        })
    }

    fn describe_output(output: &Record) -> impl Serialize {
        describe_record(output)
    }
}

impl DataEvent for Upsert {}
impl FromInput for Upsert {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (table, id) = (input.table()?, input.take("objectId"));
        let mut upsert = Self::new(table, input.properties()?);
        upsert.id = id.map(Value::from_json).or(upsert.id);
        Ok(upsert)
    }
}

impl Sealed for Upsert {}
impl ClientEvent for Upsert {}

impl Operation for Upsert {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit(ctx, &self.table, PermissionOperation::Upsert)?;
        refuse_users(&self.table)
    }

    // Whether a record is made or changed depends on whether the caller may find one.
    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        permitted?;
        let makes = permissions::permit(ctx, &self.table, PermissionOperation::Add);
        let id = match self.id.as_ref().map(id_of).transpose() {
            Ok(id) => id.flatten(),
            // An impossible one: the operation says so.
            Err(_) => return Ok(()),
        };
        let Some(id) = id else {
            return makes;
        };
        let changes = permissions::permit(ctx, &self.table, PermissionOperation::Update);
        if makes.is_ok() && changes.is_ok() {
            return Ok(());
        }
        if reach::may_find(ctx, &self.table, &id).await? {
            changes
        } else {
            makes
        }
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Record>> {
        let mut sent = Sent::sort_out(self.properties, ctx.call())?;
        sent.id = self.id.as_ref().map(id_of).transpose()?.flatten();
        let Some(id) = sent.id.clone() else {
            return Ok(Performed::done(create(ctx, &self.table, &sent).await?));
        };
        let makes = permissions::permit(ctx, &self.table, PermissionOperation::Add);
        // Whoever may not make one is not told whether there is one that may not be found.
        let visibility = match &makes {
            Ok(()) => Visibility::Everything,
            Err(_) => permissions::visibility(ctx),
        };
        let exists = || reach::exists(ctx, &self.table, &id, visibility.clone());
        for _ in 0..ATTEMPTS {
            let existed = exists().await?;
            let (outcome, meanwhile) = if existed {
                let outcome = update(ctx, &self.table, &id, &sent).await;
                (outcome, ErrorCode::EntityNotFound)
            } else {
                makes.clone()?;
                let outcome = create(ctx, &self.table, &sent).await;
                (outcome, ErrorCode::RecordExists)
            };
            match outcome {
                Ok(record) => return Ok(Performed::done(record)),
                Err(error) if error.code() != meanwhile => return Err(error),
                // Somebody else was faster, or the record is there and may not be seen.
                Err(error) if exists().await? == existed => return Err(error),
                Err(_) => {}
            }
        }
        Err(Error::unavailable("a record comes and goes"))
    }
}

/// Times an upsert looks again because the record came or went meanwhile.
const ATTEMPTS: usize = 3;
