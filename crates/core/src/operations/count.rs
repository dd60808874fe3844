use serde::Serialize;
use serde_json::json;
use vestibule_model::{PermissionOperation, Query};

use super::{
    attempt::{Failed, attempts},
    description::describe_query,
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

/// Somebody counts records of one table.
///
/// Backendless: `beforeCount` and `afterCount`, event 128. A handler may change the query, not the
/// table.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    table: String,
    /// Which records; with `distinct` or `group_by`, their different values.
    pub query: Query,
}

impl Count {
    /// How many records of this table the query finds.
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

impl Event for Count {
    const NAME: &'static str = "count";
    type Output = u64;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "query": describe_query(&self.query) })
    }

    fn describe_output(output: &u64) -> impl Serialize {
        json!(output)
    }
}

impl DataEvent for Count {}
impl FromInput for Count {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            query: input.query()?,
        })
    }
}

impl Sealed for Count {}
impl ClientEvent for Count {}

impl Operation for Count {
    const ONLY_READS: bool = true;

    // What the caller may not find is left out, unless that is everything.
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit(ctx, &self.table, PermissionOperation::Find)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<u64>> {
        let count = attempts(|| self.attempt(ctx)).await?;
        Ok(Performed::done(count))
    }
}

impl Count {
    async fn attempt(&self, ctx: &Context) -> Result<u64, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let visibility = permissions::visibility(ctx);
        let query = clauses::count(&catalogue, &self.table, &self.query, visibility)?;
        Ok(storage.count(&query).await?)
    }
}
