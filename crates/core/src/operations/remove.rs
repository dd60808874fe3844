use serde::Serialize;
use serde_json::json;
use vestibule_model::{Catalogue, ObjectId, PermissionOperation, Timestamp};
use vestibule_storage::Change;

use super::{
    reach::{self, Reach},
    saving,
    users_as_records::refuse_users,
};
use crate::{
    Result, clauses,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    permissions,
    settlement::Performed,
};

/// A record goes, and all links to it and from it go with it.
///
/// Backendless: `beforeRemove` and `afterRemove`, event 106. The output is when it happened. A row of
/// `Users` is removed by [`RemoveUser`](crate::RemoveUser) whatever the door.
#[derive(Clone, Debug, PartialEq)]
pub struct Remove {
    pub(crate) table: String,
    pub(crate) id: ObjectId,
}

impl Remove {
    /// The removal of this record.
    pub fn new(table: impl Into<String>, id: ObjectId) -> Self {
        Self {
            table: table.into(),
            id,
        }
    }

    /// The table of the record.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Which record is to go.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }
}

impl Event for Remove {
    const NAME: &'static str = "remove";
    type Output = Timestamp;
    const OF_USERS: Option<&'static str> = Some("RemoveUser");

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "objectId": self.id.as_str() })
    }

    fn describe_output(output: &Timestamp) -> impl Serialize {
        json!({ "deletionTime": output.as_millis() })
    }
}

impl DataEvent for Remove {}
impl FromInput for Remove {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            id: input.object_id()?,
        })
    }
}

impl Sealed for Remove {}
impl ClientEvent for Remove {}

impl Operation for Remove {
    // With which records is part of the step that removes one.
    fn permit(&self, ctx: &Context) -> Result<()> {
        refuse_users(&self.table)?;
        permissions::permit(ctx, &self.table, PermissionOperation::Remove)
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        reach::unless_hidden(ctx, &self.table, &self.id, permitted).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Timestamp>> {
        let reach = Reach::of(ctx, &self.table, &[PermissionOperation::Remove]);
        let plan = |catalogue: &Catalogue| {
            clauses::table(catalogue, &self.table)?;
            let mut changes = reach.besides_finding(&self.id);
            changes.push(Change::RemoveRecord {
                table: self.table.clone(),
                id: self.id.clone(),
                visibility: reach.visibility().clone(),
            });
            Ok((changes, ()))
        };
        saving::apply(&ctx.shared.engine, plan)
            .await
            .map_err(|failed| failed.beyond(&reach, ctx))
            .map_err(|failed| failed.into_error(&self.table, Some(&self.id)))?;
        Ok(Performed::done(ctx.now()))
    }
}
