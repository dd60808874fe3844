//! What databases say in different words, as SQLite says it.
//!
//! What stands in here is all that another dialect has to say anew. The order of nulls is one more
//! such thing: that nulls come first when ascending is what SQLite does by itself.

use sea_query::{
    BinOper, Expr, ExprTrait, Func, IntoIden, TableAlterStatement, TableCreateStatement,
};
use vestibule_storage::Function;

use crate::Statement;

/// False, and known to be before a single row is read.
pub(crate) fn never() -> Expr {
    Expr::cust("FALSE")
}

/// True, and known to be.
pub(crate) fn always() -> Expr {
    Expr::cust("TRUE")
}

/// Whether a text looks like a pattern, whatever the case of its ASCII letters.
pub(crate) fn like(text: Expr, pattern: Expr) -> Expr {
    text.binary(BinOper::Like, pattern)
}

/// A text to be compared without regard to the case of its ASCII letters.
pub(crate) fn whatever_the_case(text: Expr) -> Expr {
    // A collation has a name as a column has.
    text.binary(BinOper::Custom("COLLATE"), Expr::col("NOCASE"))
}

/// Makes an index for texts that are unique, and found, without regard to the case of their ASCII
/// letters. What is null is not in it. The names are those of the catalogue, or made of them.
pub(crate) fn unique_whatever_the_case(index: &str, table: &str, column: &str) -> Statement {
    Statement::Written(format!(
        r#"CREATE UNIQUE INDEX "{index}" ON "{table}" ("{column}" COLLATE NOCASE) WHERE "{column}" IS NOT NULL"#
    ))
}

/// One number divided by another, with a fraction. Dividing by zero is null by itself.
pub(crate) fn divide(dividend: Expr, divisor: Expr) -> Expr {
    dividend.cast_as("REAL").div(divisor)
}

/// A function of one row.
pub(crate) fn function(function: Function, arguments: Vec<Expr>) -> Expr {
    match function {
        Function::Lower => call("lower", arguments),
        Function::Upper => call("upper", arguments),
        Function::Length => call("length", arguments),
        Function::Substring => call("substr", arguments),
        Function::Trim => call("trim", arguments),
        Function::Abs => call("abs", arguments),
        Function::Round => call("round", arguments),
        Function::Concat => arguments
            .into_iter()
            .reduce(|text, next| text.binary(BinOper::Custom("||"), next))
            .unwrap_or_else(|| Expr::cust("''")),
        Function::Date => of_moment("'%Y-%m-%d'", arguments),
        Function::Time => of_moment("'%H:%M:%S'", arguments),
        Function::Year => of_moment("'%Y'", arguments).cast_as("INTEGER"),
        Function::Month => of_moment("'%m'", arguments).cast_as("INTEGER"),
        Function::Day => of_moment("'%d'", arguments).cast_as("INTEGER"),
        Function::Hour => of_moment("'%H'", arguments).cast_as("INTEGER"),
        Function::Minute => of_moment("'%M'", arguments).cast_as("INTEGER"),
        Function::Second => of_moment("'%S'", arguments).cast_as("INTEGER"),
    }
}

/// A moment as a text. Seconds with a fraction are rounded down to whole ones by each format, before
/// 1970 too; whole seconds from `ms / 1000` would be rounded towards 1970.
fn of_moment(format: &'static str, moment: Vec<Expr>) -> Expr {
    let seconds = moment
        .into_iter()
        .map(|moment| moment.div(Expr::cust("1000.0")));
    let arguments = std::iter::once(Expr::cust(format))
        .chain(seconds)
        .chain([Expr::cust("'unixepoch'")]);
    call("strftime", arguments)
}

fn call(name: &'static str, arguments: impl IntoIterator<Item = Expr>) -> Expr {
    Func::cust(name.into_iden()).args(arguments).into()
}

/// A number without its fraction.
pub(crate) fn whole_number(number: Expr) -> Expr {
    number.cast_as("INTEGER")
}

/// A number with a fraction, null if it is infinite: JSON cannot write it.
pub(crate) fn finite_number(number: Expr) -> Expr {
    let null_if = |number, value| call("nullif", [number, Expr::val(value)]);
    let number = null_if(number.cast_as("REAL"), f64::INFINITY);
    null_if(number, f64::NEG_INFINITY)
}

/// A text.
pub(crate) fn text(value: Expr) -> Expr {
    value.cast_as("TEXT")
}

/// Lets a table keep its rows in the order of its key, which is one tree instead of two.
pub(crate) fn order_by_key(create: &mut TableCreateStatement) {
    create.extra("WITHOUT ROWID");
}

/// Makes a column of whole numbers one of numbers with a fraction, where the database cares: here, a
/// column of either kind takes both.
pub(crate) fn widen(_table: &str, _column: &str) -> Option<TableAlterStatement> {
    None
}
