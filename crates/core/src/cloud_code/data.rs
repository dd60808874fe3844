use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use vestibule_model::{
    Access, ErrorCode, Grantee, GroupPage, GroupQuery, ObjectId, PermissionOperation, Properties,
    Query, Record, Row, Timestamp,
};

use super::{
    CloudCode,
    typed::{RecordAs, properties_of},
};
use crate::{
    Error, Result,
    operations::{
        AddRelation, BulkCreate, BulkRemove, BulkUpdate, BulkUpsert, Children, Count, CountInGroup,
        DeepSave, DeleteRelation, Find, FindById, Group, LoadRelations, SetPermission, SetRelation,
    },
};

/// The records of one table, for server code: had from [`CloudCode::data`].
///
/// ```
/// # use vestibule_core::{Context, Result};
/// # use vestibule_model::{Properties, Query, Value};
/// async fn restock(ctx: &Context) -> Result<u64> {
///     let products = ctx.cloud().data("Product");
///     let soldout = products.count(Query::matching("stock = 0")).await?;
///     let full = Properties::from([("stock".to_owned(), Value::from(100))]);
///     products.bulk_update("stock = 0", full).await?;
///     Ok(soldout)
/// }
/// ```
///
/// Every method is an event, with the handlers of that event and table: `create` is `Create`,
/// `relate` is `AddRelation`. What is written to `Users` one row at a time is `Register`,
/// `UpdateUser` and `RemoveUser`. No permission binds it; what it makes belongs to the caller, or to
/// whom [`CloudCode::on_behalf_of`] names.
///
/// The trap: a handler of `Create` that creates a record of the same table enters its own event
/// again, which is refused; [`CloudCode::quietly`] runs the bare operation.
pub struct Data<'a> {
    cloud: CloudCode<'a>,
    table: String,
}

impl<'a> Data<'a> {
    pub(super) fn of(cloud: CloudCode<'a>, table: String) -> Self {
        Self { cloud, table }
    }
}

