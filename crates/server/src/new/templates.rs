//! The files that are written. Their texts are beside this file, in `templates`.

use super::{name::ident, source::Source};

/// The lock file of the source tree that this program was built from: versions that are known to
/// work, and that can be built offline where that tree was. (It is outside of this package, so
/// whoever publishes this crate puts a copy into it.)
pub(super) const LOCK: &str = include_str!("../../../../Cargo.lock");

const WORKSPACE: &str = include_str!("templates/workspace.toml");
const SERVER: &str = include_str!("templates/server.toml");
const MAIN: &str = include_str!("templates/main.rs");
const HANDLERS: &str = include_str!("templates/handlers.toml");
const FIRST_HANDLERS: &str = include_str!("templates/first_handlers.rs");
const ADDED_HANDLER: &str = include_str!("templates/added_handler.rs");
const README: &str = include_str!("templates/README.md");
const GITIGNORE: &str = include_str!("templates/gitignore");

/// The name of the handler crate that a workspace begins with.
pub(super) fn first_handlers(name: &str) -> String {
    format!("{name}-handlers")
}

/// The names of all crates in our lock file.
pub(super) fn locked() -> impl Iterator<Item = &'static str> {
    let lines = LOCK.lines();
    lines.filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

/// The files of a workspace: the path of each in it, and its text.
pub(super) fn workspace(name: &str, source: &Source) -> Vec<(String, String)> {
    let ident = ident(name);
    let words = [
        ("name", name),
        ("crate", &ident),
        ("rust_version", env!("CARGO_PKG_RUST_VERSION")),
        ("vestibule", &source.dependency("vestibule")),
        ("vestibule_server", &source.dependency("vestibule-server")),
        ("vestibule_testkit", &source.dependency("vestibule-testkit")),
    ];
    let file = |path: &str, template| (path.to_owned(), fill(template, &words));
    let handlers = first_handlers(name);
    let folder = format!("handlers/{handlers}");
    vec![
        file(".gitignore", GITIGNORE),
        ("Cargo.lock".to_owned(), LOCK.to_owned()),
        file("Cargo.toml", WORKSPACE),
        file("README.md", README),
        (format!("{folder}/Cargo.toml"), manifest(&handlers)),
        file(&format!("{folder}/src/lib.rs"), FIRST_HANDLERS),
        file("server/Cargo.toml", SERVER),
        file("server/src/main.rs", MAIN),
    ]
}

/// The files of a handler crate that is added to a workspace.
pub(super) fn added_handler(name: &str) -> Vec<(String, String)> {
    vec![
        ("Cargo.toml".to_owned(), manifest(name)),
        ("src/lib.rs".to_owned(), ADDED_HANDLER.to_owned()),
    ]
}

fn manifest(name: &str) -> String {
    fill(HANDLERS, &[("name", name)])
}

/// Puts words in the places of a template.
fn fill(template: &str, words: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (place, word) in words {
        text = text.replace(&format!("{{{{{place}}}}}"), word);
    }
    text
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;

    const ROOT: &str = include_str!("../../../../Cargo.toml");

    #[test]
    fn every_place_of_a_template_is_filled() {
        let files = workspace("shop", &Source::Published);
        for (path, text) in files.into_iter().chain(added_handler("billing")) {
            assert!(!text.contains("{{"), "{path}:\n{text}");
        }
    }

    #[test]
    fn a_workspace_is_built_as_ours_is() {
        let ours: Table = ROOT.parse().unwrap();
        let files = workspace("shop", &Source::Published);
        let (_, theirs) = files
            .into_iter()
            .find(|(path, _)| path == "Cargo.toml")
            .unwrap();
        let theirs: Table = theirs.parse().unwrap();
        assert_eq!(ours["profile"], theirs["profile"]);
        assert_eq!(
            ours["workspace"]["resolver"],
            theirs["workspace"]["resolver"]
        );
        for key in ["edition", "rust-version"] {
            let of = |it: &Table| it["workspace"]["package"][key].clone();
            assert_eq!(of(&ours), of(&theirs));
        }
    }
}
