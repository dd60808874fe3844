//! What stands in the parentheses of an attribute.

mod neighbours;

use std::time::Duration;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Error, ExprUnary, Lit, LitBool, LitStr, Result, Token, Type, UnOp,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::{ast::Phase, mistakes::Mistakes};

/// The longest time that a handler may ask for.
const LONGEST: Duration = Duration::from_secs(600);

/// The most failures in a row that a handler may be left running for.
const FAILURES_AT_MOST: u32 = 1_000;

/// Longest name of a table.
const TABLE_NAME_AT_MOST: usize = 63;

/// The options of an attribute; what was not given has its default.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) order: i32,
    /// The paths of the handlers that are to run later.
    pub(crate) runs_before: Vec<String>,
    /// The paths of the handlers that are to run earlier.
    pub(crate) runs_after: Vec<String>,
    /// None for the engine's own.
    pub(crate) timeout: Option<Duration>,
    pub(crate) open_on_failure: bool,
    /// None for a handler that goes on, however often it fails.
    pub(crate) disable_after: Option<u32>,
    pub(crate) do_not_collect: bool,
    /// None for all tables.
    pub(crate) table: Option<String>,
    /// Empty unless they are named in the attribute.
    pub(crate) events: Vec<Type>,
    /// When it runs, as an expression; only timers have it.
    pub(crate) schedule: TokenStream,
    given: Vec<Ident>,
}

impl Options {
    /// Reads what can be read, and reports the rest.
    pub(crate) fn parse(phase: Phase, tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options = Self::default();
        for part in split_at_commas(tokens) {
            let taken = match syn::parse2::<Part>(part.clone()) {
                Ok(part) => options.take(phase, part),
                Err(_) => {
                    let (example, known) = phase.options();
                    let text =
                        format!("expected an option like `{example}`; the options are {known}");
                    Err(Error::new_spanned(part, text))
                }
            };
            if let Err(mistake) = taken {
                mistakes.add(mistake);
            }
        }
        options
    }

    /// The name of an option as it was written, to point at.
    pub(crate) fn given(&self, name: &str) -> Option<&Ident> {
        self.given.iter().find(|given| *given == name)
    }

    fn take(&mut self, phase: Phase, Part { name, value }: Part) -> Result<()> {
        if self.given.contains(&name) {
            return Err(given_twice(&name));
        }
        // Also if its value is wrong: somebody wanted it.
        self.given.push(name.clone());
        match name.to_string().as_str() {
            "order" => self.order = order(value, &name)?,
            "before" => self.runs_before = neighbours::neighbours(value, &name)?,
            "after" => self.runs_after = neighbours::neighbours(value, &name)?,
            "timeout" => self.timeout = Some(timeout(value, &name)?),
            "on_failure" => self.open_on_failure = open_on_failure(value, &name)?,
            "disable_after" => self.disable_after = Some(disable_after(value, &name)?),
            "collect" => self.do_not_collect = !collect(value, &name)?,
            "table" => self.table = Some(table(value, &name)?),
            "events" => self.events = events(value, &name)?,
            _ => {
                let (_, known) = phase.options();
                let text = format!("unknown option `{name}`; the options are {known}");
                return Err(Error::new(name.span(), text));
            }
        }
        Ok(())
    }
}

/// One option: a name, and what follows the sign `=`.
pub(crate) struct Part {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

impl Parse for Part {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse::<Ident>()?;
        // Without a sign the value is empty, and whoever reads it says what belongs there.
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => input.parse()?,
            None => {
                input.parse::<TokenStream>()?;
                TokenStream::new()
            }
        };
        Ok(Self { name, value })
    }
}

pub(crate) fn given_twice(name: &Ident) -> Error {
    let text = format!("`{name}` is given twice; take one of them away");
    Error::new(name.span(), text)
}

