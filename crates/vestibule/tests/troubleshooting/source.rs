//! The messages as the source has them.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::LitStr;

/// Where our crates are.
const CRATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What the start of an engine and of a server can say, besides the messages of the macros.
const START: [&str; 12] = [
    "core/src/first_start.rs",
    "core/src/registry/config.rs",
    "core/src/registry/error.rs",
    "core/src/schema/declaration.rs",
    "core/src/schema/definition.rs",
    "core/src/schema/plan.rs",
    "core/src/settings_store.rs",
    "core/src/timers/cron.rs",
    "core/src/timers/schedule.rs",
    "server/src/config/error.rs",
    "server/src/serve/error.rs",
    "storage-postgres/src/advice.rs",
];

/// What a database says that cannot be opened; the files have much besides.
const DATABASES: [&str; 2] = [
    "storage-sqlite/src/error.rs",
    "storage-postgres/src/error.rs",
];

/// Words that make a text a message, rather than a name.
const WORDS_AT_LEAST: usize = 3;

/// What stands between two values in a message and is shorter says nothing by itself.
const PIECE_AT_LEAST: usize = 7;

/// Something that somebody may read, and look up.
pub(crate) struct Message {
    file: String,
    text: String,
}

impl Message {
    /// Whether a quote has this message, whatever its values are.
    pub(crate) fn is_in(&self, quote: &str) -> bool {
        let mut rest = quote;
        pieces(&self.text).iter().all(|piece| {
            let found = rest.split_once(piece.as_str());
            rest = found.map_or(rest, |(_, rest)| rest);
            found.is_some()
        })
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.text)
    }
}

/// Every message of the macros and of a start.
pub(crate) fn all_messages() -> Vec<Message> {
    let crates = Path::new(CRATES);
    let mut files = rust_files(&crates.join("macros/src"));
    files.push(crates.join("vestibule/src/table.rs"));
    files.extend(START.map(|file| crates.join(file)));
    let mut messages: Vec<_> = files
        .iter()
        .flat_map(|file| messages_in(file, Wanted::Texts))
        .collect();
    for file in DATABASES {
        messages.extend(messages_in(&crates.join(file), Wanted::Errors));
    }
    // What the compiler says in our words where a type does not fit.
    for file in rust_files(&crates.join("core/src")) {
        messages.extend(messages_in(&file, Wanted::OfTheCompiler));
    }
    messages.retain(|message| !pieces(&message.text).is_empty());
    assert!(messages.len() > 150, "the sources are looked for elsewhere");
    messages
}

/// The files of a crate, but for its tests.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("tests") => {}
            _ if path.is_dir() => files.extend(rust_files(&path)),
            _ => files.push(path),
        }
    }
    files.sort();
    files
}

/// Which texts of a file are messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Texts,
    /// Those of `#[error]`.
    Errors,
    /// Those of `#[diagnostic::on_unimplemented]`.
    OfTheCompiler,
}

fn messages_in(file: &Path, wanted: Wanted) -> Vec<Message> {
    let source = fs::read_to_string(file).expect("the file can be read");
    let tokens: TokenStream = source.parse().expect("it is Rust");
    let mut texts = Vec::new();
    collect(tokens, wanted, &mut texts);
    let file = file.strip_prefix(CRATES).expect("it is below");
    let is_message = |text: &String| {
        let is_signature = text.contains(") ->") || text.contains("({receiver}");
        text.split_whitespace().count() >= WORDS_AT_LEAST && !is_signature
    };
    let messages = texts.into_iter().filter(is_message).map(|text| Message {
        file: file.display().to_string(),
        text,
    });
    messages.collect()
}

fn collect(tokens: TokenStream, wanted: Wanted, texts: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_word = |index: usize, word: &str| {
        let token = tokens.get(index);
        matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
    };
    let is_sign = |index: usize, sign: char| {
        let token = tokens.get(index);
        matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
    };
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        // Our own tests, what the log says of a start that works, and reasons of lints.
        let skipped = if is_word(index, "mod") && is_word(index + 1, "tests") {
            3
        } else if is_word(index, "tracing") && is_sign(index + 1, ':') {
            6
        } else if is_word(index, "reason") && is_sign(index + 1, '=') {
            3
        } else {
            0
        };
        if skipped > 0 {
            index += skipped;
            continue;
        }
        index += 1;
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let inner = usize::from(is_sign(index, '!'));
                let Some(TokenTree::Group(group)) = tokens.get(index + inner) else {
                    continue;
                };
                if group.delimiter() == Delimiter::Bracket {
                    attribute(group.stream(), wanted, texts);
                    index += inner + 1;
                }
            }
            TokenTree::Group(group) => collect(group.stream(), wanted, texts),
            TokenTree::Literal(literal) if wanted == Wanted::Texts => {
                let text = syn::parse_str::<LitStr>(&literal.to_string());
                texts.extend(text.ok().map(|text| text.value()));
            }
            _ => {}
        }
    }
}

/// Of an attribute the text of an error, or what the compiler says.
fn attribute(tokens: TokenStream, wanted: Wanted, texts: &mut Vec<String>) {
    let name = tokens.to_string();
    match wanted {
        Wanted::Texts | Wanted::Errors if name.starts_with("error") => {
            collect(tokens, Wanted::Texts, texts);
        }
        Wanted::OfTheCompiler if name.starts_with("diagnostic") => {
            let mut all = Vec::new();
            collect(tokens, Wanted::Texts, &mut all);
            // The message; labels and notes say the cure.
            texts.extend(all.into_iter().next());
        }
        _ => {}
    }
}

/// What a message says around its values, spaces made one.
fn pieces(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut pieces = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_doubled = matches!(c, '{' | '}') && chars.peek() == Some(&c);
        if is_doubled {
            chars.next();
        } else if c == '{' && !matches!(chars.peek(), None | Some(' ')) {
            while chars.next_if(|c| *c != '}').is_some() {}
            chars.next();
            pieces.push(String::new());
            continue;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    let pieces = pieces.into_iter().map(|piece| piece.trim().to_owned());
    pieces
        .filter(|piece| piece.len() >= PIECE_AT_LEAST)
        .collect()
}

#[test]
fn a_message_is_known_by_what_stands_around_its_values() {
    assert_eq!(
        vec!["no table is called '", "': write {it} there"],
        pieces("no table is called '{name}': write {{it}} there")
    );
    let message = Message {
        file: String::new(),
        text: "there is no setting {place}{}".to_owned(),
    };
    assert!(message.is_in("there is no setting lisen; did you mean listen?"));
    assert!(!message.is_in("there is a setting lisen"));
}
