//! `vestibule handlers run`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use crate::server::{Ended, Folder, ended};

/// The program, with temporary files in a folder of the test's own.
fn command(folder: &Folder, arguments: &[&str]) -> Command {
    fs::create_dir_all(temporary(folder)).unwrap();
    let arguments = [&["handlers", "run"], arguments].concat();
    let mut command = folder.command(&arguments);
    command.env("TMPDIR", temporary(folder));
    command
}

fn run(folder: &Folder, arguments: &[&str]) -> Ended {
    ended(command(folder, arguments))
}

/// How many copies there are just now.
fn copies(folder: &Folder) -> usize {
    fs::read_dir(temporary(folder)).unwrap().count()
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
    let before_the_command = ended(folder.command(&["handlers", "--json", "run", "loginAsGuest"]));
    assert!(
        before_the_command.stdout.starts_with('{'),
        "{before_the_command:?}"
    );
    assert_eq!(0, copies(&folder));

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
        assert_eq!(0, copies(&folder));
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the server is another process, whose clock nobody moves"
)]
fn whoever_breaks_it_off_leaves_no_copy_behind() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    // Somebody who has the database alone keeps the copy waiting.
    let alone = Connection::open(folder.data().join("vestibule.db")).unwrap();
    let lock = "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; PRAGMA user_version = 1;";
    alone.execute_batch(lock).unwrap();
    for (signal, code, name) in [(Signal::INT, 130, "SIGINT"), (Signal::TERM, 143, "SIGTERM")] {
        let mut child = command(&folder, &["loginAsGuest"]);
        let child = child.spawn().unwrap();
        let patience = Instant::now() + Duration::from_secs(30);
        while copies(&folder) == 0 && Instant::now() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(Some(code), output.status.code(), "{output:?}");
        let told = format!("error: ended by {name}; the copy of the data was removed\n");
        assert_eq!(told, String::from_utf8_lossy(&output.stderr));
        assert_eq!(0, copies(&folder));
    }
}

#[test]
fn the_log_is_shown_to_whoever_asks_for_it_and_to_nobody_else() {
    let folder = Folder::new();
    fs::write(folder.path().join("vestibule.toml"), "log = \"debug\"").unwrap();
    let quiet = run(&folder, &["loginAsGuest"]);
    assert_eq!((Some(0), ""), (quiet.status.code(), &*quiet.stderr));
    for arguments in [
        &["loginAsGuest", "--log", "debug"][..],
        &["--log", "debug", "loginAsGuest"],
    ] {
        let told = run(&folder, arguments);
        assert_eq!(quiet.stdout, told.stdout);
        assert!(!told.stderr.is_empty(), "{told:?}");
    }
}

#[test]
fn no_value_of_an_event_stands_in_what_is_told_of_its_file() {
    let folder = Folder::new();
    let file = folder.path().join("event.json");
    let with = file.to_str().unwrap();
    for (event, text) in [
        (
            "login",
            r#"{ "login": "ann", "password": "hunter2", "link": "hunter2" }"#,
        ),
        ("register", r#"{ "properties": "hunter2" }"#),
        ("register", r#"{ "password": "hunter2" "#),
        ("register", r#"{ "password": "hunter2" hunter2 }"#),
        ("register", r#"{ "password": 1e999, "email": "hunter2" }"#),
        ("register", r#""hunter2""#),
        (
            "verifyPassword",
            r#"{ "userId": "hunter2", "password": "hunter2" }"#,
        ),
        (
            "setPasswordByLink",
            r#"{ "link": { "hunter2": 1 }, "password": "hunter2" }"#,
        ),
        ("setPasswordByLink", r#"{ "pasword": "hunter2" }"#),
        (
            "changeUserStatus",
            r#"{ "objectId": "A", "status": "hunter2" }"#,
        ),
        (
            "invokeService",
            r#"{ "service": 1, "arguments": { "password": "hunter2" } }"#,
        ),
        (
            "runTimer",
            r#"{ "timer": "hunter2", "password": "hunter2" }"#,
        ),
    ] {
        fs::write(&file, text).unwrap();
        let told = run(&folder, &[event, "--with", with]);
        let all = format!("{}{}", told.stdout, told.stderr);
        assert_eq!(Some(2), told.status.code(), "{text}: {all}");
        assert!(!all.contains("hunter2"), "{text}: {all}");
    }
}
