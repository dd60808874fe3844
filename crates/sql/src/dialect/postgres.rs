//! As PostgreSQL says it.

use sea_query::{BinOper, ColumnDef, Expr, ExprTrait, IntoIden, TableAlterStatement};
use vestibule_storage::{Calculation, Function};

use super::call;

/// A text with its ASCII letters in lower case, and no others: that is what the collation "C" knows.
pub(super) fn lower(text: Expr) -> Expr {
    call(
        "lower",
        [text.binary(BinOper::Custom("COLLATE"), Expr::col("C"))],
    )
}

fn upper(text: Expr) -> Expr {
    call(
        "upper",
        [text.binary(BinOper::Custom("COLLATE"), Expr::col("C"))],
    )
}

pub(super) fn like(text: Expr, pattern: Expr) -> Expr {
    lower(text).binary(BinOper::Like, call("vestibule_pattern", [pattern]))
}

pub(super) fn calculation(calculation: Calculation, left: Expr, right: Expr) -> Expr {
    let name = match calculation {
        Calculation::Add => "vestibule_add",
        Calculation::Subtract => "vestibule_subtract",
        Calculation::Multiply => "vestibule_multiply",
        Calculation::Divide => "vestibule_divide",
    };
    call(name, [left, right])
}

/// A sum of whole numbers is one, as long as it fits.
pub(super) fn sum(argument: Expr) -> Expr {
    call("vestibule_sum", [argument])
}

pub(super) fn average(argument: Expr) -> Expr {
    call("avg", [argument.cast_as("double precision")])
}

pub(super) fn widen(table: &str, column: &str) -> TableAlterStatement {
    let mut definition = ColumnDef::new(column.to_owned().into_iden());
    definition.double();
    let mut alter = TableAlterStatement::new();
    alter.table(table.to_owned()).modify_column(definition);
    alter
}

pub(super) fn function(function: Function, mut arguments: Vec<Expr>) -> Expr {
    match function {
        Function::Lower => arguments.pop().map_or_else(|| Expr::cust("NULL"), lower),
        Function::Upper => arguments.pop().map_or_else(|| Expr::cust("NULL"), upper),
        Function::Length => call("length", arguments).cast_as("bigint"),
        Function::Substring => call("vestibule_substring", arguments),
        Function::Trim => call("btrim", arguments),
        Function::Abs => call("abs", arguments),
        Function::Round => call("vestibule_round", arguments),
        Function::Concat => arguments
            .into_iter()
            .map(|argument| argument.cast_as("TEXT"))
            .reduce(|text, next| text.binary(BinOper::Custom("||"), next))
            .unwrap_or_else(|| Expr::cust("''")),
        Function::Date => of_moment("'YYYY-MM-DD'", arguments),
        Function::Time => of_moment("'HH24:MI:SS'", arguments),
        Function::Year => of_moment("'YYYY'", arguments).cast_as("bigint"),
        Function::Month => of_moment("'MM'", arguments).cast_as("bigint"),
        Function::Day => of_moment("'DD'", arguments).cast_as("bigint"),
        Function::Hour => of_moment("'HH24'", arguments).cast_as("bigint"),
        Function::Minute => of_moment("'MI'", arguments).cast_as("bigint"),
        Function::Second => of_moment("'SS'", arguments).cast_as("bigint"),
    }
}

/// A moment as a text. It is a number of milliseconds, and parts of a second are dropped downwards,
/// before 1970 too.
fn of_moment(format: &'static str, moment: Vec<Expr>) -> Expr {
    let moment = moment
        .into_iter()
        .map(|moment| call("vestibule_moment", [moment]));
    call("to_char", moment.chain([Expr::cust(format)]))
}
