//! What a clause says, before anybody asked whether its names exist.

use vestibule_storage::{Calculation, Comparison};

/// What is true or false of a row.
#[derive(Clone, Debug)]
pub(super) enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    Not(Box<Clause>),
    Test(Box<Test>),
}

/// One comparison.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) kind: TestKind,
    /// Whether there is a `not` within it (`not like`, `is not null`).
    pub(super) negated: bool,
    /// Where its operator stands.
    pub(super) at: usize,
}

#[derive(Clone, Debug)]
pub(super) enum TestKind {
    Compare(Box<Term>, Comparison, Box<Term>),
    /// `after`, `before`, `at or after`, `at or before`.
    CompareDates(Box<Term>, Comparison, Box<Term>),
    Like(Box<Term>, Box<Term>),
    In(Box<Term>, Vec<Term>),
    Between(Box<Term>, Box<Term>, Box<Term>),
    IsNull(Box<Term>),
    IsTrue(Box<Term>),
}

impl TestKind {
    /// The values that are compared; what stands in a list is literal.
    pub(super) fn terms(&self) -> Vec<&Term> {
        match self {
            Self::Compare(left, _, right)
            | Self::CompareDates(left, _, right)
            | Self::Like(left, right) => vec![left, right],
            Self::Between(term, least, greatest) => vec![term, least, greatest],
            Self::In(term, _) | Self::IsNull(term) | Self::IsTrue(term) => vec![term],
        }
    }
}

/// What has a value.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) kind: TermKind,
    /// Where it begins.
    pub(super) at: usize,
}

#[derive(Clone, Debug)]
pub(super) enum TermKind {
    Column(Path),
    Literal(Literal),
    Calculation(Box<Term>, Calculation, Box<Term>),
    /// With the other sign.
    Negated(Box<Term>),
    Call {
        function: String,
        arguments: Vec<Term>,
        /// Whether the argument is `*`.
        star: bool,
    },
}

impl Term {
    /// Every column that has a part in the value.
    pub(super) fn paths<'a>(&'a self, found: &mut Vec<&'a Path>) {
        match &self.kind {
            TermKind::Column(path) => found.push(path),
            TermKind::Literal(_) => {}
            TermKind::Calculation(left, _, right) => {
                left.paths(found);
                right.paths(found);
            }
            TermKind::Negated(term) => term.paths(found),
            TermKind::Call { arguments, .. } => {
                arguments.iter().for_each(|term| term.paths(found));
            }
        }
    }
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    /// With its sign.
    Number(String),
    Text(String),
}

/// A column, perhaps of a related record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) steps: Vec<Step>,
    pub(super) column: String,
}

/// A step to other records.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// To those that the record refers to.
    Relation(String),
    /// To those of a table that refer to the record.
    Inverted { table: String, relation: String },
}
