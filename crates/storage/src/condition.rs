use std::{collections::BTreeMap, sync::Arc};

use vestibule_model::{Access, Grantee, ObjectId, PermissionOperation, Value};

/// Which rows: a where- or having-clause after it was parsed and checked against the catalogue.
///
/// Columns belong to the table at hand; [`Condition::Related`] and [`Condition::Referred`] step
/// to another one. Text of clients is in here as [`Operand::Value`] only.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these; true if there are none.
    All(Vec<Condition>),
    /// Any of these; false if there are none.
    Any(Vec<Condition>),
    /// Not this. What is unknown (a comparison with null) stays unknown, as in SQL.
    Not(Box<Condition>),
    /// One value compared with another. Unknown if either is null.
    Compare(Operand, Comparison, Operand),
    /// A text that looks like a pattern: `%` is any text, `_` any one character; the case of
    /// ASCII letters does not matter. There is no escape character.
    Like(Operand, Operand),
    /// One of these values. False if there are none.
    In(Operand, Vec<Value>),
    /// Nothing is known.
    IsNull(Operand),
    /// A yes-or-no value that is yes.
    IsTrue(Operand),
    /// Any visible record that the one at hand refers to by this relation is as the inner
    /// condition says.
    Related {
        /// The relation, of the table at hand.
        relation: String,
        /// About a record of the table that the relation leads to.
        condition: Box<Condition>,
    },
    /// Any visible record of another table that refers to the one at hand is as the inner condition
    /// says (an inverted relation).
    Referred {
        /// The table whose relation it is.
        by_table: String,
        /// The relation of that table; it leads to the table at hand.
        relation: String,
        /// About a record of that table.
        condition: Box<Condition>,
    },
    /// The record at hand has a permission of its own for one of these grantees that says this. Never
    /// unknown. Visibility has no say in it.
    Permits {
        /// On which operation.
        operation: PermissionOperation,
        /// For whom, any of them.
        grantees: Vec<Grantee>,
        /// What it says.
        access: Access,
    },
    /// The record at hand, a row of `Users`, is that of a user to whom this custom role is assigned.
    /// Never unknown; no record of another table is so.
    HasRole(String),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal; texts byte by byte.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

/// A value in a condition, in a projection or in an assignment.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A column of the table at hand.
    Column(String),
    /// A value.
    Value(Value),
    /// A calculation. Unknown if either side is, and when dividing by zero.
    Calculation(Box<Operand>, Calculation, Box<Operand>),
    /// A function of one row.
    Function(Function, Vec<Operand>),
    /// A function of all rows of a group; no argument means the rows themselves (`count(*)`).
    Aggregate(Aggregate, Option<Box<Operand>>),
}

/// How two numbers make a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calculation {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`; of two whole numbers it is a number with a fraction, too.
    Divide,
}

/// A function of one row. Null if any argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// ASCII letters in lower case.
    Lower,
    /// ASCII letters in upper case.
    Upper,
    /// How many characters.
    Length,
    /// Texts one after the other.
    Concat,
    /// A text from a position (counted from 1), of a length if there is a third argument.
    Substring,
    /// A text without spaces around it.
    Trim,
    /// A number without its sign.
    Abs,
    /// A number rounded, to so many digits if there is a second argument; half away from zero.
    Round,
    /// The date of a DATETIME as a text, `2015-03-23`. All of these are in UTC.
    Date,
    /// The time of a DATETIME as a text, `13:07:01`.
    Time,
    /// The year of a DATETIME.
    Year,
    /// The month of a DATETIME, 1 to 12.
    Month,
    /// The day of a DATETIME, 1 to 31.
    Day,
    /// The hour of a DATETIME, 0 to 23.
    Hour,
    /// The minute of a DATETIME, 0 to 59.
    Minute,
    /// The second of a DATETIME, 0 to 59.
    Second,
}

/// A function of the rows of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many are not null.
    Count,
    /// The sum; null of no rows.
    Sum,
    /// The average, with its fraction; null of no rows.
    Average,
    /// The least; null of no rows.
    Minimum,
    /// The greatest; null of no rows.
    Maximum,
}

/// Which rows of each table a caller may see. It is part of every statement that touches a table,
/// so that no clause can probe what its caller may not read.
#[derive(Clone, Debug, PartialEq)]
pub enum Visibility {
    /// All rows of all tables.
    Everything,
    /// No row of any table.
    Nothing,
    /// It depends on the table.
    ByTable(Arc<VisibleRows>),
}

/// Which rows of each table somebody may see.
#[derive(Clone, Debug, PartialEq)]
pub struct VisibleRows {
    /// Tables of which more or less is to be seen than of the rest.
    pub tables: BTreeMap<String, Rows>,
    /// Of all other tables.
    pub rest: Rows,
}

/// Which rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// All of them.
    All,
    /// None.
    Nothing,
    /// Those that are as this condition says; where it is unknown, they are not.
    Where(Condition),
}

impl Visibility {
    /// In every table, the rows that this user owns.
    pub fn owned_by(owner: &ObjectId) -> Self {
        Self::ByTable(Arc::new(VisibleRows {
            tables: BTreeMap::new(),
            rest: Rows::owned_by(owner),
        }))
    }

    /// Which rows of this table are to be seen.
    pub fn of(&self, table: &str) -> &Rows {
        match self {
            Self::Everything => &Rows::All,
            Self::Nothing => &Rows::Nothing,
            Self::ByTable(rows) => rows.tables.get(table).unwrap_or(&rows.rest),
        }
    }
}

impl Rows {
    /// The rows that this user owns.
    pub fn owned_by(owner: &ObjectId) -> Self {
        Self::Where(Condition::Compare(
            Operand::Column("ownerId".to_owned()),
            Comparison::Equal,
            Operand::Value(Value::from(owner.as_str())),
        ))
    }
}
