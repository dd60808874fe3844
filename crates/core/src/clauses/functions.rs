//! The functions that clauses may call.

use vestibule_storage::{Aggregate, Function};

use super::bounds::ARGUMENTS;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callable {
    /// Something with the values of one row.
    Function(Function),
    /// Something with the rows of a group.
    Aggregate(Aggregate),
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Text,
    Number,
    Date,
}

/// One function, and how it is called.
struct Entry {
    name: &'static str,
    callable: Callable,
    /// What its arguments must be; an aggregate says what it wants elsewhere.
    wanted: &'static [Wanted],
    /// How many of these it needs.
    least: usize,
}

const fn function(
    name: &'static str,
    function: Function,
    wanted: &'static [Wanted],
    least: usize,
) -> Entry {
    Entry {
        name,
        callable: Callable::Function(function),
        wanted,
        least,
    }
}

const fn aggregate(name: &'static str, aggregate: Aggregate) -> Entry {
    Entry {
        name,
        callable: Callable::Aggregate(aggregate),
        wanted: &[],
        least: 1,
    }
}

const SUBSTRING: &[Wanted] = &[Wanted::Text, Wanted::Number, Wanted::Number];

const ENTRIES: [Entry; 22] = [
    function("lower", Function::Lower, &[Wanted::Text], 1),
    function("upper", Function::Upper, &[Wanted::Text], 1),
    function("length", Function::Length, &[Wanted::Text], 1),
    function("concat", Function::Concat, &[Wanted::Text; ARGUMENTS], 1),
    function("substring", Function::Substring, SUBSTRING, 2),
    function("trim", Function::Trim, &[Wanted::Text], 1),
    function("abs", Function::Abs, &[Wanted::Number], 1),
    function("round", Function::Round, &[Wanted::Number; 2], 1),
    function("date", Function::Date, &[Wanted::Date], 1),
    function("time", Function::Time, &[Wanted::Date], 1),
    function("year", Function::Year, &[Wanted::Date], 1),
    function("month", Function::Month, &[Wanted::Date], 1),
    function("day", Function::Day, &[Wanted::Date], 1),
    function("hour", Function::Hour, &[Wanted::Date], 1),
    function("minute", Function::Minute, &[Wanted::Date], 1),
    function("second", Function::Second, &[Wanted::Date], 1),
    aggregate("count", Aggregate::Count),
    aggregate("sum", Aggregate::Sum),
    aggregate("avg", Aggregate::Average),
    aggregate("average", Aggregate::Average),
    aggregate("min", Aggregate::Minimum),
    aggregate("max", Aggregate::Maximum),
];

/// What a name calls, and with what arguments, of which the last ones may be missing: all behind
/// so many.
pub(super) fn callable(name: &str) -> Option<(Callable, &'static [Wanted], usize)> {
    ENTRIES
        .iter()
        .find(|entry| entry.name.eq_ignore_ascii_case(name))
        .map(|entry| (entry.callable, entry.wanted, entry.least))
}

/// Every name, for somebody who has called another.
pub(super) fn names() -> String {
    ENTRIES.map(|entry| entry.name).join(", ")
}

/// What an answer calls the value of a call that has no alias (wire contract, section 9.3):
/// `TIME(created)` is `Time`, `Count(objectId)` is `count`.
pub(super) fn default_name(name: &str) -> String {
    let mut lower = name.to_ascii_lowercase();
    if let (Some((Callable::Function(_), ..)), Some(first)) = (callable(name), lower.get_mut(..1)) {
        first.make_ascii_uppercase();
    }
    lower
}
