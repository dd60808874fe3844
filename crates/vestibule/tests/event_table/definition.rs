//! What the source says of each event.

use std::{fs, path::Path};

use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Fields, FnArg, ImplItem, Item, ItemImpl, ItemStruct, Lit, Meta,
    ReturnType, Type, Visibility,
};

/// The source of `vestibule-core`.
const CORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src");

/// An event, as its file defines it.
pub(crate) struct Definition {
    /// The name of its type.
    pub(crate) ident: String,
    /// Its name on the wire.
    pub(crate) name: String,
    /// What happens, in a sentence.
    pub(crate) summary: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: String,
    pub(crate) asked_by: AskedBy,
    /// What its docs say after `Backendless:`, in a sentence.
    pub(crate) backendless: Option<String>,
}

/// What an event carries.
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// What it is, in a sentence.
    pub(crate) summary: String,
    /// Whether it is a public field, which a before handler may change; else it is a method.
    pub(crate) is_field: bool,
}

/// Who can ask for an event.
#[derive(Clone, Copy)]
pub(crate) enum AskedBy {
    Clients,
    ServerCode,
    Engine,
}

/// Every event of `vestibule-core`.
pub(crate) fn all_definitions() -> Vec<Definition> {
    let operations = fs::read_dir(Path::new(CORE).join("operations")).expect("it is there");
    let mut files: Vec<_> = operations
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    for beside in ["services/invoke_service.rs", "timers/run_timer.rs"] {
        files.push(Path::new(CORE).join(beside));
    }
    files
        .iter()
        .flat_map(|file| definitions_in(&items_of(file)))
        .collect()
}

/// What stands for all events of an app's own: the trait that they have.
pub(crate) fn definition_of_custom_events() -> Definition {
    let items = items_of(&Path::new(CORE).join("custom_event.rs"));
    let item = items.iter().find_map(|item| match item {
        Item::Trait(item) if item.ident == "CustomEvent" => Some(item),
        _ => None,
    });
    let docs = docs_of(&item.expect("the trait is there").attrs);
    Definition {
        ident: "CustomEvent".to_owned(),
        name: String::new(),
        summary: first_sentence(&docs),
        arguments: Vec::new(),
        output: String::new(),
        asked_by: AskedBy::Clients,
        backendless: backendless_in(&docs),
    }
}

fn items_of(file: &Path) -> Vec<Item> {
    let source = fs::read_to_string(file).expect("the source is there");
    let parsed = syn::parse_file(&source);
    parsed
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        .items
}

/// The events that a file defines.
fn definitions_in(items: &[Item]) -> Vec<Definition> {
    let impls = || {
        items.iter().filter_map(|item| match item {
            Item::Impl(item) => Some(item),
            _ => None,
        })
    };
    let implements = |ident: &str, wanted: &str| {
        impls().any(|item| trait_of(item).as_deref() == Some(wanted) && is_for(item, ident))
    };
    let events = impls().filter(|item| trait_of(item).as_deref() == Some("Event"));
    events
        // The trait's own impl for every custom event is generic, and no struct has its name.
        .filter_map(|event| Some((event, structure(items, &text_of(&event.self_ty))?)))
        .map(|(event, structure)| {
            let ident = structure.ident.to_string();
            let docs = docs_of(&structure.attrs);
            let own = impls().filter(|item| item.trait_.is_none() && is_for(item, &ident));
            Definition {
                name: name_of(event),
                summary: first_sentence(&docs),
                arguments: fields_of(structure)
                    .chain(own.flat_map(getters_of))
                    .collect(),
                output: output_of(event),
                asked_by: if implements(&ident, "ClientEvent") {
                    AskedBy::Clients
                } else if implements(&ident, "CodeRunnerEvent") {
                    AskedBy::ServerCode
                } else {
                    AskedBy::Engine
                },
                backendless: backendless_in(&docs),
                ident,
            }
        })
        .collect()
}

fn structure<'a>(items: &'a [Item], ident: &str) -> Option<&'a ItemStruct> {
    items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == ident => Some(item),
        _ => None,
    })
}

