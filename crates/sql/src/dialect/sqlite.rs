//! As SQLite says it.

use sea_query::{BinOper, Expr, ExprTrait};
use vestibule_storage::Function;

use super::call;

pub(super) fn whatever_the_case(text: Expr) -> Expr {
    // A collation has a name as a column has.
    text.binary(BinOper::Custom("COLLATE"), Expr::col("NOCASE"))
}

pub(super) fn function(function: Function, arguments: Vec<Expr>) -> Expr {
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

pub(super) fn finite_number(value: Expr) -> Expr {
    let null_if = |number, value| call("nullif", [number, Expr::val(value)]);
    let number = null_if(value.cast_as("REAL"), f64::INFINITY);
    null_if(number, f64::NEG_INFINITY)
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
