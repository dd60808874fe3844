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

/// Somebody relates a record to others, beside those that it is related to already.
///
/// Backendless: `beforeAddRelation` and `afterAddRelation`, event 122. Answers how many links are new.
/// A handler may change the children, not who refers to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddRelation {
    table: String,
    parent: ObjectId,
    relation: String,
    /// To which records.
    pub children: Children,
}

impl AddRelation {
    /// Relates the parent to these children. The relation may be `items:Item:n` or `items:Item:1`, which
    /// makes it if the schema is dynamic.
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

    /// The relation, as it was asked for.
    pub fn relation(&self) -> &str {
        &self.relation
    }
}

impl Event for AddRelation {
    const NAME: &'static str = "addRelation";
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

impl DataEvent for AddRelation {}
impl FromInput for AddRelation {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            parent: input.id("parent")?,
            relation: input.text("relation")?,
            children: Children::from_input(input)?,
        })
    }
}

impl Sealed for AddRelation {}
impl ClientEvent for AddRelation {}

impl Operation for AddRelation {
    // With which records is part of the step that changes the links.
    fn permit(&self, ctx: &Context) -> Result<()> {
        relation_changes::permit(ctx, &self.table, How::Add)
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
            how: How::Add,
        };
        Ok(Performed::done(change.make(ctx).await?))
    }
}