/// The parts between commas; those within `<..>` belong to a type, and separate nothing here.
pub(crate) fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    let mut depth = 0_usize;
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' && depth == 0 => {
                parts.push(TokenStream::new());
            }
            (_, Some(part)) => part.extend([token]),
            (_, None) => parts.push(token.into()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// An error at the value, or at the option's name where there is no value.
pub(crate) fn wrong(value: TokenStream, name: &Ident, text: &str) -> Error {
    if value.is_empty() {
        Error::new(name.span(), text)
    } else {
        Error::new_spanned(value, text)
    }
}

fn order(value: TokenStream, name: &Ident) -> Result<i32> {
    let (sign, number) = match syn::parse2::<ExprUnary>(value.clone()) {
        Ok(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => ("-", quote::quote!(#expr)),
        _ => ("", value.clone()),
    };
    match syn::parse2(number) {
        Ok(Lit::Int(number)) if number.suffix().is_empty() => {
            format!("{sign}{}", number.base10_digits())
                .parse()
                .map_err(|_| {
                    let text = format!("`order` is a number from {} to {}", i32::MIN, i32::MAX);
                    wrong(value, name, &text)
                })
        }
        _ => Err(wrong(
            value,
            name,
            "`order` is a whole number, like `order = -10`",
        )),
    }
}

/// The option `timeout`: how long one call may take.
pub(crate) fn timeout(value: TokenStream, name: &Ident) -> Result<Duration> {
    const FORM: &str =
        "`timeout` is a whole number with a unit (ms, s or m) in quotes, like `timeout = \"2s\"`";
    let read = |text: &str| {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let number = text[..digits].parse::<u64>().ok()?;
        match &text[digits..] {
            "ms" => Some(Duration::from_millis(number)),
            "s" => Some(Duration::from_secs(number)),
            "m" => number.checked_mul(60).map(Duration::from_secs),
            _ => None,
        }
    };
    match syn::parse2::<LitStr>(value.clone())
        .ok()
        .and_then(|text| read(&text.value()))
    {
        None => Err(wrong(value, name, FORM)),
        Some(Duration::ZERO) => Err(wrong(
            value,
            name,
            "a handler needs more time than none at all",
        )),
        Some(time) if time > LONGEST => Err(wrong(
            value,
            name,
            "a call cannot wait longer than 10 minutes for a handler",
        )),
        Some(time) => Ok(time),
    }
}

fn open_on_failure(value: TokenStream, name: &Ident) -> Result<bool> {
    let text = syn::parse2::<LitStr>(value.clone()).map(|text| text.value());
    match text.as_deref() {
        Ok("open") => Ok(true),
        Ok("closed") => Ok(false),
        _ => Err(wrong(
            value,
            name,
            "`on_failure` is \"closed\" (the call fails too) or \"open\" (the call goes on)",
        )),
    }
}

fn disable_after(value: TokenStream, name: &Ident) -> Result<u32> {
    match syn::parse2::<Lit>(value.clone()) {
        Ok(Lit::Int(number)) if number.suffix().is_empty() => Some(number),
        _ => None,
    }
    .and_then(|number| number.base10_parse().ok())
    .filter(|failures| (1..=FAILURES_AT_MOST).contains(failures))
    .ok_or_else(|| {
        let text = format!(
            "`disable_after` is a number of failures in a row, from 1 to {FAILURES_AT_MOST}, like \
             `disable_after = 5`"
        );
        wrong(value, name, &text)
    })
}

/// The option `collect`: whether engines take it that take every linked handler.
pub(crate) fn collect(value: TokenStream, name: &Ident) -> Result<bool> {
    syn::parse2::<LitBool>(value.clone())
        .map(|collect| collect.value)
        .map_err(|_| {
            wrong(
                value,
                name,
                "`collect` is `true` or `false`; with `false` only tests run the handler",
            )
        })
}

fn table(value: TokenStream, name: &Ident) -> Result<String> {
    const FORM: &str = "`table` is the name of a table in quotes, like `table = \"Order\"`";
    let is_name = |text: &String| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.len() <= TABLE_NAME_AT_MOST
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    syn::parse2::<LitStr>(value.clone())
        .ok()
        .map(|text| text.value())
        .filter(is_name)
        .ok_or_else(|| wrong(value, name, FORM))
}

fn events(value: TokenStream, name: &Ident) -> Result<Vec<Type>> {
    const FORM: &str = "`events` is a list, like `events = [Login, LoginByObjectId]`";
    let list = |input: ParseStream<'_>| {
        let content;
        syn::bracketed!(content in input);
        Punctuated::<Type, Token![,]>::parse_terminated(&content)
    };
    match list.parse2(value.clone()) {
        Ok(events) if !events.is_empty() => Ok(events.into_iter().collect()),
        _ => Err(wrong(value, name, FORM)),
    }
}
