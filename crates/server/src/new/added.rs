//! `vestibule new --handler`: a handler crate more in a workspace that this command has made.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::Table;

use super::{NewError, draft::Draft, name::ident, replacement::Replacement, templates};

const MEMBERS: &str = "handlers/*";
const SERVER: &str = "server/Cargo.toml";
const MAIN: &str = "server/src/main.rs";

/// What the manifest of a handler crate takes from that of the workspace.
const INHERITED: [(&str, &[&str]); 2] = [
    (
        "package",
        &["version", "edition", "rust-version", "publish"],
    ),
    (
        "dependencies",
        &[
            "vestibule",
            "vestibule-testkit",
            "serde",
            "serde_json",
            "tokio",
        ],
    ),
];

/// Adds a handler crate, and returns what to say about it.
pub(super) fn add(here: &Path, name: &str) -> Result<String, NewError> {
    let workspace = Workspace::at(here)?;
    let folder = here.join("handlers").join(name);
    workspace.check_free(name)?;
    let manifest = workspace.with_dependency(name)?;
    let main = workspace.with_use(&ident(name))?;

    let draft = Draft::within(here, &folder)?;
    for (path, text) in templates::added_handler(name) {
        draft.write(&path, &text)?;
    }
    let manifest = Replacement::write(&here.join(SERVER), &manifest)?;
    let main = Replacement::write(&here.join(MAIN), &main)?;
    let handlers = here.join("handlers");
    fs::create_dir_all(&handlers).map_err(NewError::write(&handlers))?;
    draft.put_in_place(&folder)?;
    let replaced = manifest.put_in_place().and_then(|()| {
        let replaced = main.put_in_place();
        // The text was there a moment ago; when it cannot be put back, the error tells of the disk.
        replaced.inspect_err(|_| drop(fs::write(here.join(SERVER), &workspace.server)))
    });
    replaced.inspect_err(|_| drop(fs::remove_dir_all(&folder)))?;
    Ok(format!(
        "handlers/{name} is made, and the server runs its handlers. Next:\n\n  cargo test -p {name}\n  \
         cargo run -- handlers\n"
    ))
}

/// A workspace that this command has made, as far as it matters here.
struct Workspace<'a> {
    folder: &'a Path,
    /// The server's manifest, as text and as what it says.
    server: String,
    server_says: Table,
    main: String,
}

impl<'a> Workspace<'a> {
    /// Looks whether there is one in this folder.
    fn at(folder: &'a Path) -> Result<Self, NewError> {
        let refusal = |why: String| NewError::Workspace {
            path: folder.to_owned(),
            why,
        };
        let read = |path: &str| {
            let text = fs::read_to_string(folder.join(path));
            text.map_err(|error| refusal(format!("{path}: {error}")))
        };
        let parsed = |path: &str, text: &str| {
            let table = text.parse::<Table>();
            table.map_err(|error| refusal(format!("{path}: {}", error.message())))
        };
        let root = parsed("Cargo.toml", &read("Cargo.toml")?)?;
        let server = read(SERVER)?;
        let server_says = parsed(SERVER, &server)?;
        let main = read(MAIN)?;
        let workspace = root.get("workspace");
        let members = workspace.and_then(|it| it.get("members")?.as_array());
        let has_handlers =
            members.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(MEMBERS)));
        if !has_handlers {
            return Err(refusal(format!(
                "the members in Cargo.toml lack {MEMBERS:?}"
            )));
        }
        for (table, keys) in INHERITED {
            for key in keys {
                let found = workspace.and_then(|it| it.get(table)?.get(key));
                if found.is_none() {
                    let why = format!("[workspace.{table}] in Cargo.toml lacks {key:?}");
                    return Err(refusal(why));
                }
            }
        }
        Ok(Self {
            folder,
            server,
            server_says,
            main,
        })
    }

    /// Refuses the name of a crate that there is.
    fn check_free(&self, name: &str) -> Result<(), NewError> {
        let is_it = |other: &str| ident(other) == ident(name);
        let taken = |place: PathBuf| Err(NewError::Taken(name.to_owned(), place));
        let depends = self
            .server_says
            .get("dependencies")
            .and_then(|it| it.as_table());
        let mut depends = depends.into_iter().flat_map(Table::keys);
        if package(&self.server_says).is_some_and(is_it) || depends.any(|other| is_it(other)) {
            return taken(self.folder.join(SERVER));
        }
        // Without the folder there are none.
        let folders = fs::read_dir(self.folder.join("handlers"))
            .into_iter()
            .flatten();
        for folder in folders.filter_map(Result::ok).map(|entry| entry.path()) {
            let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            if text
                .parse()
                .is_ok_and(|says| package(&says).is_some_and(is_it))
            {
                return taken(folder);
            }
        }
        Ok(())
    }

    /// The server's manifest with the crate among its dependencies, behind those that it has.
    fn with_dependency(&self, name: &str) -> Result<String, NewError> {
        let line = format!("{name} = {{ path = \"../handlers/{name}\" }}");
        let mut lines: Vec<_> = self.server.lines().collect();
        let head = lines
            .iter()
            .position(|line| line.trim() == "[dependencies]");
        if let Some(head) = head {
            let section = lines[head + 1..].iter();
            let section = section.take_while(|line| !line.starts_with('['));
            // A comment at the end belongs to the next section.
            let is_entry = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
            let last = section
                .enumerate()
                .filter(|(_, line)| is_entry(line))
                .last();
            lines.insert(head + 1 + last.map_or(0, |(at, _)| at + 1), &line);
        }
        let text = lines.join("\n") + "\n";
        // Whatever else people have made of the file: this says whether the line is where it ought to be.
        let says: Option<Table> = text.parse().ok();
        let found = says
            .as_ref()
            .and_then(|it| it.get("dependencies")?.get(name));
        match found {
            Some(_) => Ok(text),
            None => Err(self.unlike(SERVER, &format!("[dependencies] to put `{line}` under"))),
        }
    }

    /// The server's main file with a line that links the crate, among those that it has.
    fn with_use(&self, ident: &str) -> Result<String, NewError> {
        let line = format!("use {ident} as _;");
        let mut lines: Vec<_> = self.main.lines().collect();
        let is_link = |line: &str| line.starts_with("use ") && line.ends_with(" as _;");
        let Some(first) = lines.iter().position(|line| is_link(line)) else {
            return Err(self.unlike(
                MAIN,
                &format!("a line like `{line}` to put this one beside"),
            ));
        };
        let block = lines[first..].iter().take_while(|line| is_link(line));
        // In the order that rustfmt wants.
        let before = block.take_while(|other| ***other < *line).count();
        lines.insert(first + before, &line);
        Ok(lines.join("\n") + "\n")
    }

    fn unlike(&self, file: &str, what: &str) -> NewError {
        NewError::Workspace {
            path: self.folder.to_owned(),
            why: format!("{file} lacks {what}"),
        }
    }
}

/// The name of the package that a manifest is about.
fn package(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}
