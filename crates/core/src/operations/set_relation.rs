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

/// Somebody relates a record to these records and no others.
///
/// Backendless: `beforeSetRelation` and `afterSetRelation`, event 124. Answers how many of the children
/// the record is related to then. A handler may change the children, not who refers to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetRelation {
    table: String,
    parent: ObjectId,
    relation: String,
    /// To which records; to none empties the relation.
    pub children: Children,
}

impl SetRelation {
    /// Relates the parent to these children only. The relation may be `items:Item:n` or `items:Item:1`,
    /// which makes it if the schema is dynamic.
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

impl Event for SetRelation {
    const NAME: &'static str = "setRelation";
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

impl DataEvent for SetRelation {}
impl FromInput for SetRelation {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            parent: input.id("parent")?,
            relation: input.text("relation")?,
            children: Children::from_input(input)?,
        })
    }
}

impl Sealed for SetRelation {}
impl ClientEvent for SetRelation {}

impl Operation for SetRelation {
    // With which records is part of the step that changes the links.
    fn permit(&self, ctx: &Context) -> Result<()> {
        relation_changes::permit(ctx, &self.table, How::Set)
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
            how: How::Set,
        };
        Ok(Performed::done(change.make(ctx).await?))
    }
}
