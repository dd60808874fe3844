use vestibule_model::{Column, ColumnType, Value};

use crate::{
    Error, Result,
    values::{self, Misfit},
};

/// Longest text that a STRING column may ask for, in characters: it can be indexed, and the index
/// of a database has no room for novels.
const SIZE_AT_MOST: u32 = 10_000;

/// What must fit together in a column, whoever asks for it: an operator when the server runs, or a
/// declaration when it is compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) column_type: ColumnType,
    pub(super) size: Option<u32>,
    pub(super) unique: bool,
    pub(super) indexed: bool,
    pub(super) has_default: bool,
    pub(super) has_validator: bool,
}

impl Shape {
    fn of(column: &Column) -> Self {
        Self {
            column_type: column.column_type,
            size: column.size,
            unique: column.unique,
            indexed: column.indexed,
            has_default: column.default.is_some(),
            has_validator: column.validator.is_some(),
        }
    }

    /// What does not fit together, and what to do about it.
    pub(super) const fn fault(self) -> Option<&'static str> {
        let is_string = matches!(self.column_type, ColumnType::String);
        let is_text = is_string || matches!(self.column_type, ColumnType::Text);
        let is_long = matches!(self.column_type, ColumnType::Text | ColumnType::Json);
        match self.size {
            Some(_) if !is_string => {
                return Some("only a STRING column has a size: leave it out");
            }
            Some(0) => return Some("the size is the greatest number of characters: 1 at least"),
            Some(size) if size > SIZE_AT_MOST => {
                return Some(
                    "a STRING column has a size of at most 10000: use TEXT for longer texts",
                );
            }
            _ => {}
        }
        if is_long && (self.unique || self.indexed) {
            return Some("a TEXT or JSON column can be neither unique nor indexed: use STRING");
        }
        if self.unique && self.has_default {
            return Some("a unique column has no default: the second row would repeat it");
        }
        if self.has_validator && !is_text {
            return Some("only a STRING or TEXT column has a validator: leave it out");
        }
        None
    }
}

/// Checks what somebody wants a column to be; answers it with its default as it is stored.
///
/// # Errors
/// 8008 for what does not fit together, for a validator that is no regular expression, and for a
/// default that the column could not hold.
pub(super) fn check(mut column: Column) -> Result<Column> {
    let name = &column.name;
    if let Some(fault) = Shape::of(&column).fault() {
        return Err(Error::invalid(format!("column '{name}': {fault}")));
    }
    if let Some(validator) = &column.validator {
        values::check_validator(validator)
            .map_err(|error| Error::invalid(format!("column '{name}': {}", error.message())))?;
    }
    column.default = match column.default.take() {
        None | Some(Value::Null) => None,
        Some(default) => Some(values::convert(&column, default).map_err(|misfit| {
            let name = &column.name;
            let reason = match misfit {
                Misfit::WrongType => format!("it is no {}", column.column_type.as_str()),
                other => other.of_record(&column).message().to_owned(),
            };
            Error::invalid(format!(
                "column '{name}' cannot have this default: {reason}"
            ))
        })?),
    };
    Ok(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, column: Column) {
        let error = check(column).unwrap_err();
        assert_eq!(8008, error.code().number());
        assert!(error.message().contains(text), "{error}");
    }

    #[test]
    fn what_does_not_fit_together_is_refused_with_advice() {
        let column = |column_type| Column::new("code", column_type);
        let (size, default) = (Some(7), Some(Value::from("x")));
        refused(
            "only a STRING",
            Column {
                size,
                ..column(ColumnType::Int)
            },
        );
        refused(
            "1 at least",
            Column {
                size: Some(0),
                ..column(ColumnType::String)
            },
        );
        refused(
            "use TEXT",
            Column {
                size: Some(10_001),
                ..column(ColumnType::String)
            },
        );
        refused(
            "use STRING",
            Column {
                unique: true,
                ..column(ColumnType::Text)
            },
        );
        refused(
            "use STRING",
            Column {
                indexed: true,
                ..column(ColumnType::Json)
            },
        );
        let validator = Some("^[A-Z]+$".to_owned());
        refused(
            "validator",
            Column {
                validator,
                ..column(ColumnType::Int)
            },
        );
        refused(
            "repeat",
            Column {
                unique: true,
                default,
                ..column(ColumnType::String)
            },
        );
    }

    #[test]
    fn a_default_and_a_validator_are_tried_before_they_are_stored() {
        let column = Column::new("code", ColumnType::String);
        let validator = Some("[".to_owned());
        refused(
            "'code'",
            Column {
                validator,
                ..column.clone()
            },
        );
        let default = Some(Value::from("x".repeat(501)));
        refused(
            "default",
            Column {
                default,
                ..column.clone()
            },
        );
        let validator = Some("^[A-Z]+$".to_owned());
        let default = Some(Value::from("small"));
        refused(
            "default",
            Column {
                validator,
                default,
                ..column.clone()
            },
        );
        let default = Some(Value::Null);
        assert_eq!(
            column,
            check(Column {
                default,
                ..column.clone()
            })
            .unwrap()
        );
    }
}
