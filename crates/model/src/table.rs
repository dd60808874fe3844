use crate::Value;

/// The table that users live in.
pub const USERS: &str = "Users";

/// Columns and relations that a table may have, the system's own included. A row is read and
/// written as a whole, so this bounds what one row costs; SQLite itself refuses 2,000.
pub const COLUMNS_AT_MOST: usize = 250;

/// Tables that an app may have. Every server holds the catalogue in memory, and with a dynamic
/// schema a client can make tables.
pub const TABLES_AT_MOST: usize = 1000;

/// What kind of value a column holds (wire contract, section 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A text of at most `size` characters.
    String,
    /// A text of any length.
    Text,
    /// The id of a record.
    StringId,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Double,
    /// Yes or no.
    Boolean,
    /// Milliseconds since 1970.
    DateTime,
    /// Any JSON.
    Json,
}

impl ColumnType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::String,
        Self::Text,
        Self::StringId,
        Self::Int,
        Self::Double,
        Self::Boolean,
        Self::DateTime,
        Self::Json,
    ];

    /// The type as it is written on the wire and in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "STRING",
            Self::Text => "TEXT",
            Self::StringId => "STRING_ID",
            Self::Int => "INT",
            Self::Double => "DOUBLE",
            Self::Boolean => "BOOLEAN",
            Self::DateTime => "DATETIME",
            Self::Json => "JSON",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|column_type| column_type.as_str() == name)
    }
}

/// One column of a table, as the catalogue describes it.
///
/// ```
/// use vestibule_model::{Column, ColumnType};
///
/// let code = Column { unique: true, ..Column::new("code", ColumnType::String) };
/// assert_eq!(Some(500), code.size);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub column_type: ColumnType,
    /// Greatest length of a text, in characters.
    pub size: Option<u32>,
    /// Whether a record must have it. Guests are exempt.
    pub required: bool,
    /// Whether two rows may not have the same value.
    pub unique: bool,
    /// Whether there is an index on it.
    pub indexed: bool,
    /// What a new record has if it says nothing.
    pub default: Option<Value>,
    /// A regular expression that texts must match, in the syntax of the crate `regex`.
    pub validator: Option<String>,
    /// Whether it belongs to Vestibule: it can be neither removed nor redefined.
    pub system: bool,
    /// Whether users log in with it.
    pub identity: bool,
}

/// Longest text in a STRING column that says nothing else, in characters (wire contract,
/// section 8.2).
pub const DEFAULT_SIZE: u32 = 500;

impl Column {
    /// A column of this name and type, and nothing special about it.
    pub fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Self {
            name: name.into(),
            column_type,
            size: (column_type == ColumnType::String).then_some(DEFAULT_SIZE),
            required: false,
            unique: false,
            indexed: false,
            default: None,
            validator: None,
            system: false,
            identity: false,
        }
    }
}

/// A relation column: records of one table refer to records of another, or of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The relation's name; columns and relations of a table share one name space.
    pub name: String,
    /// The table whose records are referred to.
    pub to_table: String,
    /// To how many.
    pub cardinality: Cardinality,
}

/// To how many records one record can be related by one relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// To one at most.
    OneToOne,
    /// To any number.
    OneToMany,
}

impl Cardinality {
    /// The cardinality as it is written in the admin API and in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneToOne => "ONE_TO_ONE",
            Self::OneToMany => "ONE_TO_MANY",
        }
    }

    /// The cardinality of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::OneToOne, Self::OneToMany]
            .into_iter()
            .find(|cardinality| cardinality.as_str() == name)
    }
}

/// A table, as the catalogue describes it.
///
/// Every table has the columns `objectId`, `ownerId`, `created` and `updated`.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The table's name.
    pub name: String,
    /// Whether it belongs to Vestibule: it cannot be removed.
    pub system: bool,
    /// Its columns, in the order in which they were made.
    pub columns: Vec<Column>,
    /// Its relations to other tables, in the order in which they were made.
    pub relations: Vec<Relation>,
    /// Whether any of its records may have permissions of its own. It becomes true with the first one,
    /// and stays so: until then no statement has to look for any.
    pub record_permissions: bool,
}

impl Table {
    /// A table of this name with the four columns that every table has.
    pub fn new(name: impl Into<String>) -> Self {
        let system = |name: &str, column_type| Column {
            system: true,
            ..Column::new(name, column_type)
        };
        Self {
            name: name.into(),
            system: false,
            columns: vec![
                Column {
                    unique: true,
                    indexed: true,
                    ..system("objectId", ColumnType::StringId)
                },
                Column {
                    indexed: true,
                    ..system("ownerId", ColumnType::String)
                },
                Column {
                    indexed: true,
                    ..system("created", ColumnType::DateTime)
                },
                system("updated", ColumnType::DateTime),
            ],
            relations: Vec::new(),
            record_permissions: false,
        }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The relation of that name.
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.name == name)
    }

    /// The columns that may be read: all but the password, which no query may name.
    pub fn readable_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|column| !(self.name == USERS && column.name == "password"))
    }

    /// The column of that name, if it may be read.
    pub fn readable_column(&self, name: &str) -> Option<&Column> {
        self.readable_columns().find(|column| column.name == name)
    }
}

/// All tables and their columns, as they stood at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// The tables, by name.
    pub tables: Vec<Table>,
}

impl Catalogue {
    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}