/// Single records.
impl Data<'_> {
    /// Makes a record. Columns that are not named get their default.
    ///
    /// # Errors
    /// 1007 for a value of the wrong type, 1166 if a unique value is taken, 1101 if the id is, and
    /// the others of the wire contract, section 8.
    pub async fn create(&self, properties: Properties) -> Result<Record> {
        self.cloud.create_record(&self.table, properties).await
    }

    /// Makes a record of a struct of yours: its fields are the columns.
    ///
    /// # Errors
    /// As [`create`](Data::create); fails for what is neither a struct nor a map.
    pub async fn create_from(&self, record: &(impl Serialize + Sync)) -> Result<Record> {
        self.create(properties_of(record)?).await
    }

    /// Changes columns of a record; columns that are not named stay.
    ///
    /// # Errors
    /// 1000 if there is no such record, and as [`create`](Data::create).
    pub async fn update(&self, id: &ObjectId, properties: Properties) -> Result<Record> {
        let id = id.clone();
        self.cloud.update_record(&self.table, id, properties).await
    }

    /// Changes the record whose `objectId` is among the properties, or makes it.
    ///
    /// # Errors
    /// As [`create`](Data::create).
    pub async fn upsert(&self, properties: Properties) -> Result<Record> {
        self.cloud.upsert_record(&self.table, properties).await
    }

    /// Removes a record, and says when that was.
    ///
    /// # Errors
    /// 1000 if there is no such record.
    pub async fn remove(&self, id: &ObjectId) -> Result<Timestamp> {
        self.cloud.remove_record(&self.table, id.clone()).await
    }

    /// Saves a record together with related records, which stand in the place of a relation.
    ///
    /// # Errors
    /// As [`create`](Data::create), for any of the records; nothing is saved then.
    pub async fn deep_save(&self, properties: Properties) -> Result<Record> {
        let event = DeepSave::new(&self.table, properties);
        self.cloud.call(event).await
    }

    /// The record with this id, if there is one.
    ///
    /// # Errors
    /// 1009 if there is no such table; fails when the database does not answer.
    pub async fn find_by_id(&self, id: &ObjectId) -> Result<Option<Record>> {
        self.find_by_id_with(id, Query::new()).await
    }

    /// The record with this id, if there is one, with the columns and the relations that the query
    /// asks for.
    ///
    /// # Errors
    /// As [`find_by_id`](Data::find_by_id); 1006 for unknown columns, 1021 for unknown relations.
    pub async fn find_by_id_with(&self, id: &ObjectId, query: Query) -> Result<Option<Record>> {
        let event = FindById::new(&self.table, id.clone(), query);
        match self.cloud.call(event).await {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.code() == ErrorCode::EntityNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Many records.
impl Data<'_> {
    /// A page of the records that the query asks for.
    ///
    /// # Errors
    /// 1006 for unknown columns, 1017 for a where-clause that cannot be used, 1025 for a page of
    /// more than 100, and 8008 for a query that computes values: that is
    /// [`compute`](Data::compute).
    pub async fn find(&self, query: Query) -> Result<Vec<Record>> {
        records(self.cloud.call(Find::new(&self.table, query)).await?)
    }

    /// As [`find`](Data::find), each record as a struct of yours.
    ///
    /// # Errors
    /// As [`find`](Data::find); fails, and the log says which column does not fit which field.
    pub async fn find_as<T: DeserializeOwned>(&self, query: Query) -> Result<Vec<T>> {
        let records = self.find(query).await?;
        records.iter().map(RecordAs::to).collect()
    }

    /// The values that a query with `distinct`, grouping or aggregates computes, by name or alias;
    /// of a query without them, the columns of each record.
    ///
    /// # Errors
    /// As [`find`](Data::find).
    pub async fn compute(&self, query: Query) -> Result<Vec<Properties>> {
        let rows = self.cloud.call(Find::new(&self.table, query)).await?;
        let values = rows.into_iter().map(|row| match row {
            Row::Record(record) => record.properties,
            Row::Computed { values, .. } => values,
        });
        Ok(values.collect())
    }

    /// How many records there are that the query asks for.
    ///
    /// # Errors
    /// As [`find`](Data::find).
    pub async fn count(&self, query: Query) -> Result<u64> {
        self.cloud.call(Count::new(&self.table, query)).await
    }

    /// Records in groups and groups of groups, by the values of columns.
    ///
    /// # Errors
    /// As [`find`](Data::find); 8008 for more than one call may answer.
    pub async fn group(&self, grouping: GroupQuery) -> Result<GroupPage> {
        self.cloud.call(Group::new(&self.table, grouping)).await
    }

    /// How many records one group has.
    ///
    /// # Errors
    /// As [`group`](Data::group).
    pub async fn count_in_group(&self, grouping: GroupQuery) -> Result<u64> {
        let event = CountInGroup::new(&self.table, grouping);
        self.cloud.call(event).await
    }

    /// Makes many records at once, and answers their ids in the same order.
    ///
    /// # Errors
    /// As [`create`](Data::create); nothing is made then.
    pub async fn bulk_create(&self, records: Vec<Properties>) -> Result<Vec<ObjectId>> {
        let event = BulkCreate::new(&self.table, records);
        self.cloud.call(event).await
    }

    /// Changes or makes many records at once, and answers their ids in the same order.
    ///
    /// # Errors
    /// As [`create`](Data::create); nothing is changed then.
    pub async fn bulk_upsert(&self, records: Vec<Properties>) -> Result<Vec<ObjectId>> {
        let event = BulkUpsert::new(&self.table, records);
        self.cloud.call(event).await
    }

    /// Changes all records that the clause is true for, and says how many there were.
    ///
    /// # Errors
    /// As [`update`](Data::update); 1017 for a where-clause that cannot be used.
    pub async fn bulk_update(
        &self,
        where_clause: impl Into<String>,
        properties: Properties,
    ) -> Result<u64> {
        let event = BulkUpdate::new(&self.table, where_clause, properties);
        self.cloud.call(event).await
    }

    /// Removes all records that the clause is true for, and says how many there were.
    ///
    /// # Errors
    /// 1017 for a where-clause that cannot be used.
    pub async fn bulk_remove(&self, where_clause: impl Into<String>) -> Result<u64> {
        let event = BulkRemove::new(&self.table, where_clause);
        self.cloud.call(event).await
    }
}

/// Relations.
impl Data<'_> {
    /// Relates a record to others, beside those that it is related to already; answers how many
    /// links are new. A relation `lines:Line:n` is made on the way if the schema is dynamic.
    ///
    /// # Errors
    /// 1000 if there is no such record, 1127 if there is no such relation, 1128 for a second record
    /// by a relation to one.
    pub async fn relate(
        &self,
        id: &ObjectId,
        relation: &str,
        children: impl Into<Children>,
    ) -> Result<u64> {
        let event = AddRelation::new(&self.table, id.clone(), relation, children.into());
        self.cloud.call(event).await
    }

    /// Relates a record to these and no others; answers to how many it is related then.
    ///
    /// # Errors
    /// As [`relate`](Data::relate), but that one record replaces another.
    pub async fn set_related(
        &self,
        id: &ObjectId,
        relation: &str,
        children: impl Into<Children>,
    ) -> Result<u64> {
        let event = SetRelation::new(&self.table, id.clone(), relation, children.into());
        self.cloud.call(event).await
    }

    /// Takes links away, the records stay; answers how many links there were.
    ///
    /// # Errors
    /// 1000 if there is no such record, 1127 if there is no such relation.
    pub async fn unrelate(
        &self,
        id: &ObjectId,
        relation: &str,
        children: impl Into<Children>,
    ) -> Result<u64> {
        let event = DeleteRelation::new(&self.table, id.clone(), relation, children.into());
        self.cloud.call(event).await
    }

    /// A page of the records that a record is related to.
    ///
    /// # Errors
    /// As [`unrelate`](Data::unrelate), and as [`find`](Data::find).
    pub async fn related(
        &self,
        id: &ObjectId,
        relation: &str,
        query: Query,
    ) -> Result<Vec<Record>> {
        let event = LoadRelations::new(&self.table, id.clone(), relation, query);
        self.cloud.call(event).await
    }
}

