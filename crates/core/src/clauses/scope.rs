//! What names mean at one place: values. Conditions are in `resolver`.

use vestibule_model::{Catalogue, Column, ColumnType, ErrorCode, Table, Value};
use vestibule_storage::{Aggregate, Calculation, Function, Operand, Output};

use super::{
    fault::{Fault, Purpose, shown},
    functions::{Callable, Wanted, callable, names},
    syntax::{Path, Term, TermKind},
    typing::{Family, Typed, described, family, of_type},
};
use crate::{Error, Result};

/// Where a name stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) catalogue: &'a Catalogue,
    /// Whose columns can be named.
    pub(super) table: &'a Table,
    /// What the text is for.
    pub(super) purpose: Purpose,
    /// What else can be named, before any column.
    pub(super) aliases: &'a [Output],
    /// Whether functions of several rows can be called.
    pub(super) aggregates: bool,
}

impl<'a> Scope<'a> {
    /// A place where the columns of a table can be named, and nothing else.
    pub(super) fn of(catalogue: &'a Catalogue, table: &'a Table, purpose: Purpose) -> Self {
        Self {
            catalogue,
            table,
            purpose,
            aliases: &[],
            aggregates: false,
        }
    }

    pub(super) fn fault(&self, at: usize, text: impl Into<String>) -> Error {
        self.purpose.error(Fault::at(at, text))
    }

    pub(super) fn said(&self, fault: Fault) -> Error {
        self.purpose.error(fault)
    }

