//! From the operands of a clause to expressions.

use std::mem;

use sea_query::{Expr, IntoIden, Order, OrderedStatement, Value as Sql};
use vestibule_model::{Column, ColumnType, USERS, Value};
use vestibule_storage::{Aggregate, Calculation, Function, Operand, StorageError};

use crate::{
    conditions::Scope,
    identity,
    names::{record, users},
    quoted::quote,
    typed,
    whole_record::columns_of_record,
};

impl<'c> Scope<'c> {
    /// The value of an operand for a row of the table at hand.
    pub(crate) fn operand(&self, operand: &Operand) -> Result<Expr, StorageError> {
        match operand {
            Operand::Column(name) => Ok(self.cell(self.column(name)?)),
            Operand::Value(value) => Ok(Expr::val(by_itself(value))),
            Operand::Calculation(left, calculation, right) => {
                let left = self.number(left)?;
                let right = self.number(right)?;
                let dialect = self.catalogue.dialect();
                Ok(dialect.calculation(*calculation, left, right))
            }
            Operand::Function(function, arguments) => {
                let arguments = arguments.iter().map(|argument| self.operand(argument));
                let arguments = arguments.collect::<Result<_, _>>()?;
                Ok(self.catalogue.dialect().function(*function, arguments))
            }
            Operand::Aggregate(aggregate, argument) => {
                let argument = argument.as_deref().map(|argument| self.operand(argument));
                Ok(self
                    .catalogue
                    .dialect()
                    .aggregate(*aggregate, argument.transpose()?))
            }
        }
    }

    /// The value of an operand as a statement answers it.
    ///
    /// Most records are read whole, so their columns are written down at once: to render each from a
    /// tree takes longer than the database needs to find the record.
    pub(crate) fn output(&self, operand: &Operand) -> Result<Expr, StorageError> {
        let Operand::Column(name) = operand else {
            return self.operand(operand);
        };
        let column = self.column(name)?;
        if self.is_identity(column) {
            return Ok(self.cell(column));
        }
        let mut written = String::with_capacity(64);
        self.write(&column.name, &mut written);
        Ok(Expr::cust(written))
    }

    /// The `objectId` and all columns that may be read, as a statement answers them. Those that go
    /// without an expression are written as one.
    pub(crate) fn whole(&self) -> Vec<Expr> {
        let mut whole = Vec::new();
        let mut written = String::new();
        self.write(record::OBJECT_ID, &mut written);
        for column in columns_of_record(self.table) {
            if self.is_identity(column) {
                whole.extend(as_one(&mut written));
                whole.push(self.cell(column));
                continue;
            }
            if !written.is_empty() {
                written.push_str(", ");
            }
            self.write(&column.name, &mut written);
        }
        whole.extend(as_one(&mut written));
        whole
    }

    /// Writes the name of a column.
    fn write(&self, column: &str, written: &mut String) {
        quote(&self.alias.inner(), written);
        written.push('.');
        quote(column, written);
    }

    /// The value of an operand to calculate with.
    fn number(&self, operand: &Operand) -> Result<Expr, StorageError> {
        match operand {
            Operand::Value(Value::Null) => Ok(Expr::val(Sql::BigInt(None))),
            operand => self.operand(operand),
        }
    }

    /// An operand that is compared with `other`: a value is bound as what `other` holds.
    pub(crate) fn compared_with(
        &self,
        other: &Operand,
        operand: &Operand,
    ) -> Result<Expr, StorageError> {
        match (other, operand) {
            (Operand::Column(name), Operand::Value(value)) => {
                let bound = like_column(&self.table.name, self.column(name)?, value)?;
                Ok(Expr::val(bound))
            }
            _ => self.operand(operand),
        }
    }

