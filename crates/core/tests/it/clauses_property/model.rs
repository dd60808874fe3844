//! The naive model: what a clause means, row by row and in memory.

use std::cmp::Ordering;

use jiff::Timestamp;
use vestibule_model::Value;

use super::{
    syntax::{Clause, Comparison, Step, Term, Test},
    world::{Row, Viewer, World, compare},
};

/// Some world, as somebody sees it.
#[derive(Clone, Copy)]
pub(crate) struct Model<'w> {
    pub(crate) world: &'w World,
    pub(crate) viewer: Viewer,
}

impl<'w> Model<'w> {
    /// Whether a clause is true of a row; nothing if that is unknown.
    pub(crate) fn truth(&self, table: &str, row: &Row, clause: &Clause) -> Option<bool> {
        match clause {
            Clause::All(clauses) => all(clauses.iter().map(|one| self.truth(table, row, one))),
            Clause::Any(clauses) => {
                let none = clauses.iter().map(|one| not(self.truth(table, row, one)));
                not(all(none))
            }
            Clause::Not(clause) => not(self.truth(table, row, clause)),
            Clause::Test(steps, test) => self.reached(table, row, steps, test),
        }
    }

    fn reached(&self, table: &str, row: &Row, steps: &[Step], test: &Test) -> Option<bool> {
        let Some((step, rest)) = steps.split_first() else {
            return self.test(table, row, test);
        };
        let (table, records) = self.step(table, row, step);
        let is_so = |row: &&Row| self.reached(table, row, rest, test) == Some(true);
        Some(records.iter().any(is_so))
    }

    /// The visible records that a step leads to.
    fn step(&self, table: &str, row: &Row, step: &Step) -> (&'static str, Vec<&'w Row>) {
        let id = row.id();
        let (to, ids): (_, Vec<&str>) = match step {
            Step::Relation(relation) => {
                let links = self.world.links.iter();
                let own = links.filter(|link| (link.0, link.1, &*link.2) == (table, relation, id));
                let shape = super::world::shape(table);
                let to = shape.relations.iter().find(|(name, _)| name == relation);
                (to.unwrap().1, own.map(|link| &*link.3).collect())
            }
            Step::Inverted(by, relation) => {
                let links = self.world.links.iter();
                let own = links.filter(|link| (link.0, link.1, &*link.3) == (by, relation, id));
                (*by, own.map(|link| &*link.2).collect())
            }
        };
        let rows = self.world.visible(self.viewer, to);
        (to, rows.filter(|row| ids.contains(&row.id())).collect())
    }

    fn test(&self, table: &str, row: &Row, test: &Test) -> Option<bool> {
        let value = |term: &Term| value(term, row);
        let (truth, negated) = match test {
            Test::Compare(left, comparison, right) => {
                (compared(&value(left), *comparison, &value(right)), false)
            }
            Test::Like {
                text,
                pattern,
                negated,
            } => {
                let truth = match (value(text), value(pattern)) {
                    (Value::Text(text), Value::Text(pattern)) => Some(is_like(&text, &pattern)),
                    _ => None,
                };
                (truth, *negated)
            }
            Test::In {
                values, negated, ..
            } if values.is_empty() => (Some(false), *negated),
            Test::In {
                term,
                values,
                negated,
            } => {
                let term = value(term);
                let differs = |one| not(compared(&term, Comparison::Equal, &value(one)));
                (not(all(values.iter().map(differs))), *negated)
            }
            Test::Between {
                term,
                least,
                greatest,
                negated,
            } => {
                let term = value(term);
                let least = compared(&term, Comparison::GreaterOrEqual, &value(least));
                let greatest = compared(&term, Comparison::LessOrEqual, &value(greatest));
                (all([least, greatest].into_iter()), *negated)
            }
            Test::IsNull { term, negated } => (Some(value(term).is_null()), *negated),
            Test::IsTrue(term) => (value(term).as_boolean(), false),
            Test::Alone { relation, negated } => {
                let (_, records) = self.step(table, row, &Step::Relation(relation));
                (Some(records.is_empty()), *negated)
            }
        };
        if negated { not(truth) } else { truth }
    }
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

/// False if one is false, else unknown if one is unknown.
fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    let known = truths.iter().all(Option::is_some);
    if truths.contains(&Some(false)) {
        return Some(false);
    }
    known.then_some(true)
}

