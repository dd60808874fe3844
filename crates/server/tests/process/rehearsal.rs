//! `vestibule handlers run`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};

use crate::server::{Ended, Folder};

/// The program, with temporary files in a folder of the test's own.
fn run(folder: &Folder, arguments: &[&str]) -> Ended {
    fs::create_dir_all(temporary(folder)).unwrap();
    let arguments = [&["handlers", "run"], arguments].concat();
    let mut command = folder.command(&arguments);
    command.env("TMPDIR", temporary(folder));
    crate::server::ended(command)
}

fn temporary(folder: &Folder) -> PathBuf {
    folder.path().join("temporary")
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = files.map(|file| (file.path(), fs::read(file.path()).ok()));
    files.collect()
}

fn guest(server: &crate::server::Server) -> String {
    let path = format!("{}/users/register/guest", server.root());
    let login = server.client().call("POST", &path, &[], None).unwrap();
    login.json()["objectId"].as_str().unwrap().to_owned()
}

#[test]
fn an_event_is_tried_beside_a_server_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let id = guest(&server);
    let file = folder.path().join("event.json");
    fs::write(
        &file,
        r#"{ "properties": { "name": "Ann", "password": "hunter2" } }"#,
    )
    .unwrap();

    let with = ["--with", file.to_str().unwrap()];
    let tried = run(&folder, &[&["loginAsGuest"], &with[..]].concat());
    assert_eq!(Some(0), tried.status.code(), "{tried:?}");
    for part in [
        "loginAsGuest by nobody, with the JS key, on a copy of ",
        "1  guest_limits::limit_guests (before): continued",
        "next: the operation loginAsGuest runs; no after handler is for it",
    ] {
        assert!(tried.stdout.contains(part), "{part}: {tried:?}");
    }
    let arguments = [
        &["loginAsGuest", "--json", "--as", &id, "--key", "rest"],
        &with[..],
    ]
    .concat();
    let tried = run(&folder, &arguments);
    let report: Json = serde_json::from_str(&tried.stdout).unwrap_or_else(|_| panic!("{tried:?}"));
    assert_eq!(
        (&json!(id), &json!("REST")),
        (&report["user"], &report["key"])
    );
    let call = &report["calls"][0];
    let properties = json!({ "properties": { "name": "Ann", "password": "***" } });
    assert_eq!(
        (&properties, &Json::Null),
        (&call["input"], &call["ending"])
    );
    assert_eq!("guest_limits::limit_guests", call["steps"][0]["handler"]);
    assert_eq!(0, fs::read_dir(temporary(&folder)).unwrap().count());

    // The server goes on, and knows of the guest that it made only.
    guest(&server);
    server.stop();
    let before = contents(&folder.data());
    run(&folder, &["loginAsGuest"]);
    assert!(before == contents(&folder.data()), "something has changed");
}

#[test]
fn without_a_database_an_event_is_tried_on_an_empty_one() {
    let folder = Folder::new();
    let tried = run(&folder, &["loginAsGuest"]);
    assert!(tried.stdout.contains("on an empty database"), "{tried:?}");
    assert!(!folder.data().exists());
}

#[test]
fn what_is_wrong_with_an_event_is_told_by_its_place() {
    let folder = Folder::new();
    let (wrong, torn) = (
        folder.path().join("wrong.json"),
        folder.path().join("torn.json"),
    );
    fs::write(&wrong, r#"{ "table": "Item", "propertys": {} }"#).unwrap();
    fs::write(&torn, "{\n  \"table\":").unwrap();
    let (wrong, torn) = (wrong.to_str().unwrap(), torn.to_str().unwrap());
    for (arguments, told) in [
        (
            &["create", "--with", wrong][..],
            "/propertys: there is no such field; did you mean properties?",
        ),
        (
            &["create", "--with", torn],
            "torn.json is no JSON: EOF while parsing a value at line 2",
        ),
        (
            &["create", "--with", "missing.json"],
            "missing.json cannot be read",
        ),
        (
            &["LoginAsGuests"],
            "there is no event LoginAsGuests; did you mean loginAsGuest?",
        ),
        (
            &["logout", "--as", "NOBODY"],
            "there is no session for NOBODY",
        ),
        (
            &["logout", "--key", "PHP"],
            "the keys are JS, REST, ANDROID, IOS, BL",
        ),
    ] {
        let refused = run(&folder, arguments);
        assert_eq!(Some(2), refused.status.code(), "{refused:?}");
        assert!(refused.stderr.contains(told), "{told}: {refused:?}");
        assert_eq!(0, fs::read_dir(temporary(&folder)).unwrap().count());
    }
}
