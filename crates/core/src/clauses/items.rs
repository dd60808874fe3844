//! Lists of columns and functions: what to answer, by what to sort and to group.

use super::{
    bounds::{KEYS, PROPERTIES},
    fault::{Fault, Purpose},
    lexer::Token,
    parser::Parser,
    syntax::{Term, TermKind},
};
use crate::Result;

/// One entry of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// What; nothing is `*`, all columns.
    pub(super) term: Option<Term>,
    /// The name in the answer.
    pub(super) alias: Option<String>,
    /// Greatest first.
    pub(super) descending: bool,
    pub(super) at: usize,
}

/// Reads the entries of a list. A client may have cut it at every comma, those between arguments
/// included: it is put together again first.
///
/// # Errors
/// The first mistake.
pub(super) fn parse_items(texts: &[String], purpose: Purpose) -> Result<Vec<Item>> {
    let texts: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| !text.trim().is_empty())
        .collect();
    let text = texts.join(",");
    purpose.check_length(&text)?;
    items(&text, purpose).map_err(|fault| purpose.error(fault))
}

fn items(text: &str, purpose: Purpose) -> Result<Vec<Item>, Fault> {
    let most = match purpose {
        Purpose::SortBy | Purpose::GroupBy => KEYS,
        _ => PROPERTIES,
    };
    let mut parser = Parser::new(text)?;
    let mut items = Vec::new();
    while !parser.is_at_end() {
        if items.len() == most {
            let why = format!("there are more than {most} entries");
            return Err(Fault::at(parser.at(), why));
        }
        items.push(item(&mut parser, purpose)?);
        if parser.take(",") {
            continue;
        }
        parser.expect_end("',' or the end")?;
    }
    Ok(items)
}

fn item(parser: &mut Parser<'_>, purpose: Purpose) -> Result<Item, Fault> {
    let mut item = Item {
        term: None,
        alias: None,
        descending: false,
        at: parser.at(),
    };
    if purpose == Purpose::Properties && parser.take("*") {
        return Ok(item);
    }
    item.term = Some(term(parser)?);
    if purpose == Purpose::Properties && parser.take_word("as") {
        item.alias = Some(parser.name("an alias")?);
    }
    if purpose == Purpose::SortBy && !parser.take_word("asc") {
        item.descending = parser.take_word("desc");
    }
    Ok(item)
}

/// A value. A word that stands alone is a column, even if it is a keyword in a clause.
fn term(parser: &mut Parser<'_>) -> Result<Term, Fault> {
    let alone = matches!(
        parser.ahead(1),
        None | Some(Token::Symbol(",") | Token::Word(_))
    );
    if alone && matches!(parser.peek(), Some(Token::Word(_))) {
        let at = parser.at();
        let kind = TermKind::Column(parser.path()?);
        return Ok(Term { kind, at });
    }
    Ok(*parser.sum()?.term()?)
}
