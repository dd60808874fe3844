//! What a newcomer sees, and may paste.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, process::Command};

use crate::{
    guest::Guest,
    server::{Folder, Server},
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_curl_of_the_start_up_text_logs_a_guest_in() {
    let server = Folder::new();
    let server = server.serve(&[]);
    let curl = server
        .greeting
        .lines()
        .find(|line| line.contains("curl"))
        .unwrap();
    // Pasted as it is, but for the patience of a test.
    let curl = format!("{curl} --max-time 30");
    let output = Command::new("sh").args(["-c", &curl]).output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {output:?}");
    });
    let guest = Guest::of(&answer);
    assert!(guest.is_logged_in(&mut server.client(), &server.root()));
    server.stop();
}

#[test]
fn the_admin_token_is_in_a_file_that_only_its_owner_can_read() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let file = folder.data().join("admin-token");
    assert_eq!((0o600, 0o700), (mode(&file), mode(&folder.data())));
    let told = format!("in {}", fs::canonicalize(&file).unwrap().display());
    assert_eq!(told, server.told("admin token"));

    let token = fs::read_to_string(&file).unwrap();
    let token = token.trim_end();
    assert!(!server.greeting.contains(token), "{}", server.greeting);
    let bearer = format!("Bearer {token}");
    for (bearer, status) in [(bearer.as_str(), 200), ("Bearer nonsense", 401)] {
        let headers = [("authorization", bearer)];
        let answer = server
            .client()
            .call("GET", "/admin/api/app", &headers, None)
            .unwrap();
        assert_eq!(status, answer.status, "{answer:?}");
    }
    server.stop();
}

#[test]
fn the_start_up_text_says_what_runs_and_shows_no_secret() {
    let folder = Folder::new();
    let server = folder.serve(&["--key-cloudcode", "the-key-of-trusted-servers"]);
    assert!(
        server.greeting.starts_with("vestibule "),
        "{}",
        server.greeting
    );
    assert!(server.told("profile").starts_with("strict: "));
    assert!(server.told("BL key").starts_with("on: "));
    assert!(
        server
            .told("handlers")
            .starts_with("2 handlers from 2 crates")
    );
    assert_eq!(
        fs::canonicalize(folder.data()).unwrap().to_str(),
        Some(server.told("data"))
    );
    server.signal(rustix::process::Signal::TERM);
    let ended = server.ended();
    for text in [ended.stdout, ended.stderr] {
        assert!(!text.contains("the-key-of-trusted-servers"), "{text}");
    }
}

#[test]
fn a_server_whose_log_nobody_reads_any_more_goes_on() {
    let folder = Folder::new();
    let (reader, log) = io::pipe().unwrap();
    let mut command = folder.command(&["--listen", "127.0.0.1:0", "--log", "trace"]);
    command.stderr(log);
    let server = Server::start(command);
    drop(reader);
    let guest = Guest::log_in(&mut server.client(), &server.root()).unwrap();
    assert!(guest.is_logged_in(&mut server.client(), &server.root()));
    server.stop();
}

#[test]
fn the_most_talkative_log_shows_no_token_and_no_key() {
    let folder = Folder::new();
    let server = folder.serve(&["--log", "trace,h2=trace,hyper=trace,axum=trace"]);
    let guest = Guest::log_in(&mut server.client(), &server.root()).unwrap();
    assert!(guest.is_logged_in(&mut server.client(), &server.root()));
    // What is no request is told in detail only.
    let mut confused = server.client();
    confused.send("no request\r\n\r\n").unwrap();
    confused.answer().unwrap();
    let key = server.told("JS key").to_owned();
    server.signal(rustix::process::Signal::TERM);
    let log = server.ended().stderr;
    assert!(
        log.contains("DEBUG"),
        "the log is not talkative at all: {log}"
    );
    let secret = guest.token.split_once('.').unwrap().1;
    for text in [secret, &key] {
        assert!(!log.contains(text), "{text} stands in the log: {log}");
    }
}
