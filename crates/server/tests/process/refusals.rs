//! Starts that must fail: one line that says what to do, an exit code, and nothing else.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use crate::server::{Ended, Folder, ended};

#[track_caller]
pub(crate) fn refused(code: i32, texts: &[&str], ended: &Ended) {
    assert_eq!(Some(code), ended.status.code(), "{ended:?}");
    assert_eq!("", ended.stdout, "{ended:?}");
    let errors: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(1, errors.len(), "{ended:?}");
    assert!(errors[0].starts_with("error: "), "{ended:?}");
    for text in texts {
        assert!(errors[0].contains(text), "{text:?} is not in {ended:?}");
    }
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let folder = Folder::new();
    let first = folder.serve(&[]);
    let second = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    refused(
        1,
        &["another vestibule is running in the data folder", "--data"],
        &second,
    );
    first.stop();
}

#[test]
fn a_port_in_use_is_refused_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let ended = folder.run(&["--listen", &address]);
    refused(
        1,
        &[
            "cannot listen on",
            &address,
            "choose another port with --listen",
        ],
        &ended,
    );
    assert!(!folder.data().exists());
}

#[test]
fn a_folder_that_cannot_be_used_is_refused() {
    let folder = Folder::new();
    fs::write(folder.path().join("a-file"), "").unwrap();
    let ended = folder.run(&["--listen", "127.0.0.1:0", "--data", "a-file/data"]);
    refused(1, &["a-file/data", "check that it is a folder"], &ended);
}

#[test]
fn a_database_from_the_future_is_refused() {
    let folder = Folder::new();
    folder.serve(&[]).stop();
    let database = rusqlite::Connection::open(folder.data().join("vestibule.db")).unwrap();
    database
        .execute(
            "UPDATE vestibule_migration SET version = 999999 WHERE version = 1",
            [],
        )
        .unwrap();
    drop(database);
    let ended = folder.run(&["--listen", "127.0.0.1:0"]);
    refused(1, &["999999", "install a newer vestibule"], &ended);
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = Folder::new();
    fs::create_dir(folder.data()).unwrap();
    fs::write(folder.data().join("vestibule.db"), "a letter to my mother").unwrap();
    let ended = folder.run(&["--listen", "127.0.0.1:0"]);
    refused(1, &["vestibule.db", "cannot be opened"], &ended);
}

#[test]
fn a_postgres_that_cannot_be_reached_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let nobody = format!("postgres://shop:hunter2@{}/shop", nobody.unwrap());
    let without_tls = said_no_to_tls();
    for (code, url, texts) in [
        (
            1,
            nobody.as_str(),
            [
                "the database shop on 127.0.0.1 cannot be reached",
                "check that it runs",
            ],
        ),
        (
            1,
            &format!("postgres://shop:hunter2@{without_tls}/shop?sslmode=require"),
            ["does not support TLS", "?sslmode=disable"],
        ),
        (
            2,
            "postgres://shop:hunter2@127.0.0.1/shop?sslmode=perhaps",
            ["sslmode", "is not understood"],
        ),
        (
            2,
            "postgres://shop:hun@ter2@127.0.0.1/shop",
            ["VESTIBULE_DATABASE must be", "%40"],
        ),
    ] {
        let mut command = folder.command(&["--listen", "127.0.0.1:0"]);
        command.env("VESTIBULE_DATABASE", url);
        let ended = ended(command);
        refused(code, &texts, &ended);
        assert!(!ended.stderr.contains("ter2"), "{ended:?}");
    }
}

/// The address of a database that, asked for TLS, says no.
fn said_no_to_tls() -> SocketAddr {
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = database.local_addr().unwrap();
    thread::spawn(move || {
        let (mut client, _) = database.accept().unwrap();
        let mut asked = [0; 8];
        client.read_exact(&mut asked).unwrap();
        client.write_all(b"N").unwrap();
    });
    address
}

#[test]
fn a_handler_that_is_expected_and_not_linked_keeps_the_server_from_starting() {
    let folder = Folder::new();
    let file = folder.path().join("vestibule.toml");
    fs::write(file, "expect_handlers = [\"doorman::check\"]").unwrap();
    let ended = folder.run(&["--listen", "127.0.0.1:0"]);
    refused(
        2,
        &[
            "doorman::check",
            "use doorman as _;",
            "guest_limits::limit_guests",
        ],
        &ended,
    );
    assert!(!folder.data().exists());
}

#[test]
fn a_key_that_is_stored_for_another_kind_is_refused() {
    let folder = Folder::new();
    folder.serve(&["--key-js", "one-key-for-everything"]).stop();
    let flags = [
        "--listen",
        "127.0.0.1:0",
        "--key-cloudcode",
        "one-key-for-everything",
    ];
    let ended = folder.run(&flags);
    refused(
        1,
        &["the JS key and the BL key are the same", "choose another"],
        &ended,
    );
    assert!(!ended.stderr.contains("one-key"), "{ended:?}");
}
