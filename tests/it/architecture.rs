//! The table of `ARCHITECTURE.md` against what cargo says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value as Json;

/// Third-party crates that a layer must never see, as `ARCHITECTURE.md` says in words.
const NEVER: [(&str, &[&str]); 6] = [
    (
        "vestibule-model",
        &["serde", "sea-query", "rusqlite", "http", "hyper", "axum"],
    ),
    (
        "vestibule-storage",
        &["sea-query", "rusqlite", "http", "hyper", "axum"],
    ),
    (
        "vestibule-sql",
        &["rusqlite", "sea-query-rusqlite", "http", "hyper", "axum"],
    ),
    (
        "vestibule-core",
        &["sea-query", "rusqlite", "http", "hyper", "axum"],
    ),
    (
        "vestibule",
        &["sea-query", "rusqlite", "http", "hyper", "axum"],
    ),
    ("vestibule-http", &["sea-query", "rusqlite"]),
];

type Edges = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Normal dependencies of every package of the workspace: those of ours, and those of others.
fn from_cargo() -> (Edges, Edges) {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Json = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |json: &Json| json["name"].as_str().unwrap().to_owned();
    let workspace: BTreeSet<_> = packages.iter().map(name).collect();
    let (mut ours, mut theirs) = (Edges::new(), Edges::new());
    for package in packages {
        let normal = package["dependencies"].as_array().unwrap().iter();
        let normal = normal
            .filter(|dependency| dependency["kind"].is_null())
            .map(name);
        let (of_ours, of_others) = normal.partition(|name| workspace.contains(name));
        ours.insert(name(package), of_ours);
        theirs.insert(name(package), of_others);
    }
    (ours, theirs)
}

/// The rows of the table: package, and what it may use of ours.
fn from_the_table() -> Edges {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let uses = cells[4]
            .split(',')
            .map(|name| name.trim().trim_matches('`'));
        let uses = uses
            .filter(|name| !name.is_empty() && *name != "-")
            .map(str::to_owned);
        (cells[2].trim_matches('`').to_owned(), uses.collect())
    })
    .collect()
}

#[test]
fn every_crate_uses_exactly_what_the_table_says() {
    let (ours, _) = from_cargo();
    let table = from_the_table();
    for package in ours.keys() {
        let has_row = table.contains_key(package);
        assert!(
            has_row,
            "{package} has no row in the table of ARCHITECTURE.md; add one"
        );
    }
    for package in table.keys() {
        let is_there = ours.contains_key(package);
        assert!(
            is_there,
            "the table of ARCHITECTURE.md has a row for {package}, which is no more"
        );
    }
    for (package, uses) in &ours {
        assert_eq!(
            &table[package], uses,
            "the row of {package} in ARCHITECTURE.md is not true"
        );
    }
}

#[test]
fn no_layer_sees_what_it_must_never_see() {
    let (_, theirs) = from_cargo();
    for (package, forbidden) in NEVER {
        let seen: Vec<_> = forbidden
            .iter()
            .filter(|name| theirs[package].contains(**name))
            .collect();
        assert!(seen.is_empty(), "{package} must never see {seen:?}");
    }
}

#[test]
fn one_crate_knows_how_mails_are_sent() {
    let (_, theirs) = from_cargo();
    let knows = |uses: &BTreeSet<String>| uses.contains("lettre");
    let knowing = theirs.iter().filter(|(_, uses)| knows(uses));
    let knowing: Vec<_> = knowing.map(|(package, _)| package.as_str()).collect();
    assert_eq!(["vestibule-mail"], *knowing);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let output = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(root())
        .output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "git must be there: the test asks it for the files"
    );
    for file in String::from_utf8(output.stdout).unwrap().lines() {
        // A file that was removed and not yet committed is still listed.
        let Ok(text) = fs::read_to_string(root().join(file)) else {
            continue;
        };
        let lines = text.lines().count();
        assert!(
            lines <= 500,
            "{file} has {lines} lines; split it by subject"
        );
    }
}

#[test]
fn every_rule_of_the_pipeline_names_its_tests() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for number in [1, 2, 3, 4, 5, 6, 7, 8, 9, 11] {
        let file = format!("rule_{number:02}");
        assert!(text.contains(&file), "ARCHITECTURE.md does not name {file}");
        let path = root()
            .join("crates/core/tests/it")
            .join(&file)
            .with_extension("rs");
        let tests = fs::read_to_string(path).unwrap();
        assert!(tests.contains("#[tokio::test"), "{file} has no test");
    }
}
