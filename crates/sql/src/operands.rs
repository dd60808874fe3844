//! From the operands of a clause to expressions.

use sea_query::{Asterisk, Expr, ExprTrait, Func, IntoIden, Value as Sql};
use vestibule_model::{Column, ColumnType, USERS, Value};
use vestibule_storage::{Aggregate, Calculation, Operand, StorageError};

use crate::{conditions::Scope, dialect, identity, typed};

impl<'c> Scope<'c> {
    /// The value of an operand for a row of the table at hand.
    pub(crate) fn operand(&self, operand: &Operand) -> Result<Expr, StorageError> {
        match operand {
            Operand::Column(name) => Ok(self.cell(self.column(name)?)),
            Operand::Value(value) => Ok(Expr::val(by_itself(value))),
            Operand::Calculation(left, calculation, right) => {
                let left = self.operand(left)?;
                let right = self.operand(right)?;
                Ok(match calculation {
                    Calculation::Add => left.add(right),
                    Calculation::Subtract => left.sub(right),
                    Calculation::Multiply => left.mul(right),
                    Calculation::Divide => dialect::divide(left, right),
                })
            }
            Operand::Function(function, arguments) => {
                let arguments = arguments.iter().map(|argument| self.operand(argument));
                let arguments = arguments.collect::<Result<_, _>>()?;
                Ok(dialect::function(*function, arguments))
            }
            Operand::Aggregate(aggregate, argument) => {
                let argument = match argument {
                    Some(argument) => self.operand(argument)?,
                    None => Expr::col(Asterisk),
                };
                Ok(match aggregate {
                    Aggregate::Count => Func::count(argument).into(),
                    Aggregate::Sum => Func::sum(argument).into(),
                    Aggregate::Average => Func::avg(argument).into(),
                    Aggregate::Minimum => Func::min(argument).into(),
                    Aggregate::Maximum => Func::max(argument).into(),
                })
            }
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

    /// The cell of a column of the catalogue.
    pub(crate) fn cell(&self, column: &Column) -> Expr {
        if column.identity && self.table.name == USERS {
            return identity::compared(self.alias.clone(), &column.name);
        }
        Expr::col((self.alias.clone(), column.name.clone().into_iden()))
    }
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
