//! The words of a clause.
//!
//! `winnow` reads them: it is in every server already (the configuration is TOML), has no macros
//! and no grammar files. What the words mean together is read by hand in `parser`, because depth
//! must be bounded and every mistake must say what was expected.

use winnow::{
    Parser, Result as Read,
    ascii::{digit0, digit1, multispace0},
    combinator::{alt, delimited, opt, repeat},
    token::{literal, one_of, take_while},
};

use super::fault::{Fault, shown};

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or a keyword.
    Word(&'a str),
    /// A name in backquotes: never a keyword.
    Name(&'a str),
    /// A number without a sign.
    Number(&'a str),
    /// A text without its quotes.
    Text(String),
    /// An operator or a bracket.
    Symbol(&'a str),
}

impl Token<'_> {
    /// The token in an error.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Name(text) | Self::Number(text) | Self::Symbol(text) => {
                format!("'{}'", shown(text))
            }
            Self::Text(text) => format!("the text '{}'", shown(text)),
        }
    }
}

/// A word and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed<'a> {
    pub(super) token: Token<'a>,
    /// The first character, counted from 1.
    pub(super) at: usize,
}

/// Operators and brackets, the longer ones first.
const SYMBOLS: [&str; 19] = [
    "<=", ">=", "<>", "!=", "==", "<", ">", "=", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/",
    "%",
];

/// What cannot stand in a clause, and what to do about it. Looked for before anything else.
const FORBIDDEN: [(&str, &str); 6] = [
    ("--", "comments cannot be used here"),
    ("/*", "comments cannot be used here"),
    ("#", "comments cannot be used here"),
    (";", "semicolons cannot be used here"),
    ("\"", "texts stand in single quotes, names in backquotes"),
    ("?", "there are no parameters; write the value"),
];

/// All words of a text, and the place behind the last one.
///
/// # Errors
/// The first thing that is no word.
pub(super) fn tokens(text: &str) -> Result<(Vec<Placed<'_>>, usize), Fault> {
    let mut rest = text;
    let mut tokens = Vec::new();
    let mut at = 1;
    loop {
        let space = spaces(rest);
        at += space.chars().count();
        rest = &rest[space.len()..];
        if rest.is_empty() {
            return Ok((tokens, at));
        }
        let before = rest;
        let token = token(&mut rest, at)?;
        tokens.push(Placed { token, at });
        at += before[..before.len() - rest.len()].chars().count();
    }
}

fn spaces(text: &str) -> &str {
    let mut rest = text;
    let spaces: Read<&str> = multispace0.parse_next(&mut rest);
    spaces.unwrap_or_default()
}

fn token<'a>(rest: &mut &'a str, at: usize) -> Result<Token<'a>, Fault> {
    if let Some((_, why)) = FORBIDDEN
        .iter()
        .find(|(forbidden, _)| rest.starts_with(forbidden))
    {
        return Err(Fault::at(at, *why));
    }
    let first = rest.chars().next().unwrap_or_default();
    let read: Read<Token<'a>> = alt((
        number.map(Token::Number),
        word.map(Token::Word),
        delimited('`', word, '`').map(Token::Name),
        text.map(Token::Text),
        symbol.map(Token::Symbol),
    ))
    .parse_next(rest);
    let token = read.map_err(|_| {
        let why = match first {
            '\'' => "this text is not closed; a quote within a text is written twice".to_owned(),
            '`' => "in backquotes stands one name of letters, digits and underscores".to_owned(),
            other => format!(
                "the character '{}' cannot be used here",
                shown(&other.to_string())
            ),
        };
        Fault::at(at, why)
    })?;
    let follows = rest.chars().next();
    match &token {
        Token::Number(number)
            if follows.is_some_and(|next| next.is_alphanumeric() || next == '_') =>
        {
            let why = format!("the number '{}' is followed by a letter", shown(number));
            Err(Fault::at(at, why))
        }
        Token::Text(text) if text.contains('\0') => {
            Err(Fault::at(at, "this text holds a NUL character"))
        }
        _ => Ok(token),
    }
}

fn number<'a>(input: &mut &'a str) -> Read<&'a str> {
    let fraction = ('.', digit1).void();
    let whole = (digit1, opt(('.', digit0))).void();
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    (alt((whole, fraction)), opt(exponent))
        .take()
        .parse_next(input)
}

fn word<'a>(input: &mut &'a str) -> Read<&'a str> {
    let first = |character: char| character.is_ascii_alphabetic() || character == '_';
    let more = |character: char| character.is_ascii_alphanumeric() || character == '_';
    (one_of(first), take_while(0.., more))
        .take()
        .parse_next(input)
}

fn text(input: &mut &str) -> Read<String> {
    let plain = take_while(1.., |character| character != '\'');
    let parts =
        repeat(0.., alt((plain, literal("''").value("'")))).fold(String::new, |mut text, part| {
            text.push_str(part);
            text
        });
    delimited('\'', parts, '\'').parse_next(input)
}

fn symbol<'a>(input: &mut &'a str) -> Read<&'a str> {
    for symbol in SYMBOLS {
        let read: Read<&str> = literal(symbol).parse_next(input);
        if read.is_ok() {
            return read;
        }
    }
    winnow::combinator::fail.parse_next(input)
}
