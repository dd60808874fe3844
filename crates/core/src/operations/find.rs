use serde_json::{Value as Json, json};
use vestibule_model::{Query, Row};

use super::{
    attempt::{Failed, attempts},
    description::describe_query,
    related_records::{RelatedRecords, Wanted, records_of},
};
use crate::{
    Result, clauses,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    permissions,
    settlement::Performed,
};

/// Somebody looks for records of one table.
///
/// Backendless: `beforeFind` and `afterFind`, event 112 (data) and 214 (users). A handler may change
/// the query, not the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    table: String,
    /// Which records, and what of them.
    pub query: Query,
}

impl Find {
    /// The records of this table that the query asks for.
    pub fn new(table: impl Into<String>, query: Query) -> Self {
        Self {
            table: table.into(),
            query,
        }
    }

    /// The table that is asked.
    pub fn table(&self) -> &str {
        &self.table
    }
}

impl Event for Find {
    const NAME: &'static str = "find";
    type Output = Vec<Row>;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> Json {
        json!({ "table": self.table, "query": describe_query(&self.query) })
    }

    fn describe_output(output: &Vec<Row>) -> Json {
        json!({ "rows": output.len() })
    }
}

impl DataEvent for Find {}
impl Sealed for Find {}
impl ClientEvent for Find {}

impl Operation for Find {
    // What the caller may not see is left out rather than refused.
    fn permit(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Vec<Row>>> {
        let rows = attempts(|| self.attempt(ctx)).await?;
        Ok(Performed::done(rows))
    }
}

impl Find {
    async fn attempt(&self, ctx: &Context) -> Result<Vec<Row>, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let visibility = permissions::visibility(ctx.call(), &ctx.settings());
        let table = clauses::table(&catalogue, &self.table)?;
        let wanted = Wanted::of(&self.query, &catalogue, table)?;
        let query = clauses::find(&catalogue, &self.table, &self.query, visibility.clone())?;
        wanted.refuse_if_computed(&query.select)?;
        let mut rows = storage.find(&query).await?;
        let related = RelatedRecords {
            storage,
            catalogue: &catalogue,
            visibility,
        };
        related.load(&wanted, records_of(&mut rows)).await?;
        Ok(rows)
    }
}