    /// The column of that name of the table at hand, if anybody may read it.
    pub(crate) fn column(&self, name: &str) -> Result<&'c Column, StorageError> {
        self.table
            .readable_column(name)
            .ok_or_else(|| StorageError::UnknownColumn {
                table: self.table.name.clone(),
                column: name.to_owned(),
            })
    }

    /// Whether an operand is compared without regard to the case of its ASCII letters: what users log
    /// in with, and their email addresses.
    pub(crate) fn is_caseless(&self, operand: &Operand) -> bool {
        let Operand::Column(name) = operand else {
            return false;
        };
        let column = self.table.column(name);
        self.table.name == USERS
            && column.is_some_and(|column| column.identity || column.name == users::EMAIL)
    }

    /// Whether one of them is a whole number and the other one has a fraction, as far as it can be told
    /// without a row.
    pub(crate) fn compares_whole_with_fraction(&self, left: &Operand, right: &Operand) -> bool {
        let kinds = match (left, right) {
            // Bound as what the column holds.
            (Operand::Column(_), Operand::Value(Value::Integer(_)))
            | (Operand::Value(Value::Integer(_)), Operand::Column(_)) => return false,
            (left, right) => (self.has_fraction(left), self.has_fraction(right)),
        };
        matches!(kinds, (Some(true), Some(false)) | (Some(false), Some(true)))
    }

    /// Whether it is a number with a fraction or a whole one; nothing of what is no number.
    fn has_fraction(&self, operand: &Operand) -> Option<bool> {
        match operand {
            Operand::Column(name) => match self.table.column(name)?.column_type {
                ColumnType::Double => Some(true),
                ColumnType::Int | ColumnType::DateTime => Some(false),
                _ => None,
            },
            Operand::Value(Value::Double(_)) => Some(true),
            Operand::Value(Value::Integer(_)) => Some(false),
            Operand::Value(_) => None,
            Operand::Calculation(_, Calculation::Divide, _) => Some(true),
            Operand::Calculation(left, _, right) => {
                let (left, right) = (self.has_fraction(left), self.has_fraction(right));
                Some(left.unwrap_or(false) || right.unwrap_or(false))
            }
            Operand::Function(function, arguments) => match function {
                Function::Round => Some(true),
                Function::Abs => arguments
                    .first()
                    .and_then(|argument| self.has_fraction(argument)),
                Function::Length
                | Function::Year
                | Function::Month
                | Function::Day
                | Function::Hour
                | Function::Minute
                | Function::Second => Some(false),
                Function::Lower
                | Function::Upper
                | Function::Concat
                | Function::Substring
                | Function::Trim
                | Function::Date
                | Function::Time => None,
            },
            Operand::Aggregate(aggregate, argument) => match aggregate {
                Aggregate::Count => Some(false),
                Aggregate::Average => Some(true),
                Aggregate::Sum | Aggregate::Minimum | Aggregate::Maximum => argument
                    .as_deref()
                    .and_then(|argument| self.has_fraction(argument)),
            },
        }
    }

    /// Sorts by an operand.
    pub(crate) fn sort(
        &self,
        statement: &mut impl OrderedStatement,
        operand: &Operand,
        order: Order,
    ) -> Result<(), StorageError> {
        let dialect = self.catalogue.dialect();
        let mut by = self.operand(operand)?;
        if self.is_caseless(operand) {
            by = dialect.folded(by);
        }
        dialect.sort(statement, by, order);
        Ok(())
    }

    /// Whether users log in with what is in the column.
    fn is_identity(&self, column: &Column) -> bool {
        column.identity && self.table.name == USERS
    }

    /// The cell of a column of the catalogue.
    pub(crate) fn cell(&self, column: &Column) -> Expr {
        if self.is_identity(column) {
            return identity::compared(self.catalogue, self.alias.clone(), &column.name);
        }
        Expr::col((self.alias.clone(), column.name.clone().into_iden()))
    }
}

/// What is written so far, if it is anything.
fn as_one(written: &mut String) -> Option<Expr> {
    (!written.is_empty()).then(|| Expr::cust(mem::take(written)))
}

/// A value to compare a column with. A number may be compared with every number.
fn like_column(table: &str, column: &Column, value: &Value) -> Result<Sql, StorageError> {
    match (column.column_type, value) {
        (ColumnType::Int | ColumnType::DateTime, Value::Double(_)) => Ok(by_itself(value)),
        _ => typed::bind(table, column, value),
    }
}

/// A value that is compared with no column.
fn by_itself(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::String(None),
        Value::Boolean(boolean) => Sql::from(*boolean),
        Value::Integer(integer) => Sql::from(*integer),
        // What is not a number is null in SQLite; so it is everywhere.
        Value::Double(double) if double.is_nan() => Sql::Double(None),
        Value::Double(double) => Sql::from(*double),
        Value::Text(text) => Sql::from(text.as_str()),
        Value::Json(json) => Sql::from(json.clone()),
    }
}