    /// A column that may be read.
    pub(super) fn column(&self, name: &str) -> Result<&'a Column> {
        self.table
            .readable_column(name)
            .ok_or_else(|| unknown_column(name, self.table))
    }

    /// A value that is made of columns of the table at hand, and its type.
    pub(super) fn own(&self, term: &Term) -> Result<(Operand, ColumnType)> {
        self.check_own(term)?;
        self.typed(term)
    }

    /// Refuses columns of related records.
    pub(super) fn check_own(&self, term: &Term) -> Result<()> {
        let mut paths = Vec::new();
        term.paths(&mut paths);
        if paths.iter().any(|path| !path.steps.is_empty()) {
            let why = "columns of related records cannot be used here; load the relation instead";
            return Err(self.fault(term.at, why));
        }
        Ok(())
    }

    /// A value and its type. Steps to related records have been taken already.
    pub(super) fn value(&self, term: &Term) -> Result<Typed> {
        match &term.kind {
            TermKind::Literal(literal) => Ok(Typed::Literal(literal.clone())),
            TermKind::Column(path) => self.column_or_alias(path),
            TermKind::Negated(inner) => {
                let (operand, column_type) = self.number(inner)?;
                let zero = Operand::Value(Value::Integer(0));
                let negative =
                    Operand::Calculation(Box::new(zero), Calculation::Subtract, Box::new(operand));
                Ok(Typed::Operand(negative, column_type))
            }
            TermKind::Calculation(left, calculation, right) => {
                self.calculation(left, *calculation, right, term.at)
            }
            TermKind::Call {
                function,
                arguments,
                star,
            } => self.call(function, arguments, *star, term.at),
        }
    }

    fn column_or_alias(&self, path: &Path) -> Result<Typed> {
        let alias = self.aliases.iter().find(|alias| alias.name == path.column);
        if let Some(alias) = alias.filter(|_| path.steps.is_empty()) {
            return Ok(Typed::Operand(alias.operand.clone(), alias.column_type));
        }
        let column = self.column(&path.column)?;
        let operand = Operand::Column(column.name.clone());
        Ok(Typed::Operand(operand, column.column_type))
    }

    fn number(&self, term: &Term) -> Result<(Operand, ColumnType)> {
        self.as_number(self.value(term)?, term)
    }

    fn as_number(&self, typed: Typed, term: &Term) -> Result<(Operand, ColumnType)> {
        let own_type = match &typed {
            Typed::Operand(_, own_type) => *own_type,
            Typed::Literal(_) => ColumnType::Int,
        };
        let operand = of_type(typed, ColumnType::Double, term, "a number")
            .map_err(|fault| self.said(fault))?;
        let is_double = matches!(operand, Operand::Value(Value::Double(_)));
        let column_type = if is_double {
            ColumnType::Double
        } else {
            own_type
        };
        Ok((operand, column_type))
    }

    /// A calculation. A date is a number of milliseconds: it can be moved by some, and two dates
    /// are so many apart.
    fn calculation(
        &self,
        left: &Term,
        calculation: Calculation,
        right: &Term,
        at: usize,
    ) -> Result<Typed> {
        // Each part is looked at once: twice on each level would be a million times on twenty.
        let part = |term: &Term| match self.value(term)? {
            Typed::Operand(operand, ColumnType::DateTime) => Ok((operand, ColumnType::DateTime)),
            typed => self.as_number(typed, term),
        };
        let (left_operand, left_type) = part(left)?;
        let (right_operand, right_type) = part(right)?;
        let dates = [left_type, right_type].map(|own| own == ColumnType::DateTime);
        let column_type = match (calculation, dates) {
            (Calculation::Divide, [false, false]) => ColumnType::Double,
            (_, [false, false]) if left_type == right_type => left_type,
            (_, [false, false]) => ColumnType::Double,
            (Calculation::Subtract, [true, true]) => ColumnType::Int,
            (Calculation::Add, [true, false] | [false, true])
            | (Calculation::Subtract, [true, false]) => ColumnType::DateTime,
            _ => return Err(self.fault(at, "dates cannot be calculated with like this")),
        };
        let operand =
            Operand::Calculation(Box::new(left_operand), calculation, Box::new(right_operand));
        Ok(Typed::Operand(operand, column_type))
    }

    fn call(&self, name: &str, arguments: &[Term], star: bool, at: usize) -> Result<Typed> {
        let Some((callable, wanted, least)) = callable(name) else {
            let why = format!(
                "there is no function '{}'; there are {}",
                shown(name),
                names()
            );
            return Err(self.fault(at, why));
        };
        match callable {
            Callable::Aggregate(aggregate) => self.aggregate(aggregate, name, arguments, star, at),
            Callable::Function(_) if star => {
                Err(self.fault(at, format!("'*' is an argument of count, not of {name}")))
            }
            Callable::Function(function) => {
                if arguments.len() < least || arguments.len() > wanted.len() {
                    let most = wanted.len();
                    let count = if least == most {
                        format!("{least}")
                    } else {
                        format!("{least} to {most}")
                    };
                    let given = arguments.len();
                    let why = format!("{name} takes {count} arguments, not {given}");
                    return Err(self.fault(at, why));
                }
                self.function(function, arguments, wanted)
            }
        }
    }

    fn function(&self, function: Function, arguments: &[Term], wanted: &[Wanted]) -> Result<Typed> {
        let mut operands = Vec::with_capacity(arguments.len());
        let mut numbers = ColumnType::Double;
        for (argument, wanted) in arguments.iter().zip(wanted) {
            let operand = match wanted {
                Wanted::Number => {
                    let (operand, column_type) = self.number(argument)?;
                    numbers = column_type;
                    operand
                }
                Wanted::Text => self.of_type(argument, ColumnType::Text, "a text")?,
                Wanted::Date => self.of_type(argument, ColumnType::DateTime, "a date")?,
            };
            operands.push(operand);
        }
        let column_type = match function {
            Function::Lower
            | Function::Upper
            | Function::Concat
            | Function::Substring
            | Function::Trim
            | Function::Date
            | Function::Time => ColumnType::Text,
            Function::Abs => numbers,
            Function::Round => ColumnType::Double,
            Function::Length
            | Function::Year
            | Function::Month
            | Function::Day
            | Function::Hour
            | Function::Minute
            | Function::Second => ColumnType::Int,
        };
        Ok(Typed::Operand(
            Operand::Function(function, operands),
            column_type,
        ))
    }

    fn of_type(&self, term: &Term, column_type: ColumnType, wanted: &str) -> Result<Operand> {
        of_type(self.value(term)?, column_type, term, wanted).map_err(|fault| self.said(fault))
    }

    fn aggregate(
        &self,
        aggregate: Aggregate,
        name: &str,
        arguments: &[Term],
        star: bool,
        at: usize,
    ) -> Result<Typed> {
        if !self.aggregates {
            let why = format!("{name} is about several rows and cannot be used here");
            return Err(self.fault(at, why));
        }
        if star && aggregate == Aggregate::Count {
            let operand = Operand::Aggregate(aggregate, None);
            return Ok(Typed::Operand(operand, ColumnType::Int));
        }
        let [argument] = arguments else {
            return Err(self.fault(at, format!("{name} takes one argument")));
        };
        let inner = Self {
            aggregates: false,
            aliases: &[],
            ..*self
        };
        let Typed::Operand(operand, own_type) = inner.value(argument)? else {
            return Err(self.fault(argument.at, format!("{name} takes a column")));
        };
        let fits = matches!(
            (aggregate, family(own_type)),
            (Aggregate::Count, _)
                | (_, Family::Number)
                | (
                    Aggregate::Minimum | Aggregate::Maximum,
                    Family::Text | Family::Date
                )
        );
        if !fits {
            let why = format!(
                "{name} cannot be of {}, which is of type {}",
                described(argument),
                own_type.as_str()
            );
            return Err(self.fault(argument.at, why));
        }
        let column_type = match aggregate {
            Aggregate::Count => ColumnType::Int,
            Aggregate::Average => ColumnType::Double,
            Aggregate::Sum | Aggregate::Minimum | Aggregate::Maximum => own_type,
        };
        let operand = Operand::Aggregate(aggregate, Some(Box::new(operand)));
        Ok(Typed::Operand(operand, column_type))
    }
}

/// A column that is not there, or that nobody may read (wire contract, code 1006; the text is
/// exact).
pub(super) fn unknown_column(name: &str, table: &Table) -> Error {
    let message = format!(
        "Column '{}' does not exist in table '{}'",
        shown(name),
        table.name
    );
    Error::new(ErrorCode::UnknownColumn, message)
}

/// A relation that is not there.
pub(super) fn unknown_relation(name: &str, table: &Table) -> Error {
    let message = format!(
        "Table '{}' has no relation '{}' to another table",
        table.name,
        shown(name)
    );
    Error::new(ErrorCode::UnknownColumn, message)
}
