//! How a server ends when it is asked to.

use rustix::process::Signal;
use serde_json::json;

use crate::{
    client::Client,
    server::{Folder, Server},
};

const ADA: &str = r#"{"email": "ada@example.com", "password": "analytical engine"}"#;

/// A registration whose handler waits for the body: it has begun, and cannot end yet.
fn unfinished_registration(server: &Server) -> Client {
    let mut client = server.client();
    let path = format!("{}/users/register", server.root());
    // The server answers "go on" when it begins to read the body, and not before.
    let headers = [("expect", "100-continue")];
    client
        .send_head("POST", &path, &headers, ADA.len())
        .unwrap();
    assert_eq!(100, client.answer().unwrap().status);
    client
}

#[test]
fn a_call_that_has_begun_is_finished_after_sigterm() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let mut client = unfinished_registration(&server);
    server.signal(Signal::TERM);
    server.logged("SIGTERM: finishing what has begun");
    client.send(ADA).unwrap();
    assert_eq!("ada@example.com", client.answer().unwrap().ok()["email"]);
    let ended = server.ended();
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");

    let server = folder.serve(&[]);
    let path = format!("{}/users/login", server.root());
    let login = json!({"login": "ada@example.com", "password": "analytical engine"});
    server
        .client()
        .call("POST", &path, &[], Some(&login))
        .unwrap()
        .ok();
    server.stop();
}

#[test]
fn a_connection_that_asks_for_nothing_does_not_keep_the_server() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let mut idle = server.client();
    idle.call("GET", "/healthz", &[], None).unwrap();
    server.stop();
}

#[test]
fn ctrl_c_ends_the_server_cleanly_too() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    server.signal(Signal::INT);
    let ended = server.ended();
    assert_eq!(Some(0), ended.status.code(), "{ended:?}");
    assert!(ended.stderr.contains("ended"), "{ended:?}");
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let _unfinished = unfinished_registration(&server);
    server.signal(Signal::TERM);
    server.logged("SIGTERM: finishing what has begun");
    server.signal(Signal::TERM);
    let ended = server.ended();
    assert_eq!(Some(143), ended.status.code(), "{ended:?}");
    assert!(
        ended.stderr.contains("error: a second signal (SIGTERM)"),
        "{ended:?}"
    );
}
