//! What is asked of each row, and how it is read.

use vestibule_model::{Column, ColumnType, Properties, Value};
use vestibule_storage::{Operand, Output, StorageError};

use crate::{decode::Cells, typed};

/// The names and types of the values that a statement answers, in its order.
#[derive(Debug)]
pub(crate) struct Outputs(Vec<(String, ColumnType)>);

impl Outputs {
    pub(crate) fn of(outputs: &[Output]) -> Self {
        let described = outputs
            .iter()
            .map(|output| (output.name.clone(), output.column_type));
        Self(described.collect())
    }

    pub(crate) fn of_columns<'c>(columns: impl Iterator<Item = &'c Column>) -> Self {
        let described = columns.map(|column| (column.name.clone(), column.column_type));
        Self(described.collect())
    }

    /// The values of a row, from the next cell on.
    pub(crate) fn read(&self, cells: &mut Cells<'_>) -> Result<Properties, StorageError> {
        self.0
            .iter()
            .map(|(name, column_type)| Ok((name.clone(), read(cells, name, *column_type)?)))
            .collect()
    }
}

/// The next value. What is calculated may be whole where a fraction was expected, and the other way
/// round: a sum of fractions, a product beyond 64 bits, a moment and half a millisecond.
fn read(cells: &mut Cells<'_>, name: &str, column_type: ColumnType) -> Result<Value, StorageError> {
    match column_type {
        ColumnType::Int | ColumnType::DateTime => cells.cell(name, |row, at| {
            let whole = row.integer(at).map(Value::from);
            whole.or_else(|_| row.double(at).map(Value::from))
        }),
        #[expect(clippy::cast_precision_loss, reason = "a double is what was asked for")]
        ColumnType::Double => cells.cell(name, |row, at| {
            let fraction = row.double(at);
            let number = fraction.or_else(|_| Ok(row.integer(at)?.map(|whole| whole as f64)))?;
            Ok(Value::from(number))
        }),
        other => typed::read_as(cells, name, other),
    }
}

/// Whether it is a function of all rows of a group, or has one in it.
pub(crate) fn is_aggregate(operand: &Operand) -> bool {
    match operand {
        Operand::Column(_) | Operand::Value(_) => false,
        Operand::Calculation(left, _, right) => is_aggregate(left) || is_aggregate(right),
        Operand::Function(_, arguments) => arguments.iter().any(is_aggregate),
        Operand::Aggregate(..) => true,
    }
}
