use serde::Serialize;
use serde_json::json;
use vestibule_model::{ObjectId, Properties};

use super::bulk_save::{BulkSave, may_make};
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

/// Several records come into a table, all or none of them.
///
/// Backendless: `beforeCreateBulk` and `afterCreateBulk`, event 130. The output is their ids, in the
/// order in which they were sent. On the table `Users` this is the one event that makes several
/// users: no [`Register`](crate::Register) comes of it.
#[derive(Clone, PartialEq)]
pub struct BulkCreate {
    pub(crate) table: String,
    /// The columns of each record, `objectId` among them if it brings its id along.
    pub records: Vec<Properties>,
}

impl BulkCreate {
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

impl Event for BulkCreate {
    const NAME: &'static str = "bulkCreate";
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

impl DataEvent for BulkCreate {}
impl FromInput for BulkCreate {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            records: input.records()?,
        })
    }
}

impl Sealed for BulkCreate {}
impl ClientEvent for BulkCreate {}

impl Operation for BulkCreate {
    fn permit(&self, ctx: &Context) -> Result<()> {
        may_make(ctx, &self.table)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Vec<ObjectId>>> {
        let save = BulkSave {
            ctx,
            table: &self.table,
            what: "create",
            upsert: false,
        };
        save.run(self.records).await.map(Performed::done)
    }
}
