/// The table that users live in.
pub const USERS: &str = "Users";

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub column_type: ColumnType,
    /// Greatest length of a text, in characters.
    pub size: Option<u32>,
    /// Whether a registered user must have it. Guests are exempt.
    pub required: bool,
    /// Whether two rows may not have the same value.
    pub unique: bool,
    /// Whether there is an index on it.
    pub indexed: bool,
    /// Whether it belongs to Vestibule: it can be neither removed nor redefined.
    pub system: bool,
    /// Whether users log in with it.
    pub identity: bool,
}

/// A table, as the catalogue describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The table's name.
    pub name: String,
    /// Whether it belongs to Vestibule: it cannot be removed.
    pub system: bool,
    /// Its columns, in the order in which they were made.
    pub columns: Vec<Column>,
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// All tables and their columns, as they stood at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
