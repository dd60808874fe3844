/// What a find asks for, in the words of a client (wire contract, section 9.2). Nothing in it has
/// been checked yet: the engine refuses unknown columns and impossible numbers.
///
/// ```
/// use vestibule_model::Query;
///
/// let latest = Query::matching("total > 5 and customer.name like 'A%'")
///     .sort_by("created desc")
///     .page_size(50)
///     .load("customer");
/// assert_eq!(Some(50), latest.page_size);
/// ```
///
/// The trap: a value that comes from somebody else does not belong into the text of a clause as it
/// is; [`quoted`] makes a literal of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which records (wire contract, section 10); all if there is none.
    pub where_clause: Option<String>,
    /// Columns, `*`, functions and aggregates, each perhaps with an alias (`Avg(age) as average`);
    /// the whole record if there are none.
    pub properties: Vec<String>,
    /// Columns to leave out.
    pub exclude_properties: Vec<String>,
    /// Columns or aliases, each perhaps with `asc` or `desc`.
    pub sort_by: Vec<String>,
    /// Columns to group by.
    pub group_by: Vec<String>,
    /// Which groups; may name aggregates and aliases.
    pub having: Option<String>,
    /// Whether equal rows are answered once.
    pub distinct: bool,
    /// How many records to leave out first; none if it says nothing.
    pub offset: Option<i64>,
    /// How many records at most, 1 to 100; 10 if it says nothing.
    pub page_size: Option<i64>,
    /// Relations to load, as paths (`customer`, `lines.product`); `*` is all of the table.
    pub load_relations: Vec<String>,
    /// How many levels of relations to load, all of each level.
    pub relations_depth: Option<i64>,
    /// How many related records per record and relation at most, 1 to 100; 10 if it says nothing.
    pub relations_page_size: Option<i64>,
}

impl Query {
    /// Everything, a page at a time.
    pub fn new() -> Self {
        Self::default()
    }

    /// The records that this where-clause is true for.
    pub fn matching(where_clause: impl Into<String>) -> Self {
        Self {
            where_clause: Some(where_clause.into()),
            ..Self::default()
        }
    }

    /// One more column to sort by, perhaps with `asc` or `desc`.
    pub fn sort_by(mut self, column: impl Into<String>) -> Self {
        self.sort_by.push(column.into());
        self
    }

    /// One more column, function or aggregate to answer.
    pub fn property(mut self, property: impl Into<String>) -> Self {
        self.properties.push(property.into());
        self
    }

    /// One more column to group by.
    pub fn group_by(mut self, column: impl Into<String>) -> Self {
        self.group_by.push(column.into());
        self
    }

    /// One more relation to load with each record.
    pub fn load(mut self, relation: impl Into<String>) -> Self {
        self.load_relations.push(relation.into());
        self
    }

    /// At most so many records, 1 to 100.
    pub fn page_size(mut self, page_size: i64) -> Self {
        self.page_size = Some(page_size);
        self
    }

    /// Leave so many records out first.
    pub fn offset(mut self, offset: i64) -> Self {
        self.offset = Some(offset);
        self
    }
}

/// A text as a literal of a where-clause: whatever stands in it, it stays a text.
///
/// ```
/// use vestibule_model::quoted;
///
/// assert_eq!("name = 'O''Hara'", format!("name = {}", quoted("O'Hara")));
/// ```
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
