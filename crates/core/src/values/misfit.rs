use vestibule_model::{Column, ErrorCode};

use crate::Error;

/// Why a value does not fit its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It is of another type than the column's.
    WrongType,
    /// It is no date that can be read.
    InvalidDate,
    /// It has more characters than the column holds.
    TooLong {
        /// How many the column holds.
        most: u32,
    },
    /// It holds a NUL character, which not every database can store.
    Nul,
    /// The column's regular expression does not match it.
    Validator,
}

impl Misfit {
    /// What the caller who saves a record hears (wire contract, section 3.3; the texts of 1007 and
    /// 8003 are exact).
    pub(crate) fn of_record(self, column: &Column) -> Error {
        let name = &column.name;
        match self {
            Self::WrongType => Error::new(
                ErrorCode::InvalidDataType,
                format!(
                    "Unable to save object - invalid data type for properties - {name}. You can \
                     change the property type in developer console."
                ),
            ),
            _ => self.of_any(column),
        }
    }

    /// What the caller who registers or changes a user hears.
    pub(crate) fn of_user(self, column: &Column) -> Error {
        let name = &column.name;
        match self {
            Self::WrongType => {
                let column_type = column.column_type.as_str();
                let message = format!("the property '{name}' must be of type {column_type}");
                Error::new(ErrorCode::InvalidPropertyType, message)
            }
            _ => self.of_any(column),
        }
    }

    fn of_any(self, column: &Column) -> Error {
        let name = &column.name;
        match self {
            Self::WrongType => self.of_record(column),
            Self::InvalidDate => {
                let message = format!("Invalid date format for property {name}");
                Error::new(ErrorCode::InvalidDate, message)
            }
            Self::TooLong { most } => {
                let message = format!("the property '{name}' has at most {most} characters");
                Error::new(ErrorCode::ValueTooLong, message)
            }
            Self::Nul => Error::invalid(format!("the property '{name}' holds a NUL character")),
            Self::Validator => Error::invalid(format!(
                "the property '{name}' does not match the regular expression of its column"
            )),
        }
    }
}
