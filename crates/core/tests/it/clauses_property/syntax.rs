//! Clauses as trees, and how a client may write them.

use vestibule_model::Value;

use super::world::Dice;

/// What is true or false of a row.
#[derive(Clone, Debug)]
pub(crate) enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    Not(Box<Clause>),
    /// Of any record at the end of these steps.
    Test(Vec<Step>, Test),
}

/// A step to other records.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// By a relation of the table at hand.
    Relation(&'static str),
    /// To a table whose relation leads here.
    Inverted(&'static str, &'static str),
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Compare(Term, Comparison, Term),
    Like {
        text: Term,
        pattern: Term,
        negated: bool,
    },
    In {
        term: Term,
        values: Vec<Term>,
        negated: bool,
    },
    Between {
        term: Term,
        least: Term,
        greatest: Term,
        negated: bool,
    },
    /// `is null`, or `= null`.
    IsNull {
        term: Term,
        negated: bool,
    },
    /// A column of yes or no alone.
    IsTrue(Term),
    /// A relation `is null`: there is no related record.
    Alone {
        relation: &'static str,
        negated: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug)]
pub(crate) enum Term {
    Column(&'static str),
    /// A value, and one way to write it.
    Literal(Value, String),
    /// `+`, `-`, `*` or `/`.
    Calculation(Box<Term>, char, Box<Term>),
    Negative(Box<Term>),
    Call(&'static str, Vec<Term>),
    /// Of a group: `count`, `sum`, `avg`, `min` or `max`; of nothing is of the rows.
    Aggregate(&'static str, Option<Box<Term>>),
}

impl Clause {
    /// The clause as a text; blanks, cases and needless parentheses are up to the dice.
    pub(crate) fn write(&self, dice: &Dice) -> String {
        self.at_level(dice, 0)
    }

    /// As a part of `or` (0), `and` (1), `not` (2).
    fn at_level(&self, dice: &Dice, level: u8) -> String {
        let (own, text) = match self {
            Self::Any(clauses) => (0, joined(dice, clauses, "or", 1)),
            Self::All(clauses) => (1, joined(dice, clauses, "and", 2)),
            Self::Not(clause) => {
                let inner = clause.at_level(dice, 2);
                (2, format!("{} {inner}", word(dice, "not")))
            }
            Self::Test(steps, test) => (3, test.write(dice, &path(steps))),
        };
        if own < level || dice.one_in(8) {
            return format!("({text})");
        }
        text
    }
}

fn joined(dice: &Dice, clauses: &[Clause], between: &str, level: u8) -> String {
    let texts: Vec<_> = clauses
        .iter()
        .map(|clause| clause.at_level(dice, level))
        .collect();
    texts.join(&format!(" {} ", word(dice, between)))
}

fn path(steps: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Relation(name) => format!("{name}."),
        Step::Inverted(table, relation) => format!("{table}[{relation}]."),
    };
    steps.iter().map(step).collect()
}

/// A keyword in any case.
fn word(dice: &Dice, word: &str) -> String {
    if dice.one_in(3) {
        word.to_uppercase()
    } else {
        word.to_owned()
    }
}

/// The words of `not like` and its kin.
fn words(dice: &Dice, negated: bool, then: &str) -> String {
    let not = if negated { "not " } else { "" };
    word(dice, &format!("{not}{then}"))
}

impl Test {
    fn write(&self, dice: &Dice, path: &str) -> String {
        let value = |term: &Term| term.at_level(dice, path, 1);
        match self {
            Self::Compare(left, comparison, right) => {
                let space = if dice.one_in(3) { "" } else { " " };
                let operator = comparison.write(dice);
                format!("{}{space}{operator}{space}{}", value(left), value(right))
            }
            Self::Like {
                text,
                pattern,
                negated,
            } => {
                format!(
                    "{} {} {}",
                    value(text),
                    words(dice, *negated, "like"),
                    value(pattern)
                )
            }
            Self::In {
                term,
                values,
                negated,
            } => {
                let values: Vec<_> = values.iter().map(value).collect();
                let values = values.join(",");
                format!("{} {} ({values})", value(term), words(dice, *negated, "in"))
            }
            Self::Between {
                term,
                least,
                greatest,
                negated,
            } => format!(
                "{} {} {} {} {}",
                value(term),
                words(dice, *negated, "between"),
                value(least),
                word(dice, "and"),
                value(greatest)
            ),
            Self::IsNull { term, negated } if dice.one_in(2) => {
                let operator = if *negated { "!=" } else { "=" };
                format!("{} {operator} {}", value(term), word(dice, "null"))
            }
            Self::IsNull { term, negated } => {
                format!("{} {}", value(term), is_null(dice, *negated))
            }
            Self::IsTrue(term) => value(term),
            Self::Alone { relation, negated } => {
                format!("{path}{relation} {}", is_null(dice, *negated))
            }
        }
    }
}

fn is_null(dice: &Dice, negated: bool) -> String {
    word(dice, if negated { "is not null" } else { "is null" })
}

impl Comparison {
    pub(crate) const ALL: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
    ];

    fn write(self, dice: &Dice) -> &'static str {
        match self {
            Self::Equal => dice.pick(&["=", "=", "=="]),
            Self::NotEqual => dice.pick(&["!=", "<>"]),
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Term {
    /// The term as a text, in a list.
    pub(crate) fn write(&self, dice: &Dice) -> String {
        self.at_level(dice, "", 1)
    }

    /// As a part of `+` (1), `*` (2), a sign (3).
    fn at_level(&self, dice: &Dice, path: &str, level: u8) -> String {
        let (own, text) = match self {
            Self::Column(name) if path.is_empty() && dice.one_in(9) => (4, format!("`{name}`")),
            Self::Column(name) => (4, format!("{path}{name}")),
            Self::Literal(_, text) => (4, text.clone()),
            Self::Calculation(left, operator, right) => {
                let own = if matches!(operator, '+' | '-') { 1 } else { 2 };
                let left = left.at_level(dice, path, own);
                let right = right.at_level(dice, path, own + 1);
                // Two signs without a blank between them would be a comment.
                (own, format!("{left} {operator} {right}"))
            }
            Self::Negative(inner) => {
                let inner = inner.at_level(dice, path, 3);
                (3, format!("- {inner}"))
            }
            Self::Call(name, arguments) => {
                let arguments: Vec<_> = arguments
                    .iter()
                    .map(|term| term.at_level(dice, path, 1))
                    .collect();
                (4, format!("{}({})", word(dice, name), arguments.join(", ")))
            }
            Self::Aggregate(name, None) => (4, format!("{}(*)", word(dice, name))),
            Self::Aggregate(name, Some(inner)) => {
                let inner = inner.at_level(dice, path, 1);
                (4, format!("{}({inner})", word(dice, name)))
            }
        };
        if own < level {
            format!("({text})")
        } else {
            text
        }
    }
}
