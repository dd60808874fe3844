//! From words to syntax: what has a value.

use vestibule_storage::Calculation;

use super::{
    bounds::PATH,
    fault::Fault,
    lexer::Token,
    parser::{Parsed, Parser},
    syntax::{Literal, Path, Step, Term, TermKind},
};

/// Words that are no columns, unless they stand in backquotes.
const RESERVED: [&str; 3] = ["and", "or", "not"];

/// Words that may stand behind a value.
const BEHIND_A_VALUE: [&str; 13] = [
    "and", "or", "not", "is", "in", "like", "between", "after", "before", "at", "as", "asc", "desc",
];

/// Whether this, behind the word `select`, makes a subquery of it rather than a column of that name.
fn begins_a_list(token: &Token<'_>) -> bool {
    match token {
        Token::Word(word) => !BEHIND_A_VALUE
            .iter()
            .any(|behind| word.eq_ignore_ascii_case(behind)),
        Token::Symbol(symbol) => *symbol == "*",
        Token::Name(_) | Token::Number(_) | Token::Text(_) => true,
    }
}

impl Parser<'_> {
    /// Values with `+` and `-` between them.
    pub(super) fn sum(&mut self) -> Result<Parsed, Fault> {
        self.calculations(
            &[("+", Calculation::Add), ("-", Calculation::Subtract)],
            Self::product,
        )
    }

    fn product(&mut self) -> Result<Parsed, Fault> {
        self.calculations(
            &[("*", Calculation::Multiply), ("/", Calculation::Divide)],
            Self::signed,
        )
    }

    fn calculations(
        &mut self,
        operators: &[(&str, Calculation)],
        part: fn(&mut Self) -> Result<Parsed, Fault>,
    ) -> Result<Parsed, Fault> {
        let at = self.at();
        let mut left = part(self)?;
        loop {
            let operator = operators.iter().find(|(symbol, _)| self.take(symbol));
            let Some((_, calculation)) = operator else {
                return Ok(left);
            };
            self.count_operation()?;
            let right = part(self)?.term()?;
            left = term_at(TermKind::Calculation(left.term()?, *calculation, right), at);
        }
    }

    /// A value, perhaps with a sign.
    pub(super) fn signed(&mut self) -> Result<Parsed, Fault> {
        let at = self.at();
        if self.take("+") {
            return self.nested(Self::signed);
        }
        if !self.take("-") {
            return self.primary();
        }
        if let Some(Token::Number(number)) = self.peek() {
            let literal = Literal::Number(format!("-{number}"));
            self.advance();
            self.count_value()?;
            return Ok(literal_at(literal, at));
        }
        self.count_operation()?;
        let term = self.nested(Self::signed)?.term()?;
        Ok(term_at(TermKind::Negated(term), at))
    }

    fn primary(&mut self) -> Result<Parsed, Fault> {
        self.count_value()?;
        let at = self.at();
        if self.take("(") {
            let inner = self.nested(Self::any)?;
            self.expect(")", "')'")?;
            return Ok(inner);
        }
        match self.literal() {
            Some(literal) => Ok(literal_at(literal, at)),
            None => self.named(at),
        }
    }

    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.peek()? {
            Token::Number(number) => Literal::Number((*number).to_owned()),
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Word(word) if word.eq_ignore_ascii_case("null") => Literal::Null,
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            _ => return None,
        };
        self.advance();
        Some(literal)
    }

    /// A column, or a call of a function.
    fn named(&mut self, at: usize) -> Result<Parsed, Fault> {
        if let Some(Token::Word(word)) = self.peek() {
            let is = |other: &str| word.eq_ignore_ascii_case(other);
            let next = self.ahead(1);
            let opens = next == Some(&Token::Symbol("("));
            if (is("select") && next.is_some_and(begins_a_list)) || (is("exists") && opens) {
                return Err(Fault::at(at, "subqueries cannot be used here"));
            }
            if RESERVED.iter().any(|reserved| is(reserved)) {
                return Err(self.unexpected("a column or a value"));
            }
            if opens {
                let function = (*word).to_owned();
                return self.call(function, at);
            }
        } else if !matches!(self.peek(), Some(Token::Name(_))) {
            return Err(self.unexpected("a column or a value"));
        }
        let path = self.path()?;
        Ok(term_at(TermKind::Column(path), at))
    }

    fn call(&mut self, function: String, at: usize) -> Result<Parsed, Fault> {
        self.count_operation()?;
        self.advance();
        self.advance();
        let mut arguments = Vec::new();
        let star = self.take("*");
        if star {
            self.expect(")", "')'")?;
        } else if !self.take(")") {
            loop {
                arguments.push(*self.nested(Self::sum)?.term()?);
                if self.take(")") {
                    break;
                }
                self.expect(",", "an operator, ',' or ')'")?;
            }
        }
        let kind = TermKind::Call {
            function,
            arguments,
            star,
        };
        Ok(term_at(kind, at))
    }

    /// `column`, `relation.column`, `Table[relation].column`, and longer ones.
    pub(super) fn path(&mut self) -> Result<Path, Fault> {
        let at = self.at();
        let mut steps = Vec::new();
        loop {
            let name = self.name("the name of a column")?;
            if self.take("[") {
                let relation = self.name("the name of a relation")?;
                self.expect("]", "']'")?;
                self.expect(".", "'.' and the name of a column")?;
                steps.push(Step::Inverted {
                    table: name,
                    relation,
                });
            } else if self.take(".") {
                steps.push(Step::Relation(name));
            } else {
                return Ok(Path {
                    steps,
                    column: name,
                });
            }
            if steps.len() > PATH {
                let why = format!("a path leads over {PATH} relations at most");
                return Err(Fault::at(at, why));
            }
        }
    }

    /// A name, in backquotes or not.
    pub(super) fn name(&mut self, expected: &str) -> Result<String, Fault> {
        match self.peek() {
            Some(Token::Word(name) | Token::Name(name)) => {
                let name = (*name).to_owned();
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected(expected)),
        }
    }
}

fn literal_at(literal: Literal, at: usize) -> Parsed {
    term_at(TermKind::Literal(literal), at)
}

fn term_at(kind: TermKind, at: usize) -> Parsed {
    Parsed::Term(Box::new(Term { kind, at }))
}
