use serde_json::{Value as Json, json};
use vestibule_model::{ObjectId, Query, Record};
use vestibule_storage::CountQuery;

use super::{
    attempt::{Failed, attempts},
    description::describe_query,
    find_by_id::{has_id, not_found},
    related_records::{RelatedRecords, Wanted},
    relation_text::related_table,
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

    fn describe(&self) -> Json {
        json!({
            "table": self.table,
            "objectId": self.id.as_str(),
            "relation": self.relation,
            "query": describe_query(&self.query),
        })
    }

    fn describe_output(output: &Vec<Record>) -> Json {
        json!({ "rows": output.len() })
    }
}

impl DataEvent for LoadRelations {}
impl Sealed for LoadRelations {}
impl ClientEvent for LoadRelations {}

impl Operation for LoadRelations {
    // What the caller may not see does not exist for that caller.
    fn permit(&self, _ctx: &Context) -> Result<()> {
        Ok(())
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
        let visibility = permissions::visibility(ctx.call(), &ctx.settings());
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
        let parent = CountQuery {
            table: self.table.clone(),
            condition: Some(has_id(&self.id)),
            distinct: Vec::new(),
            visibility: visibility.clone(),
        };
        if storage.count(&parent).await? == 0 {
            return Err(not_found(&self.id).into());
        }
        let found = storage.related(&query).await?;
        let mut records: Vec<_> = found.into_iter().flat_map(|(_, records)| records).collect();
        let related = RelatedRecords {
            storage,
            catalogue: &catalogue,
            visibility,
        };
        related.load(&wanted, records.iter_mut().collect()).await?;
        Ok(records)
    }
}
