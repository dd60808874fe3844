//! kill -9 under load: what was acknowledged is there.

use std::{
    hash::{BuildHasher, RandomState},
    sync::mpsc,
    thread,
};

use serde_json::json;

use crate::{
    guest::Guest,
    operator::{self, ADMIN_TOKEN},
    server::{Folder, Server},
};

const ROUNDS: usize = 4;
const CLIENTS: usize = 8;

#[test]
fn every_guest_that_was_acknowledged_survives_kill_9() {
    let folder = Folder::new();
    let mut guests: Vec<Guest> = Vec::new();
    for round in 0..ROUNDS {
        let server = folder.serve(&["--profile", "backendless", "--admin-token", ADMIN_TOKEN]);
        if round == 0 {
            welcome_any_number(&server);
        }
        expect_all(&guests, &server);
        // A random moment: after so many answers, and wherever the server is by then.
        let moment = 1 + usize::try_from(RandomState::new().hash_one(round) % 400).unwrap();
        guests = log_in_until_killed(server, moment);
        assert!(
            guests.len() >= moment,
            "round {round}: {} of {moment}",
            guests.len()
        );
    }
    let server = folder.serve(&[]);
    expect_all(&guests, &server);
    server.stop();
}

/// Logs guests in on several connections, kills the server after so many of them, and returns all
/// that were acknowledged.
fn log_in_until_killed(server: Server, moment: usize) -> Vec<Guest> {
    let (sender, receiver) = mpsc::channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (mut client, root, sender) = (server.client(), server.root(), sender.clone());
            thread::spawn(move || {
                while let Ok(guest) = Guest::log_in(&mut client, &root) {
                    sender.send(guest).unwrap();
                }
            })
        })
        .collect();
    drop(sender);
    let mut guests: Vec<_> = receiver.iter().take(moment).collect();
    server.kill();
    // Answers that were on their way count, too.
    guests.extend(receiver);
    for client in clients {
        client.join().unwrap();
    }
    guests
}

/// Every guest still has a session and a row.
fn expect_all(guests: &[Guest], server: &Server) {
    let (client, root) = (&mut server.client(), server.root());
    for guest in guests {
        assert!(
            guest.is_logged_in(client, &root),
            "{guest:?} lost the session"
        );
        assert_eq!(guest.id, guest.row(client, &root)["objectId"], "{guest:?}");
    }
}

/// Lifts the limit of guest logins per address: all of them come from here.
fn welcome_any_number(server: &Server) {
    let change = json!({"guests": {"perAddressPerMinute": 0}});
    operator::ask(server, "PATCH", "settings", &change);
}
