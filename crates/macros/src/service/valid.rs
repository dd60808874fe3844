//! Judges a service: every mistake is reported, each at its own place.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Error, Expr, ExprLit, FnArg, Lit, Meta, Signature, Type};

use super::{
    ast::{Block, Function, verb},
    options::{MethodOptions, SERVICE, ServiceOptions, form},
    parameters::{self, Parameter},
    path::Path,
};
use crate::{
    access,
    ast::{Phase, same, ungrouped},
    attr,
    mistakes::Mistakes,
    valid::{self, Report, conditions, said},
};

/// A service that can be expanded.
pub(crate) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) ty: &'a Type,
    /// The type's name.
    pub(super) ident: &'a Ident,
    pub(super) options: &'a attr::Options,
    pub(super) methods: Vec<Method<'a>>,
    pub(super) conditions: Vec<&'a Attribute>,
}

/// A method that can be expanded.
pub(crate) struct Method<'a> {
    pub(super) ident: &'a Ident,
    /// `post`, say.
    pub(super) verb: &'a Ident,
    pub(super) path: Path,
    /// The variant of `CallableBy`.
    pub(super) access: TokenStream,
    pub(super) options: attr::Options,
    pub(super) parameters: Vec<Parameter<'a>>,
    /// The `C` in `&C`.
    pub(super) context: &'a Type,
    pub(super) answer: &'a Type,
    /// What its doc comment says.
    pub(super) description: String,
    /// Under which conditions there is such a method at all.
    pub(super) conditions: Vec<&'a Attribute>,
}

/// The service, or none if there is any mistake.
pub(crate) fn service<'a>(
    options: &'a ServiceOptions,
    block: &'a Block,
    mistakes: &mut Mistakes,
) -> Option<Service<'a>> {
    if !options.is_named {
        let text = format!("a service has a name, by which clients call it: {SERVICE}");
        mistakes.add(Error::new(Span::call_site(), text));
    }
    if let Some(path) = &block.of_trait {
        let text = "`#[service]` goes on the impl of a type, not on that of a trait";
        mistakes.at(path, text);
    }
    if !block.generics.params.is_empty() {
        let text = "a service has no parameters, nor has its impl";
        mistakes.at(&block.generics, text);
    }
    let ident = valid::type_name("a service", &block.ty, mistakes);
    if block.methods().next().is_none() {
        let text = "a service has methods: put `#[post(access = ..)]` on a function";
        mistakes.at(&block.ty, text);
    }
    let methods: Vec<_> = block
        .methods()
        .filter_map(|function| method(function, mistakes))
        .collect();
    no_method_twice(&methods, mistakes);
    if !mistakes.is_empty() {
        return None;
    }
    Some(Service {
        name: options.name.as_ref()?,
        ty: ungrouped(&block.ty),
        ident: ident?,
        options: &options.handler,
        methods,
        conditions: conditions(&block.attributes),
    })
}

fn method<'a>(function: &'a Function, mistakes: &mut Mistakes) -> Option<Method<'a>> {
    let [attribute, others @ ..] = function.verbs.as_slice() else {
        return None;
    };
    let (verb, signature) = (verb(attribute)?, &function.signature);
    for other in others {
        let text = "a function is one method; write another function for the other";
        mistakes.at(other, text);
    }
    let options = MethodOptions::parse(verb, attribute, mistakes);
    if !options.is_given("access") {
        let text = format!("{}; write {}", access::form("the method"), form(verb));
        mistakes.at(attribute, text);
    }
    let path = path(&options, signature, mistakes);

    let expected = format!(
        "async fn {}(&self, .., ctx: &Context) -> Result<..>",
        said(&signature.ident)
    );
    let mut report = Report::new(expected, mistakes);
    check_head(signature, &mut report);
    let context = context(signature, &mut report);
    let text = "a method of a service returns `Result<..>` of what clients get as JSON";
    let answer = valid::answer(text, signature, &mut report);

    let of = parameters::Place {
        verb,
        path: options.path.as_ref().zip(path.as_ref()),
    };
    let parameters = parameters::judged(&of, function, context.is_some(), mistakes);
    Some(Method {
        ident: &signature.ident,
        verb,
        path: path?,
        access: options.access?,
        options: options.handler,
        parameters,
        context: context?,
        answer: answer?,
        description: description(&function.attributes),
        conditions: conditions(&function.attributes),
    })
}

fn path(options: &MethodOptions, signature: &Signature, mistakes: &mut Mistakes) -> Option<Path> {
    let (path, place) = match &options.path {
        Some(written) => (Path::of(written.value()), written.span()),
        None => (Path::of_function(&signature.ident), signature.ident.span()),
    };
    path.map_err(|text| mistakes.add(Error::new(place, text)))
        .ok()
}

fn check_head(signature: &Signature, report: &mut Report<'_>) {
    valid::qualifiers("a method of a service", signature, report);
    if !signature.generics.params.is_empty() {
        let text = "a method of a service is not generic";
        report.at(&signature.generics, text);
    }
    match signature.receiver() {
        None => report.at(&signature.ident, "a method of a service takes `&self`"),
        Some(receiver) if !same(receiver, quote::quote!(&self)) => {
            let text =
                "a method of a service takes `&self`: a value that is made for this call alone";
            report.at(receiver, text);
        }
        Some(_) => {}
    }
}

/// The `C` in `&C`, of the last argument.
fn context<'a>(signature: &'a Signature, report: &mut Report<'_>) -> Option<&'a Type> {
    match signature.inputs.last() {
        Some(FnArg::Typed(last)) => valid::context(Phase::Answer, ungrouped(&last.ty), report),
        _ => {
            report.at(&signature.ident, "the last argument is `&Context`");
            None
        }
    }
}

fn no_method_twice(methods: &[Method<'_>], mistakes: &mut Mistakes) {
    for (at, method) in methods.iter().enumerate() {
        let earlier = methods[..at].iter().find(|earlier| {
            // Of two with conditions there may never be both.
            (earlier.conditions.is_empty() || method.conditions.is_empty())
                && earlier.verb == method.verb
                && earlier.path.shape() == method.path.shape()
        });
        if let Some(earlier) = earlier {
            let text = format!(
                "`{}` has this verb and this path already; nobody could tell them apart",
                said(earlier.ident)
            );
            mistakes.at(method.ident, text);
        }
    }
}

/// What a doc comment says.
fn description(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => {
                let text = text.value();
                Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
            }
            _ => None,
        },
        _ => None,
    };
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    lines.join("\n").trim().to_owned()
}
