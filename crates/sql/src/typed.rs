//! Values of columns whose type only the catalogue knows.

use sea_query::Value as Sql;
use vestibule_model::{Column, ColumnType, Value};
use vestibule_storage::StorageError;

use crate::decode::Cells;

/// The value to bind for `column`.
pub(crate) fn bind(table: &str, column: &Column, value: &Value) -> Result<Sql, StorageError> {
    let bound = match (column.column_type, value) {
        (column_type, Value::Null) => null(column_type),
        (ColumnType::String | ColumnType::Text | ColumnType::StringId, Value::Text(text)) => {
            Sql::from(text.as_str())
        }
        (ColumnType::Int | ColumnType::DateTime, Value::Integer(integer)) => Sql::from(*integer),
        // What is not a number is null in SQLite; so it is everywhere, and what is infinite as
        // well: JSON can write neither.
        (ColumnType::Double, Value::Double(double)) if !double.is_finite() => {
            null(ColumnType::Double)
        }
        (ColumnType::Double, Value::Double(double)) => Sql::from(*double),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a double is what the column holds, and JSON makes no difference"
        )]
        (ColumnType::Double, Value::Integer(integer)) => Sql::from(*integer as f64),
        (ColumnType::Boolean, Value::Boolean(boolean)) => Sql::from(*boolean),
        (ColumnType::Json, value) => Sql::from(value.to_json()),
        (column_type, _) => {
            return Err(StorageError::WrongType {
                table: table.to_owned(),
                column: column.name.clone(),
                column_type,
            });
        }
    };
    Ok(bound)
}

/// A null that a database with strict types takes for one of this type.
fn null(column_type: ColumnType) -> Sql {
    match column_type {
        ColumnType::String | ColumnType::Text | ColumnType::StringId => Sql::String(None),
        ColumnType::Int | ColumnType::DateTime => Sql::BigInt(None),
        ColumnType::Double => Sql::Double(None),
        ColumnType::Boolean => Sql::Bool(None),
        ColumnType::Json => Sql::Json(None),
    }
}

/// The value of the next cell, which holds a `column`.
pub(crate) fn read(cells: &mut Cells<'_>, column: &Column) -> Result<Value, StorageError> {
    read_as(cells, &column.name, column.column_type)
}

/// The value of the next cell, which is called `name`.
pub(crate) fn read_as(
    cells: &mut Cells<'_>,
    name: &str,
    column_type: ColumnType,
) -> Result<Value, StorageError> {
    let value = match column_type {
        ColumnType::String | ColumnType::Text | ColumnType::StringId => {
            Value::from(cells.maybe_text(name)?)
        }
        ColumnType::Int | ColumnType::DateTime => {
            Value::from(cells.cell(name, |row, at| row.integer(at))?)
        }
        ColumnType::Double => Value::from(cells.cell(name, |row, at| row.double(at))?),
        ColumnType::Boolean => Value::from(cells.cell(name, |row, at| row.boolean(at))?),
        ColumnType::Json => {
            let json = cells.cell(name, |row, at| row.json(at))?;
            json.map_or(Value::Null, Value::from_json)
        }
    };
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(column_type: ColumnType) -> Column {
        Column::new("c", column_type)
    }

    #[track_caller]
    fn binds(column_type: ColumnType, value: impl Into<Value>, expected: impl Into<Sql>) {
        let bound = bind("T", &column(column_type), &value.into()).unwrap();
        assert_eq!(expected.into(), bound);
    }

    #[track_caller]
    fn refuses(column_type: ColumnType, value: impl Into<Value>) {
        let refused = bind("T", &column(column_type), &value.into());
        assert!(
            matches!(refused, Err(StorageError::WrongType { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn values_of_the_right_type_are_bound_as_they_are() {
        binds(ColumnType::String, "ü", "ü");
        binds(ColumnType::Int, 7, 7_i64);
        binds(ColumnType::DateTime, 7, 7_i64);
        binds(ColumnType::Double, 1.5, 1.5);
        binds(ColumnType::Double, 2, 2.0);
        binds(ColumnType::Boolean, true, true);
        binds(ColumnType::Json, "a", json!("a"));
        binds(ColumnType::Json, Value::Json(json!([1])), json!([1]));
    }

    #[test]
    fn values_of_a_wrong_type_are_refused() {
        refuses(ColumnType::String, 7);
        refuses(ColumnType::Text, true);
        refuses(ColumnType::Int, "7");
        refuses(ColumnType::Int, 7.0);
        refuses(ColumnType::DateTime, "today");
        refuses(ColumnType::Double, "1.5");
        refuses(ColumnType::Boolean, 1);
    }

    #[test]
    fn null_fits_everywhere_and_so_does_what_is_not_a_number() {
        for column_type in ColumnType::ALL {
            binds(column_type, Value::Null, null(column_type));
        }
        binds(ColumnType::Double, f64::NAN, Sql::Double(None));
        binds(ColumnType::Double, f64::INFINITY, Sql::Double(None));
    }
}
