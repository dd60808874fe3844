//! Which values can be compared with which, and what a literal means next to a column.

use vestibule_model::{ColumnType, Value};
use vestibule_storage::Operand;

use super::{
    fault::{Fault, shown},
    syntax::{Literal, Term, TermKind},
};
use crate::values::parse_date;

/// A value whose names have been looked up.
#[derive(Clone, Debug)]
pub(super) enum Typed {
    /// It comes from the row.
    Operand(Operand, ColumnType),
    /// It is written, and takes its type from what it is compared with.
    Literal(Literal),
}

/// Types that can be compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Text,
    Number,
    Boolean,
    Date,
    Json,
}

pub(super) fn family(column_type: ColumnType) -> Family {
    match column_type {
        ColumnType::String | ColumnType::Text | ColumnType::StringId => Family::Text,
        ColumnType::Int | ColumnType::Double => Family::Number,
        ColumnType::Boolean => Family::Boolean,
        ColumnType::DateTime => Family::Date,
        ColumnType::Json => Family::Json,
    }
}

/// Two values made comparable.
pub(super) fn comparable(
    (left, left_term): (Typed, &Term),
    (right, right_term): (Typed, &Term),
) -> Result<(Operand, Operand), Fault> {
    match (left, right) {
        (Typed::Operand(left, left_type), Typed::Operand(right, right_type)) => {
            // Dates are numbers of milliseconds, so that a calculation can be compared with one.
            let fits = match (family(left_type), family(right_type)) {
                (Family::Json, _) | (_, Family::Json) => false,
                (Family::Number, Family::Date) | (Family::Date, Family::Number) => true,
                (left, right) => left == right,
            };
            if fits {
                return Ok((left, right));
            }
            let why = format!(
                "{} ({}) cannot be compared with {} ({})",
                described(left_term),
                left_type.as_str(),
                described(right_term),
                right_type.as_str()
            );
            Err(Fault::at(right_term.at, why))
        }
        (Typed::Operand(left, column_type), Typed::Literal(literal)) => {
            let value = literal_as(&literal, column_type, right_term.at, left_term)?;
            Ok((left, Operand::Value(value)))
        }
        (Typed::Literal(literal), Typed::Operand(right, column_type)) => {
            let value = literal_as(&literal, column_type, left_term.at, right_term)?;
            Ok((Operand::Value(value), right))
        }
        (Typed::Literal(left), Typed::Literal(right)) => {
            let column_type = own_type(&left, left_term.at)?;
            let left = literal_as(&left, column_type, left_term.at, left_term)?;
            let right = literal_as(&right, column_type, right_term.at, left_term)?;
            Ok((Operand::Value(left), Operand::Value(right)))
        }
    }
}

/// A value that must be of a type, or of one in its family.
pub(super) fn of_type(
    typed: Typed,
    column_type: ColumnType,
    term: &Term,
    wanted: &str,
) -> Result<Operand, Fault> {
    match typed {
        Typed::Operand(operand, own) if family(own) == family(column_type) => Ok(operand),
        Typed::Operand(_, own) => Err(Fault::at(
            term.at,
            format!(
                "expected {wanted}, but {} is of type {}",
                described(term),
                own.as_str()
            ),
        )),
        Typed::Literal(literal) => match value_of(&literal, column_type) {
            Some(value) => Ok(Operand::Value(value)),
            None => Err(Fault::at(
                term.at,
                format!("expected {wanted}, but there is {}", described(term)),
            )),
        },
    }
}

/// The type of a literal that nothing else gives one.
pub(super) fn own_type(literal: &Literal, at: usize) -> Result<ColumnType, Fault> {
    match literal {
        Literal::Null => Err(null_is_not_compared(at)),
        Literal::Boolean(_) => Ok(ColumnType::Boolean),
        Literal::Number(_) => Ok(ColumnType::Double),
        Literal::Text(_) => Ok(ColumnType::Text),
    }
}

/// The value of a literal that is compared with `other`, a value of a type.
pub(super) fn literal_as(
    literal: &Literal,
    column_type: ColumnType,
    at: usize,
    other: &Term,
) -> Result<Value, Fault> {
    if *literal == Literal::Null {
        return Err(null_is_not_compared(at));
    }
    if let Some(value) = value_of(literal, column_type) {
        return Ok(value);
    }
    let other = described(other);
    let literal = described_literal(literal);
    let why = match family(column_type) {
        Family::Date => format!("{literal} is no date that can be read, but {other} is a date"),
        Family::Json => format!("{other} holds JSON, which can be compared with null only"),
        _ => format!(
            "{other} is of type {} and cannot be compared with {literal}",
            column_type.as_str()
        ),
    };
    Err(Fault::at(at, why))
}

/// What a literal means as a value of a type, where it can mean anything: a number can be a text, a
/// text can be a number, a date or a yes-or-no, 0 and 1 can be no and yes.
fn value_of(literal: &Literal, column_type: ColumnType) -> Option<Value> {
    match (family(column_type), literal) {
        (Family::Text, Literal::Text(text) | Literal::Number(text)) => {
            Some(Value::Text(text.clone()))
        }
        (Family::Number | Family::Date, Literal::Number(text)) => number(text),
        (Family::Number, Literal::Text(text)) => number(text.trim()),
        (Family::Date, Literal::Text(text)) => parse_date(text).map(Value::Integer),
        (Family::Boolean, Literal::Boolean(boolean)) => Some(Value::Boolean(*boolean)),
        (Family::Boolean, Literal::Number(text)) => match text.as_str() {
            "0" => Some(Value::Boolean(false)),
            "1" => Some(Value::Boolean(true)),
            _ => None,
        },
        (Family::Boolean, Literal::Text(text)) => {
            text.to_ascii_lowercase().parse().ok().map(Value::Boolean)
        }
        _ => None,
    }
}

/// A whole number, or one with a fraction or beyond 64 bits.
fn number(text: &str) -> Option<Value> {
    if let Ok(integer) = text.parse() {
        return Some(Value::Integer(integer));
    }
    // `inf` and `nan` are numbers to Rust only.
    let digits = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let double: f64 = text.parse().ok()?;
    (digits && double.is_finite()).then_some(Value::Double(double))
}

fn null_is_not_compared(at: usize) -> Fault {
    Fault::at(at, "null can be used with 'is', '=' and '!=' only")
}

/// A value in an error.
pub(super) fn described(term: &Term) -> String {
    match &term.kind {
        TermKind::Column(path) => format!("column '{}'", shown(&path.column)),
        TermKind::Literal(literal) => described_literal(literal),
        TermKind::Calculation(..) | TermKind::Negated(_) => "the calculation".to_owned(),
        TermKind::Call { function, .. } => format!("{}(..)", shown(function)),
    }
}

fn described_literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Boolean(boolean) => boolean.to_string(),
        Literal::Number(text) => shown(text),
        Literal::Text(text) => format!("'{}'", shown(text)),
    }
}
