//! Judges what a method takes, and where it comes from.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, FnArg, LitStr, Meta, Pat, PatType, Type};

use super::{ast::Function, kind::is_option, path::Path};
use crate::{ast::ungrouped, mistakes::Mistakes, valid::said};

/// A parameter of a method.
pub(super) struct Parameter<'a> {
    /// Its name, in the function and on the wire.
    pub(super) name: String,
    pub(super) ty: &'a Type,
    pub(super) source: Source,
}

/// Where an argument comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Path,
    Named,
    Body,
}

/// What a method's attribute says about its parameters.
pub(super) struct Place<'a> {
    pub(super) verb: &'a Ident,
    /// The path, if one was written and is right.
    pub(super) path: Option<(&'a LitStr, &'a Path)>,
}

/// What a function takes besides itself and the context.
pub(super) fn judged<'a>(
    of: &Place<'_>,
    function: &'a Function,
    has_context: bool,
    mistakes: &mut Mistakes,
) -> Vec<Parameter<'a>> {
    let inputs = &function.signature.inputs;
    let end = inputs.len() - usize::from(has_context && !inputs.is_empty());
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        let body = body(function, at, mistakes);
        let argument = match input {
            FnArg::Typed(argument) if at < end => argument,
            FnArg::Typed(_) | FnArg::Receiver(_) => {
                if let Some(body) = body {
                    mistakes.at(body, "this is no argument that a client could send");
                }
                continue;
            }
        };
        check_type(argument, mistakes);
        let Some(name) = name(argument, mistakes) else {
            continue;
        };
        let in_path = of
            .path
            .is_some_and(|(_, path)| path.parameters.contains(&name));
        let source = match (body, in_path) {
            (Some(body), true) => {
                let text = format!("`{name}` comes from the path; take `#[body]` away");
                mistakes.at(body, text);
                Source::Path
            }
            (Some(_), false) => Source::Body,
            (None, true) => Source::Path,
            (None, false) => Source::Named,
        };
        if let Some(body) = body.filter(|_| source == Source::Body) {
            check_body(of, body, &found, mistakes);
        }
        if source == Source::Path && is_option(&argument.ty) {
            let text = "what stands in the path is always there; take `Option` away";
            mistakes.at(&argument.ty, text);
        }
        found.push(Parameter {
            name,
            ty: &argument.ty,
            source,
        });
    }
    no_name_beside_the_body(function, &found, mistakes);
    path_is_taken(of, &found, mistakes);
    found
}

/// The attribute `#[body]` of an argument.
fn body<'a>(function: &'a Function, at: usize, mistakes: &mut Mistakes) -> Option<&'a Attribute> {
    let mut bodies = function.bodies.iter().filter(|(of, _)| *of == at);
    let (_, first) = bodies.next()?;
    if !matches!(first.meta, Meta::Path(_)) {
        mistakes.at(first, "`#[body]` has no options");
    }
    if let Some((_, second)) = bodies.next() {
        mistakes.at(second, "`#[body]` is given twice; take one of them away");
    }
    Some(first)
}

fn name(argument: &PatType, mistakes: &mut Mistakes) -> Option<String> {
    match &*argument.pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Some(said(&name.ident))
        }
        other => {
            let text = "an argument has a name, by which clients send it: write `name: Type`";
            mistakes.at(other, text);
            None
        }
    }
}

fn check_type(argument: &PatType, mistakes: &mut Mistakes) {
    let ty = ungrouped(&argument.ty);
    if matches!(ty, Type::ImplTrait(_)) {
        let text = "an argument has one type: what it is read from is JSON";
        mistakes.at(ty, text);
    } else if borrows(ty.to_token_stream()) {
        let text =
            "an argument owns what it holds; write `String` for `&str`, `Vec<..>` for `&[..]`";
        mistakes.at(ty, text);
    }
}

fn borrows(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '&',
        TokenTree::Group(group) => borrows(group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

fn check_body(
    of: &Place<'_>,
    body: &Attribute,
    earlier: &[Parameter<'_>],
    mistakes: &mut Mistakes,
) {
    if of.verb == "get" || of.verb == "delete" {
        let text = format!(
            "`#[{}]` has no body; its arguments come from the path and from the query",
            of.verb
        );
        mistakes.at(body, text);
    }
    if let Some(other) = earlier.iter().find(|one| one.source == Source::Body) {
        let text = format!("`{}` takes the whole body already", other.name);
        mistakes.at(body, text);
    }
}

fn no_name_beside_the_body(function: &Function, found: &[Parameter<'_>], mistakes: &mut Mistakes) {
    let Some(body) = found.iter().find(|one| one.source == Source::Body) else {
        return;
    };
    for input in &function.signature.inputs {
        let FnArg::Typed(argument) = input else {
            continue;
        };
        let is_named = |one: &&Parameter<'_>| {
            std::ptr::eq(one.ty, &raw const *argument.ty) && one.source == Source::Named
        };
        if let Some(named) = found.iter().find(is_named) {
            let text = format!(
                "`{}` takes the whole body, so that nothing is left for `{}`: put it into the path, or \
                 into the type of `{}`",
                body.name, named.name, body.name
            );
            mistakes.at(&argument.pat, text);
        }
    }
}

fn path_is_taken(of: &Place<'_>, found: &[Parameter<'_>], mistakes: &mut Mistakes) {
    let Some((written, path)) = of.path else {
        return;
    };
    let names: BTreeSet<&str> = found.iter().map(|one| one.name.as_str()).collect();
    for missing in &path.parameters {
        if !names.contains(missing.as_str()) {
            let text = format!(
                "the function has no parameter `{missing}`; write `{missing}: String` there, or take \
                 `{{{missing}}}` away"
            );
            mistakes.at(written, text);
        }
    }
}
