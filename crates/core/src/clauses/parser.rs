//! From words to syntax: conditions. What has a value is read in `terms`.

use vestibule_storage::Comparison;

use super::{
    bounds::{COMPARISONS, DEPTH, OPERATIONS, VALUES},
    fault::Fault,
    lexer::{Placed, Token, tokens},
    syntax::{Clause, Literal, Term, TermKind, Test, TestKind},
};

/// Reads one text from its first word to its last.
pub(super) struct Parser<'a> {
    tokens: Vec<Placed<'a>>,
    next: usize,
    end: usize,
    depth: usize,
    comparisons: usize,
    operations: usize,
    values: usize,
}

/// A parenthesis may hold either; what stands behind it decides. Boxed, for small frames: the
/// deepest nesting that is allowed must fit on the stack of a worker thread many times.
pub(super) enum Parsed {
    Clause(Box<Clause>, usize),
    Term(Box<Term>),
}

impl Parsed {
    /// It, where a value must stand.
    pub(super) fn term(self) -> Result<Box<Term>, Fault> {
        match self {
            Self::Term(term) => Ok(term),
            Self::Clause(_, at) => Err(Fault::at(at, "expected a value, but there is a condition")),
        }
    }

    /// It, where a condition must stand: a value must be yes.
    fn clause(self) -> Clause {
        match self {
            Self::Clause(clause, _) => *clause,
            Self::Term(term) => Clause::Test(Box::new(Test {
                at: term.at,
                negated: false,
                kind: TestKind::IsTrue(term),
            })),
        }
    }
}

/// Reads a clause; none if the text is blank.
///
/// # Errors
/// The first mistake.
pub(super) fn parse_clause(text: &str) -> Result<Option<Clause>, Fault> {
    let mut parser = Parser::new(text)?;
    if parser.is_at_end() {
        return Ok(None);
    }
    let clause = parser.any()?.clause();
    parser.expect_end("'and', 'or' or the end")?;
    Ok(Some(clause))
}

