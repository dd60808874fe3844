//! `vestibule new`: what it writes, and what it leaves alone. That it builds is tested by `tests/run new`.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use expect_test::expect_file;

use crate::server::{Ended, Folder};

/// Every file below a folder with its text, in order. The lock file is compared by itself.
fn tree(folder: &Path) -> String {
    let mut text = String::new();
    for file in files(folder) {
        let path = file.strip_prefix(folder).unwrap().display().to_string();
        if path != "Cargo.lock" {
            text += &format!("==== {path}\n{}", fs::read_to_string(&file).unwrap());
        }
    }
    text.replace(&source().display().to_string(), "SOURCE")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    };
    entries.into_iter().flat_map(below).collect()
}

/// Our source tree.
fn source() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().unwrap()
}

/// A folder with the workspace `shop`, and a way to run programs inside that.
fn with_shop() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let ended = folder.run(&["new", "shop"]);
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
    let shop = folder.path().join("shop");
    (folder, shop)
}

fn add_handler(folder: &Folder, workspace: &Path, name: &str) -> Ended {
    let mut command = folder.command(&["new", "--handler", name]);
    command.current_dir(workspace);
    crate::server::ended(command)
}

#[track_caller]
fn check_refused(ended: &Ended, why: &str) {
    assert_eq!(Some(2), ended.status.code(), "{ended:?}");
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
    assert_eq!("", ended.stdout);
}

#[test]
fn a_workspace_is_written_whole_and_says_what_comes_next() {
    let folder = Folder::new();
    // A configuration that is wrong is none of its business.
    fs::write(folder.path().join("vestibule.toml"), "nonsense").unwrap();
    let ended = folder.run(&["new", "shop"]);
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
    let said = ended
        .stdout
        .replace(&source().display().to_string(), "SOURCE");
    let expected = "shop is made; it uses Vestibule from SOURCE. Next:\n\n  cd shop\n  cargo test\n  \
                    cargo run -- handlers\n  cargo run\n";
    assert_eq!(expected, said);
    let shop = folder.path().join("shop");
    expect_file!["new_shop.txt"].assert_eq(&tree(&shop));
    let lock = |folder: &Path| fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    assert!(lock(&source()) == lock(&shop), "the lock file is ours");
    let entries = fs::read_dir(folder.path()).unwrap();
    assert_eq!(2, entries.count(), "nothing is left beside it");
}

#[test]
fn a_handler_crate_is_added_and_the_server_names_it() {
    let (folder, shop) = with_shop();
    let server = shop.join("server/Cargo.toml");
    let text = fs::read_to_string(&server).unwrap();
    fs::write(&server, text + "\n# For tests alone.\n[dev-dependencies]\n").unwrap();
    let before = tree(&shop);
    for name in ["billing", "a-first", "zebra_cross"] {
        let ended = add_handler(&folder, &shop, name);
        assert_eq!(Some(0), ended.status.code(), "{ended:?}");
        assert!(
            ended.stdout.contains(&format!("cargo test -p {name}")),
            "{ended:?}"
        );
    }
    let text = fs::read_to_string(server).unwrap();
    let added = "zebra_cross = { path = \"../handlers/zebra_cross\" }\n\n# For tests alone.\n";
    assert!(text.contains(added), "{text}");
    let main = fs::read_to_string(shop.join("server/src/main.rs")).unwrap();
    let links: Vec<_> = main
        .lines()
        .filter(|line| line.ends_with(" as _;"))
        .collect();
    let expected = ["a_first", "billing", "shop_handlers", "zebra_cross"];
    assert_eq!(expected.map(|name| format!("use {name} as _;")), *links);
    expect_file!["new_handler.txt"].assert_eq(&tree(&shop.join("handlers/billing")));

    // Nothing else has changed.
    for name in ["billing", "a-first", "zebra_cross"] {
        fs::remove_dir_all(shop.join("handlers").join(name)).unwrap();
    }
    let mut after = tree(&shop);
    for name in ["billing", "a-first", "zebra_cross"] {
        let ident = name.replace('-', "_");
        after = after.replace(
            &format!("{name} = {{ path = \"../handlers/{name}\" }}\n"),
            "",
        );
        after = after.replace(&format!("use {ident} as _;\n"), "");
    }
    assert_eq!(before, after);
}

#[test]
fn what_is_there_is_left_alone() {
    let folder = Folder::new();
    let mine = folder.path().join("shop/mine.txt");
    fs::create_dir(folder.path().join("shop")).unwrap();
    fs::write(&mine, "mine").unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    for name in ["shop", "file"] {
        let ended = folder.run(&["new", name]);
        check_refused(
            &ended,
            "exists already; choose another name, or move it away first",
        );
    }
    assert_eq!(2, files(folder.path()).len());

    // An empty folder may have been made for it.
    fs::remove_file(mine).unwrap();
    let ended = folder.run(&["new", "shop"]);
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
}

