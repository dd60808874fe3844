use serde::Serialize;
use serde_json::json;
use vestibule_model::{GroupQuery, PermissionOperation, Query};
use vestibule_storage::CountQuery;

use super::{
    attempt::{Failed, attempts},
    description::describe_group_query,
    grouping::{Level, conditions_of_path, narrowed},
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

/// Somebody counts the records of one group.
///
/// Backendless: `beforeCountInGroup` and `afterCountInGroup`, event 138. A handler may change the query,
/// not the table.
#[derive(Clone, Debug, PartialEq)]
pub struct CountInGroup {
    table: String,
    /// Which records, by which columns they are grouped, and the path to one group.
    pub query: GroupQuery,
}

impl CountInGroup {
    /// How many records of this table the group at the end of the path has.
    pub fn new(table: impl Into<String>, query: GroupQuery) -> Self {
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

impl Event for CountInGroup {
    const NAME: &'static str = "countInGroup";
    type Output = u64;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "query": describe_group_query(&self.query) })
    }

    fn describe_output(output: &u64) -> impl Serialize {
        json!(output)
    }
}

impl DataEvent for CountInGroup {}
impl FromInput for CountInGroup {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            query: input.group_query()?,
        })
    }
}

impl Sealed for CountInGroup {}
impl ClientEvent for CountInGroup {}

impl Operation for CountInGroup {
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

impl CountInGroup {
    async fn attempt(&self, ctx: &Context) -> Result<u64, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let visibility = permissions::visibility(ctx);
        clauses::table(&catalogue, &self.table)?;
        let levels = Level::all_of(&self.query, &catalogue, &self.table, &visibility)?;
        let path = conditions_of_path(&self.query.path, &levels)?;
        let records = Query {
            where_clause: self.query.query.where_clause.clone(),
            ..Query::default()
        };
        let records = clauses::count(&catalogue, &self.table, &records, visibility)?;
        let records = CountQuery {
            condition: narrowed(records.condition, &path),
            ..records
        };
        Ok(storage.count(&records).await?)
    }
}