/// Reads a calculation.
///
/// # Errors
/// The first mistake.
pub(super) fn parse_term(text: &str) -> Result<Box<Term>, Fault> {
    let mut parser = Parser::new(text)?;
    let term = parser.sum()?.term()?;
    parser.expect_end("an operator or the end")?;
    Ok(term)
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, Fault> {
        let (tokens, end) = tokens(text)?;
        Ok(Self {
            tokens,
            next: 0,
            end,
            depth: 0,
            comparisons: 0,
            operations: 0,
            values: 0,
        })
    }

    /// Conditions with `or` between them.
    pub(super) fn any(&mut self) -> Result<Parsed, Fault> {
        self.chain("or", Self::all, Clause::Any)
    }

    fn all(&mut self) -> Result<Parsed, Fault> {
        self.chain("and", Self::maybe_not, Clause::All)
    }

    fn chain(
        &mut self,
        word: &str,
        link: fn(&mut Self) -> Result<Parsed, Fault>,
        make: fn(Vec<Clause>) -> Clause,
    ) -> Result<Parsed, Fault> {
        let at = self.at();
        let first = link(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut clauses = vec![first.clause()];
        while self.take_word(word) {
            clauses.push(link(self)?.clause());
        }
        Ok(Parsed::Clause(Box::new(make(clauses)), at))
    }

    fn maybe_not(&mut self) -> Result<Parsed, Fault> {
        let at = self.at();
        if !self.take_word("not") {
            return self.test();
        }
        let clause = self.nested(Self::maybe_not)?.clause();
        Ok(negation(clause, at))
    }

    /// A value, and what is said of it, if anything.
    fn test(&mut self) -> Result<Parsed, Fault> {
        let left = self.sum()?;
        // A parenthesis has counted its own.
        self.comparisons += usize::from(matches!(left, Parsed::Term(_)));
        if self.comparisons > COMPARISONS {
            let why = format!("there are more than {COMPARISONS} comparisons");
            return Err(Fault::at(self.at(), why));
        }
        let at = self.at();
        if let Some(comparison) = self.comparison() {
            let (left, right) = (left.term()?, self.value()?);
            return Ok(compared(left, comparison, right, at));
        }
        if let Some(comparison) = self.date_comparison()? {
            let (left, right) = (left.term()?, self.value()?);
            let kind = TestKind::CompareDates(left, comparison, right);
            return Ok(said(kind, false, at));
        }
        if self.take_word("is") {
            let negated = self.take_word("not");
            if !self.take_word("null") {
                return Err(self.unexpected("'null' or 'not null'"));
            }
            return Ok(said(TestKind::IsNull(left.term()?), negated, at));
        }
        let negated = self.take_word("not");
        if self.take_word("like") {
            let (left, pattern) = (left.term()?, self.value()?);
            return Ok(said(TestKind::Like(left, pattern), negated, at));
        }
        if self.take_word("in") {
            let (left, list) = (left.term()?, self.list()?);
            return Ok(said(TestKind::In(left, list), negated, at));
        }
        if self.take_word("between") {
            let (left, least, greatest) = (left.term()?, self.value()?, self.greatest()?);
            return Ok(said(TestKind::Between(left, least, greatest), negated, at));
        }
        if negated {
            return Err(self.unexpected("'like', 'in' or 'between'"));
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Box<Term>, Fault> {
        self.sum()?.term()
    }

    fn greatest(&mut self) -> Result<Box<Term>, Fault> {
        if !self.take_word("and") {
            return Err(self.unexpected("'and' and the greatest value"));
        }
        self.value()
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Some(Token::Symbol(symbol)) = self.peek() else {
            return None;
        };
        let comparison = match *symbol {
            "=" | "==" => Comparison::Equal,
            "!=" | "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.next += 1;
        Some(comparison)
    }

    fn date_comparison(&mut self) -> Result<Option<Comparison>, Fault> {
        if self.take_word("after") {
            return Ok(Some(Comparison::Greater));
        }
        if self.take_word("before") {
            return Ok(Some(Comparison::Less));
        }
        if !self.take_word("at") {
            return Ok(None);
        }
        let or = self.take_word("or");
        if or && self.take_word("after") {
            return Ok(Some(Comparison::GreaterOrEqual));
        }
        if or && self.take_word("before") {
            return Ok(Some(Comparison::LessOrEqual));
        }
        Err(self.unexpected("'at or after' or 'at or before'"))
    }

    /// Literal values in parentheses; there may be none.
    fn list(&mut self) -> Result<Vec<Term>, Fault> {
        self.expect("(", "'(' and a list of values")?;
        let mut values = Vec::new();
        if self.take(")") {
            return Ok(values);
        }
        loop {
            let term = self.signed()?.term()?;
            if !matches!(&term.kind, TermKind::Literal(_)) {
                return Err(Fault::at(term.at, "a list holds texts and numbers only"));
            }
            values.push(*term);
            if self.take(")") {
                return Ok(values);
            }
            self.expect(",", "',' or ')'")?;
        }
    }

    /// Goes one level deeper, if that is not too deep.
    pub(super) fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            let why = format!("it is nested more than {DEPTH} levels deep");
            return Err(Fault::at(self.at(), why));
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// One more calculation or call.
    pub(super) fn count_operation(&mut self) -> Result<(), Fault> {
        self.operations += 1;
        if self.operations > OPERATIONS {
            let why = format!("there are more than {OPERATIONS} calculations and functions");
            return Err(Fault::at(self.at(), why));
        }
        Ok(())
    }

    /// One more value.
    pub(super) fn count_value(&mut self) -> Result<(), Fault> {
        self.values += 1;
        if self.values > VALUES {
            let why = format!("there are more than {VALUES} values");
            return Err(Fault::at(self.at(), why));
        }
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, by: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.next + by).map(|placed| &placed.token)
    }

    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    /// The place of the next word.
    pub(super) fn at(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.end, |placed| placed.at)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.next == self.tokens.len()
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let taken = self.is_word(word);
        self.next += usize::from(taken);
        taken
    }

    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let taken = matches!(self.peek(), Some(Token::Symbol(next)) if *next == symbol);
        self.next += usize::from(taken);
        taken
    }

    pub(super) fn expect(&mut self, symbol: &str, expected: &str) -> Result<(), Fault> {
        if self.take(symbol) {
            return Ok(());
        }
        Err(self.unexpected(expected))
    }

    pub(super) fn expect_end(&self, expected: &str) -> Result<(), Fault> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(self.unexpected(expected))
    }

    /// The mistake that something else stands here.
    pub(super) fn unexpected(&self, expected: &str) -> Fault {
        let why = match self.peek() {
            Some(token) => format!("expected {expected}, but there is {}", token.shown()),
            None => format!("expected {expected}, but the text ends"),
        };
        Fault::at(self.at(), why)
    }
}

fn said(kind: TestKind, negated: bool, at: usize) -> Parsed {
    let test = Box::new(Test { kind, negated, at });
    Parsed::Clause(Box::new(Clause::Test(test)), at)
}

fn negation(clause: Clause, at: usize) -> Parsed {
    Parsed::Clause(Box::new(Clause::Not(Box::new(clause))), at)
}

/// A comparison; `= null` and `!= null` mean `is null` and `is not null`.
fn compared(left: Box<Term>, comparison: Comparison, right: Box<Term>, at: usize) -> Parsed {
    let is_null = |term: &Term| matches!(&term.kind, TermKind::Literal(Literal::Null));
    let negated = comparison == Comparison::NotEqual;
    if negated || comparison == Comparison::Equal {
        if is_null(&right) {
            return said(TestKind::IsNull(left), negated, at);
        }
        if is_null(&left) {
            return said(TestKind::IsNull(right), negated, at);
        }
    }
    said(TestKind::Compare(left, comparison, right), false, at)
}