pub(crate) fn compared(left: &Value, comparison: Comparison, right: &Value) -> Option<bool> {
    let order = compare(left, right)?;
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

fn is_like(text: &str, pattern: &str) -> bool {
    let (mut rest, mut pieces) = (text.chars(), pattern.chars());
    match pieces.next() {
        None => text.is_empty(),
        Some('%') => {
            let skipped = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            skipped
                .into_iter()
                .any(|at| is_like(&text[at..], pieces.as_str()))
        }
        Some(piece) => rest.next().is_some_and(|first| {
            (piece == '_' || piece.eq_ignore_ascii_case(&first))
                && is_like(rest.as_str(), pieces.as_str())
        }),
    }
}

/// What a term is for one row.
pub(crate) fn value(term: &Term, row: &Row) -> Value {
    match term {
        Term::Column(name) => row.get(name),
        Term::Literal(value, _) => value.clone(),
        Term::Calculation(left, operator, right) => {
            calculated(&value(left, row), *operator, &value(right, row))
        }
        Term::Negative(inner) => calculated(&Value::from(0), '-', &value(inner, row)),
        Term::Call(name, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|term| value(term, row)).collect();
            if arguments.iter().any(Value::is_null) {
                return Value::Null;
            }
            called(name, &arguments)
        }
        Term::Aggregate(..) => unreachable!("a row is no group"),
    }
}

pub(crate) fn double(value: &Value) -> f64 {
    match value {
        Value::Integer(whole) => *whole as f64,
        Value::Double(double) => *double,
        other => panic!("{other:?} is no number"),
    }
}

fn calculated(left: &Value, operator: char, right: &Value) -> Value {
    if left.is_null() || right.is_null() {
        return Value::Null;
    }
    if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
        // What is beyond 64 bits goes on with a fraction.
        let whole = match operator {
            '+' => left.checked_add(*right),
            '-' => left.checked_sub(*right),
            '*' => left.checked_mul(*right),
            _ => None,
        };
        if let Some(whole) = whole {
            return Value::from(whole);
        }
    }
    let (left, right) = (double(left), double(right));
    match operator {
        '+' => Value::from(left + right),
        '-' => Value::from(left - right),
        '*' => Value::from(left * right),
        _ if right == 0.0 => Value::Null,
        _ => Value::from(left / right),
    }
}

fn called(name: &str, arguments: &[Value]) -> Value {
    let text = |at: usize| arguments[at].as_text().unwrap();
    let whole = |at: usize| usize::try_from(arguments[at].as_integer().unwrap()).unwrap();
    let moment = |format: &str| {
        let millis = arguments[0].as_integer().unwrap();
        Timestamp::from_millisecond(millis)
            .unwrap()
            .strftime(format)
            .to_string()
    };
    let part = |format: &str| Value::from(moment(format).parse::<i64>().unwrap());
    match name {
        "lower" => Value::from(text(0).to_ascii_lowercase()),
        "upper" => Value::from(text(0).to_ascii_uppercase()),
        "trim" => Value::from(text(0).trim_matches(' ')),
        "length" => Value::from(text(0).chars().count() as i64),
        "concat" => Value::from(
            arguments
                .iter()
                .filter_map(Value::as_text)
                .collect::<String>(),
        ),
        "substring" => {
            let most = if arguments.len() > 2 {
                whole(2)
            } else {
                usize::MAX
            };
            Value::from(
                text(0)
                    .chars()
                    .skip(whole(1) - 1)
                    .take(most)
                    .collect::<String>(),
            )
        }
        "abs" => match &arguments[0] {
            Value::Integer(whole) => Value::from(whole.abs()),
            other => Value::from(double(other).abs()),
        },
        "round" => Value::from(double(&arguments[0]).round()),
        "date" => Value::from(moment("%Y-%m-%d")),
        "time" => Value::from(moment("%H:%M:%S")),
        "year" => part("%Y"),
        "month" => part("%m"),
        "day" => part("%d"),
        "hour" => part("%H"),
        "minute" => part("%M"),
        "second" => part("%S"),
        other => panic!("the model has no function {other}"),
    }
}
