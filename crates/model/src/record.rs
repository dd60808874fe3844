use std::collections::BTreeMap;

use crate::{ObjectId, Properties, Timestamp, USERS, User, Value};

/// A row of any table, as it is read and as handlers see it.
///
/// ```
/// use vestibule_model::{ObjectId, Record, Value};
///
/// let id = ObjectId::parse("A")?;
/// let mut order = Record::new("Order", id);
/// order.properties.insert("total".to_owned(), Value::from(7));
/// assert_eq!(Some(7), order.get("total").as_integer());
/// assert!(order.get("nothing").is_null());
/// # Ok::<(), vestibule_model::InvalidObjectId>(())
/// ```
///
/// The trap: a query that asked for some columns answers records with those columns only, and
/// relations are there only if they were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    table: String,
    id: ObjectId,
    /// Every column but `objectId`, the system columns `ownerId`, `created` and `updated` included,
    /// as null where nothing is known.
    pub properties: Properties,
    /// The related records that were asked for, by the relation's name.
    pub related: BTreeMap<String, Related>,
}

/// The records that one record refers to by one relation.
#[derive(Clone, Debug, PartialEq)]
pub enum Related {
    /// By a relation to one record at most.
    One(Option<Box<Record>>),
    /// By a relation to any number.
    Many(Vec<Record>),
}

impl Record {
    /// A record without properties yet.
    pub fn new(table: impl Into<String>, id: ObjectId) -> Self {
        Self {
            table: table.into(),
            id,
            properties: Properties::new(),
            related: BTreeMap::new(),
        }
    }

    /// The table that it lives in.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The record's id. It never changes.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }

    /// Who owns the record, if anybody does and the column was asked for.
    pub fn owner_id(&self) -> Option<&str> {
        self.get("ownerId").as_text()
    }

    /// When the record was made, if that was asked for.
    pub fn created(&self) -> Option<Timestamp> {
        self.get("created").as_integer().map(Timestamp::from_millis)
    }

    /// When the record was last changed, if ever and if that was asked for.
    pub fn updated(&self) -> Option<Timestamp> {
        self.get("updated").as_integer().map(Timestamp::from_millis)
    }

    /// The value of a column; null if nothing is known, or if it was not asked for.
    pub fn get(&self, column: &str) -> &Value {
        self.properties.get(column).unwrap_or(&Value::Null)
    }
}

/// A user as a row of the table `Users`. There is no password in it.
impl From<&User> for Record {
    fn from(user: &User) -> Self {
        let mut record = Self::new(USERS, user.id().clone());
        record.properties = user.properties.clone();
        let millis = |at: Timestamp| at.as_millis();
        let owner = user.owner_id.as_ref().map(ObjectId::as_str);
        for (column, value) in [
            ("ownerId", Value::from(owner)),
            ("created", Value::from(millis(user.created))),
            ("updated", Value::from(user.updated.map(millis))),
            ("lastLogin", Value::from(user.last_login.map(millis))),
            ("userStatus", Value::from(user.status.as_str())),
        ] {
            record.properties.insert(column.to_owned(), value);
        }
        record
    }
}

/// What a find answers: records, or values computed from several of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A record, perhaps with some of its columns only.
    Record(Record),
    /// What came of `distinct`, grouping or aggregates: it has no id.
    Computed {
        /// The table that was asked.
        table: String,
        /// What was asked for, by name or alias.
        values: Properties,
    },
}

impl Row {
    /// The record, if it is one.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Computed { .. } => None,
        }
    }

    /// The value under this name; null if there is none.
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Self::Record(record) => record.get(name),
            Self::Computed { values, .. } => values.get(name).unwrap_or(&Value::Null),
        }
    }
}
