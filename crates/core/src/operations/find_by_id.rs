use serde::Serialize;
use serde_json::Value as Json;
use vestibule_model::{Catalogue, ObjectId, PermissionOperation, Query, Record, Row, Value};
use vestibule_storage::{Comparison, Condition, FindQuery, Operand, Select, Visibility};

use super::{
    attempt::{Failed, attempts},
    description::{describe_query, describe_record},
    reach,
    related_records::{RelatedRecords, Wanted, loadable, permit_loading},
};
use crate::{
    Error, Result, clauses,
    context::Context,
    event::{
        ClientEvent, DataEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    permissions,
    settlement::Performed,
};

/// Somebody reads one record by its id.
///
/// Backendless: `beforeFindById` and `afterFindById`, event 102 (data) and 216 (users). A handler may
/// change the query, not which record it is.
#[derive(Clone, Debug, PartialEq)]
pub struct FindById {
    table: String,
    id: ObjectId,
    /// What of the record: properties and relations. Nothing else of it counts.
    pub query: Query,
}

impl FindById {
    /// The record with this id.
    pub fn new(table: impl Into<String>, id: ObjectId, query: Query) -> Self {
        Self {
            table: table.into(),
            id,
            query,
        }
    }

    /// The table that is asked.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The id of the record.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }
}

impl Event for FindById {
    const NAME: &'static str = "findById";
    type Output = Record;

    fn table(&self) -> Option<&str> {
        Some(&self.table)
    }

    fn describe(&self) -> impl Serialize {
        Described {
            object_id: self.id.as_str(),
            query: describe_query(&self.query),
            table: &self.table,
        }
    }

    fn describe_output(output: &Record) -> impl Serialize {
        describe_record(output)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    object_id: &'a str,
    query: Json,
    table: &'a str,
}

impl DataEvent for FindById {}
impl FromInput for FindById {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            table: input.table()?,
            id: input.object_id()?,
            query: input.query()?,
        })
    }
}

impl Sealed for FindById {}
impl ClientEvent for FindById {}

impl Operation for FindById {
    const ONLY_READS: bool = true;

    // A record that the caller may not find does not exist for that caller.
    fn permit(&self, ctx: &Context) -> Result<()> {
        permit_finding(ctx, &self.table, &self.id)?;
        permit_loading(ctx, &self.table, &self.query)
    }

    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        reach::unless_hidden(ctx, &self.table, &self.id, permitted).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Record>> {
        let record = attempts(|| self.attempt(ctx)).await?;
        Ok(Performed::done(record))
    }
}

impl FindById {
    async fn attempt(&self, ctx: &Context) -> Result<Record, Failed> {
        let storage = &*ctx.shared.engine.storage;
        let catalogue = storage.catalogue().await?;
        let visibility = permissions::visibility(ctx);
        let table = clauses::table(&catalogue, &self.table)?;
        let wanted = Wanted::of(&self.query, &catalogue, table)?;
        let query = FindQuery {
            table: self.table.clone(),
            select: self.select(&catalogue)?,
            condition: Some(has_id(&self.id)),
            group_by: Vec::new(),
            having: None,
            sort: Vec::new(),
            offset: 0,
            limit: 1,
            visibility: visibility.clone(),
        };
        let Some(Row::Record(mut record)) = storage.find(&query).await?.pop() else {
            return Err(not_found(&self.id).into());
        };
        let related = RelatedRecords {
            storage,
            catalogue: &catalogue,
            visibility,
            loadable: &loadable(ctx),
        };
        related.load(&wanted, vec![&mut record]).await?;
        Ok(record)
    }

    /// What of the record. A whole record is what most callers want, some of them with every call.
    fn select(&self, catalogue: &Catalogue) -> Result<Select> {
        if self.query.properties.is_empty() && self.query.exclude_properties.is_empty() {
            return Ok(Select::WholeRecords);
        }
        let properties = Query {
            properties: self.query.properties.clone(),
            exclude_properties: self.query.exclude_properties.clone(),
            ..Query::default()
        };
        let found = clauses::find(catalogue, &self.table, &properties, Visibility::Nothing)?;
        match found.select {
            Select::WholeRecords | Select::Records(_) => Ok(found.select),
            Select::Computed { .. } => Err(Error::invalid(
                "one record has no aggregates; ask for them with a find",
            )),
        }
    }
}

/// The record with this id.
pub(super) fn has_id(id: &ObjectId) -> Condition {
    Condition::Compare(
        Operand::Column("objectId".to_owned()),
        Comparison::Equal,
        Operand::Value(Value::from(id.as_str())),
    )
}

/// Refuses whoever may find no record of a table at all, whether or not there is such a table.
///
/// # Errors
/// 1000.
pub(super) fn permit_finding(ctx: &Context, table: &str, id: &ObjectId) -> Result<()> {
    permissions::permit(ctx, table, PermissionOperation::Find).map_err(|_| not_found(id))
}

/// There is no such record, or the caller may not see it; nobody is told which.
pub(super) fn not_found(id: &ObjectId) -> Error {
    Error::not_found(format!("Entity with ID {id} not found"))
}
