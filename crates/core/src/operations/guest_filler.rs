//! What a guest has in the columns that a registration would have to fill in.

use serde_json::json;
use vestibule_model::{Column, ColumnType, ErrorCode, ObjectId, Properties, Table, Value};

use super::user_properties::is_empty;
use crate::{Error, context::Context};

/// Times a guest's values are drawn at most. A column of a single character has no more values than
/// this, so a free one is found if there is one.
pub(super) const DRAWS_AT_MOST: usize = 32;

/// Letters and digits that cannot be taken for each other when somebody reads them aloud. Their
/// number is a power of two, so that every text is as likely as any other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Random characters in a text: 130 bits, more than an id has.
const TEXT_LENGTH: u32 = 26;

/// Bits of a whole number: what JavaScript reads without rounding (ECMA-262, 21.1.2.8).
const NUMBER_BITS: u32 = 53;

/// Bits of a date in milliseconds: it lies between 1970 and 2039.
const DATE_BITS: u32 = 41;

/// Random values for the required columns of one guest.
///
/// Each is a number as long as an id, of which the column's type takes as many bits as it has room
/// for. A value that somebody else has gives way to the next one, a random odd step further: since
/// every type has a power of two of values, that way comes by all of them before it repeats itself.
#[derive(Debug, Default)]
pub(super) struct GuestFiller {
    drawn: Vec<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    column: String,
    number: u128,
    step: u128,
}

impl GuestFiller {
    /// Gives a value to every required column of the app's own that has none. Relations stay empty,
    /// and so does what makes a registered user.
    pub(super) fn fill(&mut self, properties: &mut Properties, users: &Table, ctx: &Context) {
        let required = users.columns.iter().filter(|column| {
            column.required
                && !column.system
                && !column.identity
                && properties.get(&column.name).is_none_or(is_empty)
        });
        let required: Vec<_> = required.collect();
        for column in required {
            let value = match column.column_type {
                // Such an id never clashes, and looks like those of records.
                ColumnType::StringId => {
                    let id = ObjectId::generate(ctx.now(), &*ctx.shared.engine.randomness);
                    Value::from(id.as_str())
                }
                _ => value(column, self.number(&column.name, ctx)),
            };
            properties.insert(column.name.clone(), value);
        }
    }

    /// Draws another value for this column at the next [`fill`](Self::fill), since somebody has the
    /// last one. Answers false if the value was not drawn here.
    pub(super) fn draw_again(&mut self, column: &str) -> bool {
        let drawn = self.drawn.iter_mut().find(|drawn| drawn.column == column);
        let Some(drawn) = drawn else {
            return false;
        };
        drawn.number = drawn.number.wrapping_add(drawn.step);
        true
    }

    fn number(&mut self, column: &str, ctx: &Context) -> u128 {
        if let Some(drawn) = self.drawn.iter().find(|drawn| drawn.column == column) {
            return drawn.number;
        }
        let random = || {
            let mut bytes = [0; 16];
            ctx.shared.engine.randomness.fill(&mut bytes);
            u128::from_le_bytes(bytes)
        };
        let drawn = Drawn {
            column: column.to_owned(),
            number: random(),
            step: random() | 1,
        };
        let number = drawn.number;
        self.drawn.push(drawn);
        number
    }
}

/// All values that were drawn for a column are taken.
pub(super) fn used_up(column: &str) -> Error {
    tracing::warn!(
        column,
        "a guest was turned away: no free value was found for a required and unique column of Users"
    );
    let message = format!(
        "no free value was found for the column '{column}', which every user must have and no two \
         may share; the operator can replace it by a larger one, or by one that is not required"
    );
    Error::new(ErrorCode::DuplicateEntry, message)
}

/// The value of a column that a random number stands for.
fn value(column: &Column, number: u128) -> Value {
    match column.column_type {
        ColumnType::String | ColumnType::Text | ColumnType::StringId => {
            Value::Text(text(number, column.size))
        }
        ColumnType::Int => Value::Integer(low_bits(number, NUMBER_BITS)),
        ColumnType::Double => Value::Double(fraction(number)),
        ColumnType::Boolean => Value::Boolean(number & 1 == 1),
        ColumnType::DateTime => Value::Integer(low_bits(number, DATE_BITS)),
        ColumnType::Json => Value::from_json(json!({ "random": text(number, None) })),
    }
}

/// A text of at most `size` characters; each of them takes five bits of the number.
fn text(number: u128, size: Option<u32>) -> String {
    let length = size.map_or(TEXT_LENGTH, |size| size.min(TEXT_LENGTH));
    (0..length)
        .map(|place| {
            let index = low_bits(number >> (5 * place), 5);
            usize::try_from(index)
                .ok()
                .and_then(|index| ALPHABET.get(index))
                .map_or('a', |letter| char::from(*letter))
        })
        .collect()
}

/// A number from 0 to 1, 1 excluded.
#[expect(
    clippy::cast_precision_loss,
    reason = "so many bits fit a double as they are"
)]
fn fraction(number: u128) -> f64 {
    low_bits(number, NUMBER_BITS) as f64 / (1_u64 << NUMBER_BITS) as f64
}

/// The last bits of a number, at most 63 of them.
fn low_bits(number: u128, bits: u32) -> i64 {
    i64::try_from(number & ((1 << bits) - 1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::values::convert;

    fn of_size(size: u32) -> Column {
        Column {
            size: Some(size),
            ..Column::new("code", ColumnType::String)
        }
    }

    #[test]
    fn every_type_has_a_value_that_its_column_takes() {
        for column_type in ColumnType::ALL {
            let column = Column::new("code", column_type);
            for number in [0, 1, u128::MAX, u128::MAX / 3] {
                let value = value(&column, number);
                assert_eq!(Ok(value.clone()), convert(&column, value.clone()));
                assert!(!is_empty(&value), "{value:?}");
            }
        }
        for size in [1, 2, 25, 26, 27, 500] {
            let value = value(&of_size(size), u128::MAX);
            let length = value.as_text().map(str::len);
            assert_eq!(Some(size.min(TEXT_LENGTH) as usize), length);
        }
    }

    #[test]
    fn an_odd_step_comes_by_every_value_of_a_small_column() {
        for step in [1_u128, 7, 0x1234_5679, u128::MAX] {
            let mut number = 987_654_321_u128;
            let mut seen = BTreeSet::new();
            for _ in 0..DRAWS_AT_MOST {
                seen.insert(text(number, Some(1)));
                number = number.wrapping_add(step);
            }
            assert_eq!(ALPHABET.len(), seen.len());
        }
    }
}