fn trait_of(item: &ItemImpl) -> Option<String> {
    let (_, path, _) = item.trait_.as_ref()?;
    path.segments
        .last()
        .map(|segment| segment.ident.to_string())
}

fn is_for(item: &ItemImpl, ident: &str) -> bool {
    text_of(&item.self_ty) == ident
}

fn name_of(event: &ItemImpl) -> String {
    let name = event.items.iter().find_map(|item| match item {
        ImplItem::Const(item) if item.ident == "NAME" => match &item.expr {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    name.expect("an event's NAME is a text")
}

fn output_of(event: &ItemImpl) -> String {
    let output = event.items.iter().find_map(|item| match item {
        ImplItem::Type(item) if item.ident == "Output" => Some(text_of(&item.ty)),
        _ => None,
    });
    output.expect("an event has an Output")
}

fn fields_of(structure: &ItemStruct) -> impl Iterator<Item = Argument> {
    let fields = match &structure.fields {
        Fields::Named(fields) => Some(&fields.named),
        Fields::Unnamed(_) | Fields::Unit => None,
    };
    // What nobody outside can make has public fields for reading, and a handler changes them too.
    fields
        .into_iter()
        .flatten()
        .filter(|field| matches!(field.vis, Visibility::Public(_)))
        .map(|field| Argument {
            name: field.ident.as_ref().expect("it is named").to_string(),
            kind: text_of(&field.ty),
            summary: first_sentence(&docs_of(&field.attrs)),
            is_field: true,
        })
}

/// The public methods without arguments, which answer what no handler can change.
fn getters_of(item: &ItemImpl) -> impl Iterator<Item = Argument> {
    item.items.iter().filter_map(|item| {
        let ImplItem::Fn(function) = item else {
            return None;
        };
        let signature = &function.sig;
        let borrows_self_alone = signature.inputs.len() == 1
            && matches!(signature.inputs.first(), Some(FnArg::Receiver(receiver)) if receiver.mutability.is_none());
        let ReturnType::Type(_, answer) = &signature.output else {
            return None;
        };
        let is_public = matches!(function.vis, Visibility::Public(_));
        let is_for_people = !is_hidden(&function.attrs);
        (is_public && is_for_people && borrows_self_alone).then(|| Argument {
            name: signature.ident.to_string(),
            kind: text_of(answer),
            summary: first_sentence(&docs_of(&function.attrs)),
            is_field: false,
        })
    })
}

/// A type as people write it, lifetimes left out.
fn text_of(kind: &Type) -> String {
    let tokens = kind.to_token_stream().to_string();
    tokens
        .replace("& 'static ", "&")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace("& ", "&")
}

/// The paragraphs of a doc comment, each on one line.
fn docs_of(attributes: &[Attribute]) -> Vec<String> {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        });
    let lines: Vec<_> = lines.collect();
    let paragraphs = lines.split(|line| line.is_empty());
    paragraphs.map(|lines| lines.join(" ")).collect()
}

fn backendless_in(docs: &[String]) -> Option<String> {
    let said = docs
        .iter()
        .find_map(|paragraph| paragraph.strip_prefix("Backendless: "))?;
    Some(first_sentence(&[said.to_owned()]))
}

/// The first sentence, without links, which lead from where it stood.
fn first_sentence(docs: &[String]) -> String {
    let text = docs.first().map(String::as_str).unwrap_or_default();
    let end = text.find(". ").unwrap_or(text.len());
    without_links(text[..end].trim_end_matches('.'))
}

/// Whether something says `#[doc(hidden)]`.
fn is_hidden(attributes: &[Attribute]) -> bool {
    let mut docs = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"));
    docs.any(|attribute| matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string() == "hidden"))
}

/// `[this](there)` and `[this]` become `this`; brackets in code stay.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain += before;
        if plain.matches('`').count() % 2 == 1 {
            plain.push('[');
            rest = link;
            continue;
        }
        let (label, after) = link.split_once(']').expect("a link ends");
        plain += label;
        rest = match after.strip_prefix('(') {
            Some(target) => target.split_once(')').expect("its target ends").1,
            None => after,
        };
    }
    plain + rest
}
