//! Guards: what keeps a test that can fail away from the rows that its caller may not see.
//!
//! A database tests in the order that it likes. Where a test fails, as a calculation beyond 64 bits
//! does, the error would tell what is in a row that is left out of the answer in the end.

use sea_query::{CaseStatement, Expr};
use vestibule_storage::{Condition, Operand, Rows, StorageError};

use crate::{
    conditions::{Scope, all_of},
    dialect,
    outputs::is_aggregate,
};

impl Scope<'_> {
    /// Whether there are rows here to keep a condition away from.
    pub(crate) fn guards(&self, condition: &Condition) -> bool {
        !self.is_guarded
            && *self.visibility.of(&self.table.name) != Rows::All
            && can_fail(condition)
    }

    /// All of the conditions, made of rows only that the caller may see. What may be seen is said once
    /// for all of them: it can be long, and takes its time for each row.
    pub(crate) fn guarded(&self, conditions: &[&Condition]) -> Result<Expr, StorageError> {
        let within = self.in_guard();
        let tests = conditions.iter().map(|test| within.condition(test));
        let test = all_of(tests.collect::<Result<_, _>>()?);
        let Some(seen) = self.at_hand().visible()? else {
            return Ok(test);
        };
        let guarded = CaseStatement::new().case(seen, test);
        Ok(guarded.finally(dialect::never()).into())
    }
}

/// Whether a database may fail at it, for what is in a row at hand, or take long enough to show. What
/// is said of rows of other tables is guarded there.
fn can_fail(condition: &Condition) -> bool {
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => conditions.iter().any(can_fail),
        Condition::Not(inner) => can_fail(inner),
        Condition::Compare(left, _, right) => computes(left) || computes(right),
        Condition::In(operand, _) | Condition::IsNull(operand) | Condition::IsTrue(operand) => {
            computes(operand)
        }
        Condition::Like(..) => true,
        Condition::Related { .. }
        | Condition::Referred { .. }
        | Condition::Permits { .. }
        | Condition::HasRole(_) => false,
    }
}

/// Whether more is done with a row than to look at it. What is done with groups comes after rows were
/// left out.
fn computes(operand: &Operand) -> bool {
    match operand {
        Operand::Column(_) | Operand::Value(_) | Operand::Aggregate(..) => false,
        Operand::Calculation(..) | Operand::Function(..) => !is_aggregate(operand),
    }
}
