//! What databases say in different words. What stands in here is all that another dialect has to say
//! anew.

use sea_query::{
    Asterisk, BinOper, ColumnDef, DynIden, Expr, ExprTrait, Func, IntoIden, NullOrdering, Order,
    OrderedStatement, PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder,
    TableAlterStatement, TableCreateStatement,
};
use vestibule_model::ColumnType;
use vestibule_storage::{Aggregate, Calculation, Function};

use crate::Statement;

mod postgres;
mod sqlite;

/// The words of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL; tested with version 15.
    Postgres,
}

/// False, and known to be before a single row is read.
pub(crate) fn never() -> Expr {
    Expr::cust("FALSE")
}

/// True, and known to be.
pub(crate) fn always() -> Expr {
    Expr::cust("TRUE")
}

fn call(name: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    Func::cust(name.into_iden()).args(arguments).into()
}

impl Dialect {
    /// A statement that binds no values, written down.
    pub(crate) fn written(self, select: &SelectStatement) -> String {
        match self {
            Self::Sqlite => select.to_string(SqliteQueryBuilder),
            Self::Postgres => select.to_string(PostgresQueryBuilder),
        }
    }

    /// Whether a text looks like a pattern, whatever the case of its ASCII letters. A pattern has two
    /// wildcards and nothing that escapes them.
    pub(crate) fn like(self, text: Expr, pattern: Expr) -> Expr {
        match self {
            Self::Sqlite => text.binary(BinOper::Like, pattern),
            Self::Postgres => postgres::like(text, pattern),
        }
    }

    /// A column that is compared without regard to the case of its ASCII letters, unless its definition
    /// says so already. It has its own value still.
    pub(crate) fn whatever_the_case(self, column: Expr) -> Expr {
        match self {
            Self::Sqlite => sqlite::whatever_the_case(column),
            Self::Postgres => column,
        }
    }

    /// One side of a comparison without regard to case; the column is
    /// [such a one](Self::whatever_the_case), and the other side is folded as well.
    pub(crate) fn folded(self, text: Expr) -> Expr {
        match self {
            // The column's collation is that of the comparison.
            Self::Sqlite => text,
            Self::Postgres => postgres::lower(text),
        }
    }

