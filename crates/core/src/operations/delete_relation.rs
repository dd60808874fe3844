use serde::Serialize;
use serde_json::json;
use vestibule_model::ObjectId;

use super::{
    Children, reach,
    relation_changes::{self, How, RelationChange},
};
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// Somebody takes links of a record to others away; the records stay.
///
/// Backendless: `beforeDeleteRelation` and `afterDeleteRelation`, event 126. Answers how many links there
/// were. A handler may change the children, not who refers to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRelation {
    table: String,
    parent: ObjectId,
    relation: String,
    /// To which records.
    pub children: Children,
}

impl DeleteRelation {
    /// Takes the links from the parent to these children away.
    pub fn new(
        table: impl Into<String>,
        parent: ObjectId,
        relation: impl Into<String>,
        children: Children,
    ) -> Self {
        Self {
            table: table.into(),
            parent,
            relation: relation.into(),
            children,
        }
    }

    /// The table of the record that refers.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The record that refers.
    pub fn parent(&self) -> &ObjectId {
        &self.parent
    }

    /// The relation.
    pub fn relation(&self) -> &str {
        &self.relation
    }
}

impl Event for DeleteRelation {
    const NAME: &'static str = "deleteRelation";
    type Output = u64;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({
            "table": self.table,
            "parent": self.parent.as_str(),
            "relation": self.relation,
            "children": self.children.describe(),
        })
    }

    fn describe_output(output: &u64) -> impl Serialize {
        json!(output)
    }
}

impl DataEvent for DeleteRelation {}
impl FromInput for DeleteRelation {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            parent: input.id("parent")?,
            relation: input.text("relation")?,
            children: Children::from_input(input)?,
        })
    }
}

impl Sealed for DeleteRelation {}
impl ClientEvent for DeleteRelation {}

impl Operation for DeleteRelation {
    // With which records is part of the step that changes the links.
    fn permit(&self, ctx: &Context) -> Result<()> {
        relation_changes::permit(ctx, &self.table, How::Delete)
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        reach::unless_hidden(ctx, &self.table, &self.parent, permitted).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<u64>> {
        let change = RelationChange {
            table: &self.table,
            parent: &self.parent,
            relation: &self.relation,
            children: &self.children,
            how: How::Delete,
        };
        Ok(Performed::done(change.make(ctx).await?))
    }
}
