//! Lines of the same product become one.

use std::collections::BTreeMap;

use vestibule::prelude::*;

use crate::{PRODUCT, QUANTITY, QUANTITY_AT_MOST};

/// Adds the quantities of lines to those of other lines of the same product, and removes lines whose
/// quantity was added. What has no counterpart is left alone.
pub(crate) fn add_up(mut plan: MergePlan, from: &[Record], to: &[Record]) -> MergePlan {
    let mut sums: BTreeMap<&str, Sum<'_>> = BTreeMap::new();
    for line in to {
        if let (Some(product), Some(quantity)) = (product(line), quantity(line)) {
            sums.entry(product).or_insert(Sum {
                line,
                quantity,
                has_grown: false,
            });
        }
    }
    // A line that is in both is there already.
    let is_in_both = |line: &&Record| to.iter().any(|other| other.id() == line.id());
    for line in from.iter().filter(|line| !is_in_both(line)) {
        let sum = product(line).and_then(|product| sums.get_mut(product));
        let (Some(sum), Some(quantity)) = (sum, quantity(line)) else {
            continue;
        };
        sum.quantity = sum.quantity.saturating_add(quantity).min(QUANTITY_AT_MOST);
        sum.has_grown = true;
        plan = plan.while_unchanged(line).remove(line.table(), line.id());
    }
    for sum in sums.into_values().filter(|sum| sum.has_grown) {
        let (line, quantity) = (sum.line, sum.quantity);
        plan = plan.while_unchanged(line).update(
            line.table(),
            line.id(),
            record! { QUANTITY => quantity },
        );
    }
    plan
}

/// A line that others are added to.
struct Sum<'r> {
    line: &'r Record,
    quantity: i64,
    has_grown: bool,
}

fn product(line: &Record) -> Option<&str> {
    line.get(PRODUCT).as_text()
}

fn quantity(line: &Record) -> Option<i64> {
    line.get(QUANTITY).as_integer()
}
