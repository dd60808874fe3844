//! Random clauses that make sense.

use jiff::Timestamp;
use vestibule_model::{Value, quoted};

use super::{
    syntax::{Clause, Comparison, Step, Term, Test},
    world::{DATES, Dice, Kind, SHAPES, SYSTEM, Shape, TEXTS, shape},
};

/// A clause about the rows of a table.
pub(crate) fn clause(dice: &Dice, table: &str, depth: usize) -> Clause {
    let inner = |_| clause(dice, table, depth - 1);
    match if depth == 0 { 9 } else { dice.below(10) } {
        0 | 1 => Clause::All((0..2 + dice.below(2)).map(inner).collect()),
        2 | 3 => Clause::Any((0..2 + dice.below(2)).map(inner).collect()),
        4 | 5 => Clause::Not(Box::new(inner(0))),
        _ => {
            let (steps, end) = steps(dice, table);
            Clause::Test(steps, test(dice, end))
        }
    }
}

/// A walk over some relations, and the table where it ends.
fn steps(dice: &Dice, table: &str) -> (Vec<Step>, &'static Shape) {
    let mut at = shape(table);
    let mut steps = Vec::new();
    for _ in 0..dice.pick(&[0, 0, 0, 0, 0, 1, 1, 1, 2, 3]) {
        let outwards = at
            .relations
            .iter()
            .map(|(name, to)| (Step::Relation(name), *to));
        let inwards = SHAPES.iter().flat_map(|by| {
            let leads_here = |(_, to): &&(&str, &str)| *to == at.name;
            let step = |(name, _): &(&'static str, &str)| (Step::Inverted(by.name, name), by.name);
            by.relations.iter().filter(leads_here).map(step)
        });
        let choices: Vec<_> = outwards.chain(inwards).collect();
        let (step, to) = dice.pick(&choices);
        steps.push(step);
        at = shape(to);
    }
    (steps, at)
}

fn test(dice: &Dice, shape: &Shape) -> Test {
    let kind = dice.pick(&[
        Kind::Text,
        Kind::Text,
        Kind::Whole,
        Kind::Fraction,
        Kind::Date,
    ]);
    let kind = if columns(shape, kind).is_empty() {
        Kind::Text
    } else {
        kind
    };
    let term = |kind| term(dice, shape, kind, 2);
    let other = |kind| {
        if dice.one_in(4) {
            term(kind)
        } else {
            literal(dice, kind)
        }
    };
    let negated = dice.one_in(2);
    match dice.below(12) {
        0 | 1 => {
            let pattern = if dice.one_in(5) {
                term(Kind::Text)
            } else {
                pattern(dice)
            };
            Test::Like {
                text: term(Kind::Text),
                pattern,
                negated,
            }
        }
        2 | 3 => {
            let values = (0..dice.below(4)).map(|_| literal(dice, kind)).collect();
            Test::In {
                term: term(kind),
                values,
                negated,
            }
        }
        4 => Test::Between {
            term: term(kind),
            least: other(kind),
            greatest: other(kind),
            negated,
        },
        5 => {
            let columns: Vec<_> = shape.columns.iter().chain(&SYSTEM).collect();
            Test::IsNull {
                term: Term::Column(dice.pick(&columns).0),
                negated,
            }
        }
        6 if !shape.relations.is_empty() => Test::Alone {
            relation: dice.pick(shape.relations).0,
            negated,
        },
        6 | 7 if !columns(shape, Kind::Truth).is_empty() => {
            let column = Term::Column(dice.pick(&columns(shape, Kind::Truth)));
            match dice.one_in(2) {
                true => Test::IsTrue(column),
                false => {
                    let comparison = dice.pick(&Comparison::ALL);
                    Test::Compare(column, comparison, literal(dice, Kind::Truth))
                }
            }
        }
        8 if shape.name == "Thing" => {
            // Numbers that a double cannot hold.
            let column = Term::Column("order");
            Test::Compare(column, dice.pick(&Comparison::ALL), far(dice))
        }
        _ => {
            let (left, right) = (term(kind), other(kind));
            let comparison = dice.pick(&Comparison::ALL);
            match dice.one_in(4) {
                true => Test::Compare(right, comparison, left),
                false => Test::Compare(left, comparison, right),
            }
        }
    }
}

/// The columns of a kind; those of very large numbers are left out.
pub(crate) fn columns(shape: &Shape, kind: Kind) -> Vec<&'static str> {
    let all = shape.columns.iter().chain(&SYSTEM);
    all.filter(|column| column.1 == kind && column.0 != "order")
        .map(|column| column.0)
        .collect()
}