#[test]
fn names_that_are_none_are_refused_before_anything_is_written() {
    let (folder, shop) = with_shop();
    let before = tree(folder.path());
    for (name, why) in [
        ("../up", "begins with a letter"),
        ("2nd", "begins with a letter"),
        ("match", "keyword"),
        ("std", "comes with the compiler"),
        ("guest_limits", "made of"),
    ] {
        check_refused(&folder.run(&["new", name]), why);
        check_refused(&add_handler(&folder, &shop, name), why);
    }
    check_refused(&folder.run(&["new"]), "required");
    check_refused(
        &folder.run(&["new", "a", "--handler", "b"]),
        "cannot be used with",
    );
    assert_eq!(before, tree(folder.path()));
}

#[test]
fn a_handler_crate_needs_a_name_that_is_free() {
    let (folder, shop) = with_shop();
    assert_eq!(
        Some(0),
        add_handler(&folder, &shop, "billing").status.code()
    );
    // A crate may have another name than its folder.
    let old = shop.join("handlers/old");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("Cargo.toml"), "[package]\nname = \"invoices\"").unwrap();
    let before = tree(&shop);
    for name in [
        "billing",
        "shop",
        "shop-handlers",
        "shop_handlers",
        "invoices",
    ] {
        check_refused(
            &add_handler(&folder, &shop, name),
            &format!("a crate {name} exists already"),
        );
    }
    check_refused(
        &add_handler(&folder, &shop, "old"),
        "handlers/old exists already",
    );
    assert_eq!(before, tree(&shop));
}

#[test]
fn a_handler_crate_is_added_to_a_workspace_of_this_command_only() {
    let (folder, shop) = with_shop();
    let elsewhere = add_handler(&folder, folder.path(), "billing");
    check_refused(&elsewhere, "Cargo.toml: No such file");
    check_refused(
        &elsewhere,
        "run this where its Cargo.toml and its folder server are",
    );
    let within = add_handler(&folder, &shop.join("server"), "billing");
    check_refused(&within, "server/Cargo.toml: No such file");

    for (file, old, new, why) in [
        (
            "Cargo.toml",
            "\"handlers/*\"",
            "",
            "the members in Cargo.toml lack \"handlers/*\"",
        ),
        ("Cargo.toml", "\ntokio", "\n# tokio", "lacks \"tokio\""),
        ("Cargo.toml", "[workspace]", "[workspace", "Cargo.toml: "),
        (
            "server/Cargo.toml",
            "[dependencies]",
            "[dev-dependencies]",
            "lacks [dependencies]",
        ),
        (
            "server/src/main.rs",
            " as _;",
            ";",
            "lacks a line like `use billing as _;`",
        ),
    ] {
        let file = shop.join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "{text}");
        fs::write(&file, text.replace(old, new)).unwrap();
        let before = tree(&shop);
        check_refused(&add_handler(&folder, &shop, "billing"), why);
        assert_eq!(before, tree(&shop));
        fs::write(&file, text).unwrap();
    }
}

#[test]
fn a_source_tree_is_looked_at_before_it_is_believed() {
    let folder = Folder::new();
    let run = |path: &Path| folder.run(&["new", "shop", "--source", path.to_str().unwrap()]);
    let ended = run(&folder.path().join("gone"));
    check_refused(&ended, "gone is no source tree of Vestibule: No such file");
    check_refused(
        &run(folder.path()),
        "crates/vestibule/Cargo.toml: No such file",
    );
    let other = folder.path().join("crates/vestibule");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("Cargo.toml"), "[package]\nname = \"other\"").unwrap();
    check_refused(&run(folder.path()), "is not that of the package vestibule");
    assert!(!folder.path().join("shop").exists());

    // As seen from elsewhere the path is the same.
    let below = source().join("crates/../");
    assert_eq!(Some(0), run(&below).status.code());
    let manifest = fs::read_to_string(folder.path().join("shop/Cargo.toml")).unwrap();
    let line = format!(
        "vestibule = {{ path = \"{}/crates/vestibule\" }}",
        source().display()
    );
    assert!(manifest.contains(&line), "{manifest}");
}

#[test]
fn when_a_file_cannot_be_written_nothing_is() {
    // Root writes everywhere, but not into a file as if it were a folder.
    let (folder, shop) = with_shop();
    let handlers = shop.join("handlers");
    fs::rename(&handlers, shop.join("away")).unwrap();
    fs::write(&handlers, "in the way").unwrap();
    let before = tree(&shop);
    let ended = add_handler(&folder, &shop, "billing");
    assert_eq!(Some(1), ended.status.code(), "{ended:?}");
    assert!(
        ended.stderr.contains("handlers cannot be written"),
        "{}",
        ended.stderr
    );
    assert_eq!(before, tree(&shop));
}

#[test]
fn others_may_read_what_was_written_as_far_as_they_may_here() {
    let (_folder, shop) = with_shop();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let plain = shop.with_file_name("plain");
    fs::create_dir(&plain).unwrap();
    assert_eq!(mode(&plain), mode(&shop));
}
