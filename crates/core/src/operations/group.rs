use serde::Serialize;
use serde_json::json;
use vestibule_model::{GroupPage, GroupQuery, PermissionOperation};

use super::{
    attempt::{Failed, attempts},
    description::{describe_group_page, describe_group_query},
    grouping::Grouping,
    related_records::permit_loading,
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

/// Somebody groups records of one table by the values of columns.
///
/// Backendless: `beforeGroup` and `afterGroup`, event 136 (data) and 234 (users). A handler may change
/// the query, not the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    table: String,
    /// Which records, and by which columns they are grouped.
    pub query: GroupQuery,
}

impl Group {
    /// The records of this table, grouped as the query says.
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

impl Event for Group {
    const NAME: &'static str = "group";
    type Output = GroupPage;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({ "table": self.table, "query": describe_group_query(&self.query) })
    }

    fn describe_output(output: &GroupPage) -> impl Serialize {
        describe_group_page(output)
    }
}

impl DataEvent for Group {}
impl FromInput for Group {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            query: input.group_query()?,
        })
    }
}

impl Sealed for Group {}
impl ClientEvent for Group {}

impl Operation for Group {
    const ONLY_READS: bool = true;

    // What the caller may not find is left out, unless that is everything.
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit(ctx, &self.table, PermissionOperation::Find)?;
        permit_loading(ctx, &self.table, &self.query.query)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<GroupPage>> {
        let page = attempts(|| self.attempt(ctx)).await?;
        Ok(Performed::done(page))
    }
}

impl Group {
    async fn attempt(&self, ctx: &Context) -> Result<GroupPage, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let visibility = permissions::visibility(ctx);
        let table = clauses::table(&catalogue, &self.table)?;
        let grouping = Grouping::new(&self.query, storage, &catalogue, table, &visibility)?;
        grouping
            .page_at(&self.query.path, ctx, &catalogue, visibility)
            .await
    }
}
