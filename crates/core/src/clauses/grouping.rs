//! SQL's rule for groups: what is answered of a group must be the same in all of its rows.

use vestibule_storage::{Condition, Operand};

use super::{
    fault::{Purpose, shown},
    projection::ID,
};
use crate::Result;

/// Whether the value is about several rows.
pub(super) fn has_aggregate(operand: &Operand) -> bool {
    match operand {
        Operand::Aggregate(..) => true,
        Operand::Column(_) | Operand::Value(_) => false,
        Operand::Calculation(left, _, right) => has_aggregate(left) || has_aggregate(right),
        Operand::Function(_, arguments) => arguments.iter().any(has_aggregate),
    }
}

/// Refuses a value that the rows of one group may have different ones of.
///
/// # Errors
/// Names the column.
pub(super) fn check_grouped(operand: &Operand, keys: &[Operand], purpose: Purpose) -> Result<()> {
    // A group by the id is one row.
    let by_id = keys
        .iter()
        .any(|key| matches!(key, Operand::Column(name) if name == ID));
    if by_id || keys.contains(operand) {
        return Ok(());
    }
    match operand {
        Operand::Aggregate(..) | Operand::Value(_) => Ok(()),
        Operand::Column(name) => Err(purpose.error(format!(
            "column '{}' must be grouped by, or stand in a function such as min or count",
            shown(name)
        ))),
        Operand::Calculation(left, _, right) => {
            check_grouped(left, keys, purpose)?;
            check_grouped(right, keys, purpose)
        }
        Operand::Function(_, arguments) => arguments
            .iter()
            .try_for_each(|argument| check_grouped(argument, keys, purpose)),
    }
}

/// Refuses a having-clause that is about values which the rows of one group may have different ones
/// of.
///
/// # Errors
/// Names the column.
pub(super) fn check_having(condition: &Condition, keys: &[Operand]) -> Result<()> {
    let check = |operand: &Operand| check_grouped(operand, keys, Purpose::Having);
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => conditions
            .iter()
            .try_for_each(|condition| check_having(condition, keys)),
        Condition::Not(condition) => check_having(condition, keys),
        Condition::Compare(left, _, right) | Condition::Like(left, right) => {
            check(left)?;
            check(right)
        }
        Condition::In(operand, _) | Condition::IsNull(operand) | Condition::IsTrue(operand) => {
            check(operand)
        }
        Condition::Related { .. }
        | Condition::Referred { .. }
        | Condition::Permits { .. }
        | Condition::HasRole(_) => {
            Err(Purpose::Having.error("columns of related records cannot be used here".to_owned()))
        }
    }
}
