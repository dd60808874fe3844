//! The table as Markdown.

use std::fmt::Write as _;

use crate::definition::{Argument, AskedBy, Definition};

/// Types that are not exported by `vestibule`, so nothing can be linked to.
const NOT_OURS: [&str; 8] = [
    "Json", "Option", "String", "Vec", "bool", "str", "u64", "()",
];

/// The table of events, and below it that of their arguments.
pub(crate) fn table(events: &[Definition], custom: &Definition) -> String {
    let mut text = "<!-- Made from the code: \
        UPDATE_EXPECT=1 cargo test -p vestibule --test event_table -->\n\n\
        | event | arguments | output | asked for by | on Backendless |\n\
        |---|---|---|---|---|\n"
        .to_owned();
    for event in events {
        text += &row(event);
    }
    let _ = writeln!(
        text,
        "| [your own](crate::custom_events): {} | its fields | what it says | whom its `access` names | {} |",
        decapitalized(&custom.summary),
        custom.backendless.as_deref().unwrap_or_default(),
    );
    text += "\n# The arguments of events\n\n| event | argument | type | what it is |\n|---|---|---|---|\n";
    for event in events {
        for argument in &event.arguments {
            let (name, kind) = (shown(argument), &argument.kind);
            let summary = &argument.summary;
            let _ = writeln!(
                text,
                "| `{}` | {name} | {} | {summary} |",
                event.ident,
                linked(kind)
            );
        }
    }
    text
}

fn row(event: &Definition) -> String {
    let arguments: Vec<_> = event.arguments.iter().map(shown).collect();
    let asked_by = match event.asked_by {
        AskedBy::Clients => "clients",
        AskedBy::ServerCode => "server code",
        AskedBy::Engine => "the engine",
    };
    format!(
        "| [`{ident}`](crate::{ident}), `{name}`: {summary} | {arguments} | {output} | {asked_by} | {backendless} |\n",
        ident = event.ident,
        name = event.name,
        summary = decapitalized(&event.summary),
        arguments = match arguments.as_slice() {
            [] => "none".to_owned(),
            arguments => arguments.join(", "),
        },
        output = linked(&event.output),
        backendless = event.backendless.as_deref().unwrap_or_default(),
    )
}

/// Its name; with parentheses if it is a method.
fn shown(argument: &Argument) -> String {
    let call = if argument.is_field { "" } else { "()" };
    format!("`{}{call}`", argument.name)
}

/// A type, leading to the one of ours in it.
fn linked(kind: &str) -> String {
    let names = kind.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut ours = names.filter(|name| !name.is_empty() && !NOT_OURS.contains(name));
    match ours.next() {
        Some(name) => format!("[`{kind}`](crate::{name})"),
        None => format!("`{kind}`"),
    }
}

fn decapitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
