//! Names of crates: what cargo and the compiler take, and what is free.

use super::templates;

/// What crates.io takes.
const LONGEST: usize = 64;

/// As of edition 2024, those that are kept for later included.
#[rustfmt::skip]
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Crates that come with the compiler.
const BUILT_IN: [&str; 5] = ["alloc", "core", "proc_macro", "std", "test"];

/// Folders of cargo's own in `target/debug`, where programs go too.
const FOLDERS: [&str; 4] = ["build", "deps", "examples", "incremental"];

/// Reads the name of a workspace, which is also that of its server.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn workspace_name(text: &str) -> Result<String, String> {
    handlers_name(text)?;
    handlers_name(&templates::first_handlers(text))?;
    Ok(text.to_owned())
}

/// Reads the name of a handler crate.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn handlers_name(text: &str) -> Result<String, String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let has_letter = text.contains(|c: char| c.is_ascii_alphabetic());
    if !text.chars().all(is_allowed) || !starts_well || !has_letter {
        return Err(
            "a crate is named with ASCII letters, digits, `-` and `_`, and begins with a letter"
                .to_owned(),
        );
    }
    if text.len() > LONGEST {
        return Err(format!(
            "the name of a crate has {LONGEST} characters at most; {text} has {}",
            text.len()
        ));
    }
    let ident = ident(text);
    if KEYWORDS.contains(&ident.as_str()) {
        return Err(format!(
            "{text} is a keyword of Rust, and no crate can be named so"
        ));
    }
    if BUILT_IN.contains(&ident.as_str()) {
        return Err(format!(
            "{text} is a crate that comes with the compiler; choose another name"
        ));
    }
    if FOLDERS.contains(&text) {
        return Err(format!(
            "cargo keeps a folder {text} where it puts programs; choose another name"
        ));
    }
    if templates::locked().any(|locked| self::ident(locked) == ident) {
        return Err(format!(
            "{text} is a crate of Vestibule, or one that it is made of; choose another name"
        ));
    }
    Ok(text.to_owned())
}

/// The name as code has it; two crates whose names differ in this only cannot be told apart there.
pub(super) fn ident(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(name: &str, why: &str) {
        let error = workspace_name(name).unwrap_err();
        assert!(error.contains(why), "{name:?}: {error}");
    }

    #[test]
    fn names_that_cargo_takes_are_taken() {
        for name in [
            "shop",
            "my-shop",
            "my_shop",
            "_shop",
            "Shop2",
            &"s".repeat(55),
        ] {
            assert_eq!(Ok(name.to_owned()), workspace_name(name));
        }
    }

    #[test]
    fn what_is_no_name_of_a_crate_is_refused() {
        for name in [
            "", "2shop", "-shop", "my shop", "a/b", "../up", "/shop", ".", "café", "_", "_-1",
            "a.b", "a\nb",
        ] {
            check_refused(name, "begins with a letter");
        }
        check_refused(&"s".repeat(65), "64 characters at most");
        // The handler crate's name is longer than the workspace's.
        check_refused(&"s".repeat(56), "has 65");
    }

    #[test]
    fn keywords_are_refused() {
        for name in KEYWORDS {
            check_refused(name, "keyword");
        }
    }

    #[test]
    fn names_that_mean_something_already_are_refused() {
        for name in ["std", "test", "proc-macro"] {
            check_refused(name, "comes with the compiler");
        }
        check_refused("deps", "cargo keeps a folder");
        for name in [
            "vestibule",
            "vestibule_server",
            "guest-limits",
            "guest_limits",
            "tokio",
            "serde_json",
        ] {
            check_refused(name, "made of");
        }
    }
}
