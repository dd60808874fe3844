//! `vestibule schema`.

use std::fs;

use serde_json::Value as Json;

use crate::server::Folder;

#[test]
fn without_a_database_it_says_what_the_first_start_makes_and_makes_nothing() {
    let folder = Folder::new();
    let ended = folder.run(&["schema"]);
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
    assert_eq!("", ended.stderr);
    for text in [
        "Users",
        "email",
        "STRING(",
        "there is no database in",
        "first start",
    ] {
        assert!(ended.stdout.contains(text), "{text:?}: {}", ended.stdout);
    }
    assert_eq!(0, fs::read_dir(folder.path()).unwrap().count());
}

#[test]
fn beside_a_running_server_and_after_it_the_database_is_read_and_not_changed() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let beside = folder.run(&["schema"]);
    assert_eq!(Some(0), beside.status.code(), "{beside:?}");
    assert!(!beside.stdout.contains("no database"), "{}", beside.stdout);
    server.stop();
    let after = folder.run(&["schema"]);
    assert_eq!(beside.stdout, after.stdout);
    assert!(after.stdout.contains("1 table and "), "{}", after.stdout);
    // A server that starts now finds everything as it was.
    folder.serve(&[]).stop();
}

#[test]
fn as_json_it_has_the_keys_of_the_admin_api() {
    let folder = Folder::new();
    let ended = folder.run(&["schema", "--json"]);
    let tables: Json = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!("Users", tables[0]["name"]);
    assert_eq!(Json::Bool(true), tables[0]["system"]);
    let columns = tables[0]["columns"].as_array().unwrap();
    let email = columns.iter().find(|column| column["name"] == "email");
    assert_eq!("STRING", email.unwrap()["type"]);
}

#[test]
fn a_database_of_another_version_is_left_as_it_is() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let file = folder.data().join("vestibule.db");
    let set = |version: i64| {
        let database = rusqlite::Connection::open(&file).unwrap();
        let statement = "DELETE FROM vestibule_migration WHERE version > 1";
        database.execute(statement, []).unwrap();
        let statement = "UPDATE vestibule_migration SET version = ?";
        database.execute(statement, [version]).unwrap();
    };
    for (version, advice) in [(1, "start the server once"), (999_999, "newer vestibule")] {
        set(version);
        let ended = folder.run(&["schema"]);
        assert_eq!(Some(1), ended.status.code(), "{ended:?}");
        assert!(ended.stderr.contains(advice), "{ended:?}");
        assert_eq!(1, ended.stderr.lines().count(), "{ended:?}");
    }
}
