use serde::Serialize;
use serde_json::json;
use vestibule_model::{ObjectId, Properties};

use super::bulk_save::{BulkSave, may_upsert};
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::describe_properties,
    settlement::Performed,
};

/// Several records change if their ids exist, and come into the table if they do not; all or none.
///
/// Backendless: `beforeUpsertBulk` and `afterUpsertBulk`, event 142. The output is their ids, in the
/// order in which they were sent. On the table `Users` this is the one event that makes and changes
/// several users: neither [`Register`](crate::Register) nor [`UpdateUser`](crate::UpdateUser) comes
/// of it.
#[derive(Clone, PartialEq)]
pub struct BulkUpsert {
    pub(crate) table: String,
    /// The columns of each record, `objectId` among them if it brings its id along.
    pub records: Vec<Properties>,
}

impl BulkUpsert {
    /// These records of this table.
    pub fn new(table: impl Into<String>, records: Vec<Properties>) -> Self {
        Self {
            table: table.into(),
            records,
        }
    }

    /// The table of the records.
    pub fn table(&self) -> &str {
        &self.table
    }
}

impl Event for BulkUpsert {
    const NAME: &'static str = "bulkUpsert";
    type Output = Vec<ObjectId>;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        let records: Vec<_> = self.records.iter().map(describe_properties).collect();
        json!({ "table": self.table, "records": records })
    }

    fn describe_output(output: &Vec<ObjectId>) -> impl Serialize {
        let ids = output.iter().map(ObjectId::as_str);
        ids.collect::<Vec<_>>()
    }
}

impl DataEvent for BulkUpsert {}
impl FromInput for BulkUpsert {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            records: input.records()?,
        })
    }
}

impl Sealed for BulkUpsert {}
impl ClientEvent for BulkUpsert {}

impl Operation for BulkUpsert {
    fn permit(&self, ctx: &Context) -> Result<()> {
        may_upsert(ctx, &self.table, &self.records)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Vec<ObjectId>>> {
        let save = BulkSave {
            ctx,
            table: &self.table,
            what: "upsert",
            upsert: true,
        };
        save.run(self.records).await.map(Performed::done)
    }
}
