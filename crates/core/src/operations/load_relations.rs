use serde::Serialize;
use serde_json::json;
use vestibule_model::{ObjectId, PermissionOperation, Query, Record};
use vestibule_storage::{Condition, CountQuery};

use super::{
    attempt::{Failed, attempts},
    description::describe_query,
    find_by_id::{has_id, not_found, permit_finding},
    reach::{self, Reach},
    related_records::{RelatedRecords, Wanted, loadable},
    relation_text::related_table,
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

/// Somebody reads the records that one record refers to by one relation.
///
/// Backendless: `beforeLoadRelations` and `afterLoadRelations`, event 104. A handler may change the
/// query, not which record or which relation it is.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRelations {
    table: String,
    id: ObjectId,
    relation: String,
    /// Which of the related records, and what of them.
    pub query: Query,
}

impl LoadRelations {
    /// The records that this one refers to by this relation.
    pub fn new(
        table: impl Into<String>,
        id: ObjectId,
        relation: impl Into<String>,
        query: Query,
    ) -> Self {
        Self {
            table: table.into(),
            id,
            relation: relation.into(),
            query,
        }
    }

    /// The table of the record that refers.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The record that refers.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }

    /// The relation.
    pub fn relation(&self) -> &str {
        &self.relation
    }
}

impl Event for LoadRelations {
    const NAME: &'static str = "loadRelations";
    type Output = Vec<Record>;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        json!({
            "table": self.table,
            "objectId": self.id.as_str(),
            "relation": self.relation,
            "query": describe_query(&self.query),
        })
    }

    fn describe_output(output: &Vec<Record>) -> impl Serialize {
        json!({ "rows": output.len() })
    }
}

impl DataEvent for LoadRelations {}
impl FromInput for LoadRelations {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            id: input.object_id()?,
            relation: input.text("relation")?,
            query: input.query()?,
        })
    }
}

impl Sealed for LoadRelations {}
impl ClientEvent for LoadRelations {}

impl Operation for LoadRelations {
    const ONLY_READS: bool = true;

    // A record that the caller may not find does not exist for that caller.
    fn permit(&self, ctx: &Context) -> Result<()> {
        permit_finding(ctx, &self.table, &self.id)?;
        permissions::permit(ctx, &self.table, PermissionOperation::LoadRelations)
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        reach::unless_hidden(ctx, &self.table, &self.id, permitted).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Vec<Record>>> {
        let records = attempts(|| self.attempt(ctx)).await?;
        Ok(Performed::done(records))
    }
}

impl LoadRelations {
    async fn attempt(&self, ctx: &Context) -> Result<Vec<Record>, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let reach = Reach::of(ctx, &self.table, &[PermissionOperation::LoadRelations]);
        let visibility = reach.visibility().clone();
        let to_table = related_table(&catalogue, &self.table, &self.relation)?;
        let wanted = Wanted::of(&self.query, &catalogue, to_table)?;
        let query = clauses::related(
            &catalogue,
            &self.table,
            &self.relation,
            vec![self.id.clone()],
            &self.query,
            visibility.clone(),
        )?;
        let parent = |besides: Option<Condition>| CountQuery {
            table: self.table.clone(),
            condition: Some(Condition::All(
                [has_id(&self.id)].into_iter().chain(besides).collect(),
            )),
            distinct: Vec::new(),
            visibility: visibility.clone(),
        };
        if storage.count(&parent(None)).await? == 0 {
            return Err(not_found(&self.id).into());
        }
        let granted = reach.condition();
        if granted.is_some() && storage.count(&parent(granted)).await? == 0 {
            let operation = PermissionOperation::LoadRelations;
            return Err(permissions::denied(ctx, &self.table, operation).into());
        }
        let found = storage.related(&query).await?;
        let mut records: Vec<_> = found.into_iter().flat_map(|(_, records)| records).collect();
        let related = RelatedRecords {
            storage,
            catalogue: &catalogue,
            visibility,
            loadable: &loadable(ctx),
        };
        related.load(&wanted, records.iter_mut().collect()).await?;
        Ok(records)
    }
}