    /// Makes an index for texts that are unique, and found, without regard to the case of their ASCII
    /// letters. What is null is not in it. The names are those of the catalogue, or made of them.
    pub(crate) fn unique_whatever_the_case(
        self,
        index: &str,
        table: &str,
        column: &str,
    ) -> Statement {
        let expression = match self {
            Self::Sqlite => format!(r#""{column}" COLLATE NOCASE"#),
            Self::Postgres => format!(r#"lower("{column}" COLLATE "C")"#),
        };
        Statement::Written(format!(
            r#"CREATE UNIQUE INDEX "{index}" ON "{table}" ({expression}) WHERE "{column}" IS NOT NULL"#
        ))
    }

    /// How two numbers make a third; divided, they make one with a fraction, and null by zero.
    pub(crate) fn calculation(self, calculation: Calculation, left: Expr, right: Expr) -> Expr {
        match (self, calculation) {
            (Self::Postgres, calculation) => postgres::calculation(calculation, left, right),
            (Self::Sqlite, Calculation::Add) => left.add(right),
            (Self::Sqlite, Calculation::Subtract) => left.sub(right),
            (Self::Sqlite, Calculation::Multiply) => left.mul(right),
            (Self::Sqlite, Calculation::Divide) => left.cast_as("REAL").div(right),
        }
    }

    /// A whole number and one with a fraction, in either order, as they are to be compared: exactly,
    /// however large they are.
    pub(crate) fn exactly(self, left: Expr, right: Expr) -> (Expr, Expr) {
        match self {
            Self::Sqlite => (left, right),
            Self::Postgres => (call("vestibule_compare", [left, right]), Expr::val(0_i64)),
        }
    }

    /// A function of one row.
    pub(crate) fn function(self, function: Function, arguments: Vec<Expr>) -> Expr {
        match self {
            Self::Sqlite => sqlite::function(function, arguments),
            Self::Postgres => postgres::function(function, arguments),
        }
    }

    /// A function of the rows of a group; without an argument they are counted.
    pub(crate) fn aggregate(self, aggregate: Aggregate, argument: Option<Expr>) -> Expr {
        let argument = argument.unwrap_or_else(|| Expr::col(Asterisk));
        match (aggregate, self) {
            (Aggregate::Count, _) => Func::count(argument).into(),
            (Aggregate::Sum, Self::Sqlite) => Func::sum(argument).into(),
            (Aggregate::Sum, Self::Postgres) => postgres::sum(argument),
            (Aggregate::Average, Self::Sqlite) => Func::avg(argument).into(),
            (Aggregate::Average, Self::Postgres) => postgres::average(argument),
            (Aggregate::Minimum, _) => Func::min(argument).into(),
            (Aggregate::Maximum, _) => Func::max(argument).into(),
        }
    }

    /// Any value as a number without a fraction.
    pub(crate) fn whole_number(self, value: Expr) -> Expr {
        match self {
            Self::Sqlite => value.cast_as("INTEGER"),
            Self::Postgres => call("vestibule_whole_number", [value]),
        }
    }

    /// Any value as a number with a fraction, null if it is infinite: JSON cannot write it.
    pub(crate) fn finite_number(self, value: Expr) -> Expr {
        match self {
            Self::Sqlite => sqlite::finite_number(value),
            Self::Postgres => call("vestibule_finite_number", [value]),
        }
    }

    /// Any value as yes, no or unknown.
    pub(crate) fn yes_or_no(self, value: Expr) -> Expr {
        match self {
            // Whatever it is, twice denied it is one of the three.
            Self::Sqlite => value.not().not(),
            Self::Postgres => call("vestibule_yes_or_no", [value]),
        }
    }

    /// A text.
    pub(crate) fn text(self, value: Expr) -> Expr {
        value.cast_as("TEXT")
    }

    /// Keeps a database from planning a select as one with the statement around it.
    pub(crate) fn plan_apart(self, select: &mut SelectStatement) {
        match self {
            // It plans each by itself.
            Self::Sqlite => {}
            Self::Postgres => {
                select.offset(0);
            }
        }
    }

    /// Sorts by this; nulls come first when ascending.
    pub(crate) fn sort(self, statement: &mut impl OrderedStatement, by: Expr, order: Order) {
        match (self, order) {
            (Self::Sqlite, order) => statement.order_by_expr(by, order),
            (Self::Postgres, Order::Desc) => {
                statement.order_by_expr_with_nulls(by, Order::Desc, NullOrdering::Last)
            }
            (Self::Postgres, order) => {
                statement.order_by_expr_with_nulls(by, order, NullOrdering::First)
            }
        };
    }

    /// Lets a table keep its rows in the order of its key, where the database can: one tree instead of
    /// two.
    pub(crate) fn order_by_key(self, create: &mut TableCreateStatement) {
        match self {
            Self::Sqlite => {
                create.extra("WITHOUT ROWID");
            }
            Self::Postgres => {}
        }
    }

    /// The definition of a column of a type; nulls are allowed.
    pub(crate) fn column(self, name: DynIden, column_type: ColumnType) -> ColumnDef {
        let mut definition = ColumnDef::new(name);
        match column_type {
            ColumnType::String | ColumnType::Text | ColumnType::StringId => {
                self.as_text(&mut definition);
            }
            ColumnType::Int | ColumnType::DateTime => {
                definition.big_integer();
            }
            ColumnType::Double => {
                definition.double();
            }
            ColumnType::Boolean => {
                definition.boolean();
            }
            ColumnType::Json => match self {
                Self::Sqlite => {
                    definition.json();
                }
                // As it is written: documents compare as texts, and no number loses a digit.
                Self::Postgres => self.as_text(&mut definition),
            },
        }
        definition
    }

    /// Makes a column one of texts, which compare byte by byte.
    pub(crate) fn as_text(self, definition: &mut ColumnDef) {
        match self {
            Self::Sqlite => definition.text(),
            Self::Postgres => definition.custom(r#"text COLLATE "C""#),
        };
    }

    /// Makes a column of whole numbers one of numbers with a fraction, where the database cares.
    pub(crate) fn widen(self, table: &str, column: &str) -> Option<TableAlterStatement> {
        match self {
            // A column of either kind takes both.
            Self::Sqlite => None,
            Self::Postgres => Some(postgres::widen(table, column)),
        }
    }
}