/// The rows of a find, all of which are to be records.
pub(super) fn records(rows: Vec<Row>) -> Result<Vec<Record>> {
    let records = rows.into_iter().map(|row| match row {
        Row::Record(record) => Ok(record),
        Row::Computed { .. } => Err(Error::invalid(
            "distinct, groupBy and aggregates answer values rather than records; ask with `compute` \
             instead of `find`",
        )),
    });
    records.collect()
}

/// Permissions of single records.
impl Data<'_> {
    /// Lets somebody do something with one record, whatever is said of its table.
    ///
    /// ```
    /// # use vestibule_core::{Context, Result};
    /// # use vestibule_model::{Grantee, ObjectId, PermissionOperation};
    /// async fn share(ctx: &Context, note: &ObjectId, with: &ObjectId) -> Result<()> {
    ///     let with = Grantee::User(with.clone());
    ///     ctx.cloud().data("Note").grant(note, PermissionOperation::Find, with).await
    /// }
    /// ```
    ///
    /// # Errors
    /// 1000 if there is no such record, 2003 for anything but FIND, UPDATE and REMOVE, 2005 and 3057
    /// without such a role or user.
    pub async fn grant(
        &self,
        id: &ObjectId,
        operation: PermissionOperation,
        to: Grantee,
    ) -> Result<()> {
        self.set_permission(id, operation, to, Access::Grant).await
    }

    /// Keeps somebody from doing something with one record, whatever is said of its table.
    ///
    /// # Errors
    /// As [`grant`](Data::grant); 1024 for server code, which may do everything.
    pub async fn deny(
        &self,
        id: &ObjectId,
        operation: PermissionOperation,
        to: Grantee,
    ) -> Result<()> {
        self.set_permission(id, operation, to, Access::Deny).await
    }

    async fn set_permission(
        &self,
        id: &ObjectId,
        operation: PermissionOperation,
        grantee: Grantee,
        access: Access,
    ) -> Result<()> {
        let event = SetPermission::of_record(&self.table, id.clone(), grantee, operation, access);
        self.cloud.call(event).await
    }
}

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