/// Something of a kind that is no mere literal.
pub(crate) fn term(dice: &Dice, shape: &Shape, kind: Kind, depth: usize) -> Term {
    let own = columns(shape, kind);
    let column = || Term::Column(dice.pick(&own));
    if depth == 0 || dice.one_in(2) {
        return if own.is_empty() {
            term(dice, shape, kind, 1)
        } else {
            column()
        };
    }
    let inner = |kind| term(dice, shape, kind, depth - 1);
    let boxed = |term: Term| Box::new(term);
    match kind {
        Kind::Text => match dice.below(7) {
            0 => Term::Call("lower", vec![inner(kind)]),
            1 => Term::Call("upper", vec![inner(kind)]),
            2 => Term::Call("trim", vec![inner(kind)]),
            3 => Term::Call(
                "concat",
                vec![inner(kind), literal(dice, kind), inner(kind)],
            ),
            4 => Term::Call(dice.pick(&["date", "time"]), vec![inner(Kind::Date)]),
            _ => {
                let number = |most| {
                    let number = dice.below(most) as i64;
                    Term::Literal(Value::from(number), number.to_string())
                };
                let mut arguments = vec![inner(kind), number(3)];
                arguments[1] = match number(3) {
                    Term::Literal(Value::Integer(at), _) => {
                        Term::Literal(Value::from(at + 1), (at + 1).to_string())
                    }
                    other => other,
                };
                if dice.one_in(2) {
                    arguments.push(number(4));
                }
                Term::Call("substring", arguments)
            }
        },
        Kind::Whole => match dice.below(7) {
            0 => Term::Call("abs", vec![inner(kind)]),
            1 => Term::Call("length", vec![inner(Kind::Text)]),
            2 => {
                let part = ["year", "month", "day", "hour", "minute", "second"];
                Term::Call(dice.pick(&part), vec![inner(Kind::Date)])
            }
            3 => Term::Negative(boxed(inner(kind))),
            4 => Term::Calculation(boxed(inner(Kind::Date)), '-', boxed(inner(Kind::Date))),
            _ => {
                let operator = dice.pick(&['+', '-', '*']);
                let other = if dice.one_in(2) {
                    inner(kind)
                } else {
                    literal(dice, kind)
                };
                Term::Calculation(boxed(inner(kind)), operator, boxed(other))
            }
        },
        Kind::Fraction => match dice.below(5) {
            0 => Term::Call("round", vec![inner(kind)]),
            1 => Term::Call("abs", vec![inner(kind)]),
            2 => {
                let whole = |dice: &Dice| literal(dice, Kind::Whole);
                let by = if dice.one_in(2) {
                    inner(Kind::Whole)
                } else {
                    whole(dice)
                };
                Term::Calculation(boxed(inner(Kind::Whole)), '/', boxed(by))
            }
            _ => {
                let operator = dice.pick(&['+', '-', '*', '/']);
                Term::Calculation(boxed(inner(kind)), operator, boxed(literal(dice, kind)))
            }
        },
        Kind::Date => {
            let operator = dice.pick(&['+', '-']);
            Term::Calculation(
                boxed(inner(kind)),
                operator,
                boxed(literal(dice, Kind::Whole)),
            )
        }
        Kind::Truth | Kind::Json => column(),
    }
}

/// A value of a kind, in one of the ways to write it.
fn literal(dice: &Dice, kind: Kind) -> Term {
    let written = |value: Value, ways: &[String]| Term::Literal(value, dice.pick(ways));
    match kind {
        Kind::Text if dice.one_in(8) => Term::Literal(Value::from("42"), "42".to_owned()),
        Kind::Text => {
            let text = dice.pick(&TEXTS);
            Term::Literal(Value::from(text), quoted(text))
        }
        Kind::Whole => {
            let number = dice.below(9) as i64 - 3;
            let plain = number.to_string();
            let ways = [plain.clone(), plain.clone(), plain.clone(), quoted(&plain)];
            written(Value::from(number), &ways)
        }
        Kind::Fraction => {
            let number = (dice.below(25) as f64 - 8.0) / 4.0;
            let ways = [
                format!("{number:.2}"),
                format!("{number:e}"),
                format!("'{number:.2}'"),
            ];
            written(Value::from(number), &ways)
        }
        Kind::Truth => {
            let (yes, number) = dice.pick(&[(true, "1"), (false, "0")]);
            let ways = [yes.to_string(), number.to_owned(), format!("'{yes}'")];
            written(Value::from(yes), &ways)
        }
        Kind::Date => {
            let millis = dice.pick(&DATES);
            let moment = Timestamp::from_millisecond(millis).unwrap();
            let mut ways = vec![
                millis.to_string(),
                format!("'{millis}'"),
                format!("'{moment}'"),
            ];
            if millis % 86_400_000 == 0 {
                for format in ["'%Y-%m-%d'", "'%m/%d/%Y'", "'%d-%b-%Y'", "'%d.%m.%Y 00:00'"] {
                    ways.push(moment.strftime(format).to_string());
                }
            }
            written(Value::from(millis), &ways)
        }
        Kind::Json => unreachable!("no clause compares JSON"),
    }
}

/// A number about as large as they can be.
fn far(dice: &Dice) -> Term {
    let wholes = [i64::MAX, i64::MAX - 1, i64::MIN, 1 << 53, (1 << 53) + 1];
    if dice.one_in(3) {
        let double = dice.pick(&[9_223_372_036_854_775_808.0, 9.3e18, -9.3e18, 0.5]);
        return Term::Literal(Value::from(double), format!("{double:e}"));
    }
    let whole = dice.pick(&wholes);
    Term::Literal(Value::from(whole), whole.to_string())
}

fn pattern(dice: &Dice) -> Term {
    let pieces = [
        "%", "%", "_", "a", "A", "B", "c", "ü", "日", "🦊", "'", "1", " ", "\\",
    ];
    let text: String = (0..dice.below(5)).map(|_| dice.pick(&pieces)).collect();
    Term::Literal(Value::from(text.as_str()), quoted(&text))
}
