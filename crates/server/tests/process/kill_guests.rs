//! kill -9 in the middle of conversions and purges: nothing is half done, and nothing is lost.

#![expect(
    clippy::disallowed_methods,
    reason = "the server is another process, whose clock nobody moves: its guests expire in real time"
)]

use std::{
    hash::{BuildHasher, RandomState},
    io,
    sync::mpsc::{self, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use crate::{
    checker::{Checker, Converted, Look},
    client::{Answer, Client},
    guest::Guest,
    operator::{self, ADMIN_TOKEN},
    server::{Folder, Server},
};

const ROUNDS: u64 = 10;
const CLIENTS: u64 = 8;
const PASSWORD: &str = "correct horse battery staple";
/// Of a session, and so of a guest who is not seen any more.
const TIMEOUT: Duration = Duration::from_secs(1);
/// How long the cleanup may take to begin. Nothing waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);
/// Fewer conversions than this would show little.
const ENOUGH: usize = 20;
/// How many of the last conversions are tried by a login, which takes its time.
const LOGINS: usize = 16;

/// What the server has said that it did.
enum Promise {
    Guest(String),
    Purchase(String),
    Converted(Converted),
}

/// Everything that it has said.
#[derive(Default)]
struct Promises {
    purchases: Vec<String>,
    converted: Vec<Converted>,
    /// The greatest id of a guest; ids ascend with time.
    newest_guest: String,
}

#[test]
fn kill_9_leaves_no_half_converted_guest_nothing_of_a_removed_one_and_loses_no_promise() {
    let folder = Folder::new();
    let mut promises = Promises::default();
    let (mut removed, mut interrupted) = (0, 0);
    for round in 0..ROUNDS {
        let server = folder.serve(&["--profile", "backendless", "--admin-token", ADMIN_TOKEN]);
        if round == 0 {
            set_up(&server);
        }
        let newest = promises.newest_guest.clone();
        let look = Look::into(&folder);
        let before = look.guests_up_to(&newest);
        let (sender, receiver) = mpsc::channel();
        let clients = shop(&server, round, &sender);
        drop(sender);
        // A random moment, of every other round one at which guests are being removed: those of
        // the rounds before, who all expire together.
        let jitter = RandomState::new().hash_one(round);
        if round % 2 == 1 && before > 0 {
            wait_for_the_cleanup(&look, &newest, before);
            thread::sleep(Duration::from_millis(jitter % 60));
        } else {
            expect_logins(&promises.converted, &server);
            thread::sleep(Duration::from_millis(1_000 + jitter % 1_200));
        }
        drop(look);
        server.kill();
        for client in clients {
            client.join().unwrap();
        }
        promises.take(receiver.iter());

        let checker = Checker::of(&folder);
        checker.expect_consistent();
        checker.expect_purchases(&promises.purchases);
        checker.expect_converted(&promises.converted);
        let left = checker.guests_up_to(&newest);
        removed += before - left;
        interrupted += u64::from(left > 0 && left < before);
    }
    // Or else this test has shown nothing.
    assert!(
        interrupted > 0,
        "no purge was interrupted; {removed} removed"
    );
    assert!(
        promises.converted.len() > ENOUGH,
        "{}",
        promises.converted.len()
    );

    let server = folder.serve(&[]);
    expect_logins(&promises.converted, &server);
    let look = Look::into(&folder);
    let began = Instant::now();
    while look.guests_up_to(&promises.newest_guest) > 0 {
        assert!(began.elapsed() < PATIENCE, "guests are left behind");
        thread::sleep(Duration::from_millis(20));
    }
    server.stop();
    let checker = Checker::of(&folder);
    checker.expect_consistent();
    checker.expect_converted(&promises.converted);
}

impl Promises {
    fn take(&mut self, promises: impl Iterator<Item = Promise>) {
        for promise in promises {
            match promise {
                Promise::Guest(id) => self.newest_guest = id.max(self.newest_guest.clone()),
                Promise::Purchase(id) => self.purchases.push(id),
                Promise::Converted(user) => self.converted.push(user),
            }
        }
    }
}

/// Makes a shop whose guests go soon.
fn set_up(server: &Server) {
    let settings = json!({
        "sessions": {"inactivityTimeoutSeconds": TIMEOUT.as_secs()},
        "guests": {"sweepSeconds": 1, "perAddressPerMinute": 0},
    });
    operator::ask(server, "PATCH", "settings", &settings);
    operator::ask(server, "POST", "tables", &json!({"name": "Purchase"}));
    for (table, name, to_table, cardinality) in [
        ("Users", "purchases", "Purchase", "ONE_TO_MANY"),
        ("Purchase", "buyer", "Users", "ONE_TO_ONE"),
    ] {
        let path = format!("tables/{table}/columns");
        let relation = json!({
            "name": name, "type": "RELATION", "toTable": to_table, "cardinality": cardinality,
        });
        operator::ask(server, "POST", &path, &relation);
    }
}

/// Waits until one of the first `before` guests is gone.
fn wait_for_the_cleanup(look: &Look, newest: &str, before: u64) {
    let began = Instant::now();
    while look.guests_up_to(newest) == before {
        assert!(began.elapsed() < PATIENCE, "the cleanup removes nobody");
        thread::sleep(Duration::from_millis(3));
    }
}

/// The users of the last conversions log in.
fn expect_logins(users: &[Converted], server: &Server) {
    let path = format!("{}/users/login", server.root());
    let mut client = server.client();
    for user in users.iter().rev().take(LOGINS) {
        let login = json!({"login": user.email, "password": PASSWORD});
        let answer = client.call("POST", &path, &[], Some(&login)).unwrap();
        assert_eq!(user.id, answer.ok()["objectId"], "{user:?}");
    }
}

/// Sends guests shopping, until the server is no more.
fn shop(server: &Server, round: u64, promises: &Sender<Promise>) -> Vec<JoinHandle<()>> {
    (0..CLIENTS)
        .map(|client| {
            let mut shop = Shop {
                client: server.client(),
                root: server.root(),
                promises: promises.clone(),
                name: format!("{round}-{client}"),
            };
            let visit = match client % 4 {
                0 | 1 => Shop::decide,
                2 => Shop::hesitate,
                _ => Shop::pass_by,
            };
            thread::spawn(move || {
                // The only way out is an error of the connection.
                let _ = (0..).try_for_each(|turn| visit(&mut shop, turn));
            })
        })
        .collect()
}

/// One connection, on which guests come and go.
struct Shop {
    client: Client,
    root: String,
    promises: Sender<Promise>,
    /// The beginning of all email addresses; nobody else has it.
    name: String,
}

impl Shop {
    /// A guest comes, buys something, and registers, logs out or leaves.
    fn decide(&mut self, turn: u64) -> io::Result<()> {
        let guest = self.enter()?;
        let Some(purchase) = self.buy(&guest)? else {
            return Ok(());
        };
        match turn % 3 {
            0 => self.register(turn, &guest, purchase),
            1 => self
                .call("GET", "users/logout", Some(&guest), None)
                .map(drop),
            _ => Ok(()),
        }
    }

    /// Guests come, buy something, and register when their sessions are about to expire: some are
    /// early, some are late, and some meet the cleanup.
    fn hesitate(&mut self, turn: u64) -> io::Result<()> {
        let mut waiting = Vec::new();
        for number in 0..6 {
            let guest = self.enter()?;
            if let Some(purchase) = self.buy(&guest)? {
                waiting.push((Instant::now(), 10 * turn + number, guest, purchase));
            }
        }
        for (since, number, guest, purchase) in waiting {
            let patience = TIMEOUT + Duration::from_millis(15 * number % 60);
            let patience = patience.saturating_sub(Duration::from_millis(50));
            thread::sleep(patience.saturating_sub(since.elapsed()));
            self.register(number, &guest, purchase)?;
        }
        Ok(())
    }

    /// A guest comes and leaves.
    fn pass_by(&mut self, turn: u64) -> io::Result<()> {
        let guest = self.enter()?;
        if turn.is_multiple_of(4) {
            self.call("GET", "users/logout", Some(&guest), None)?;
        }
        Ok(())
    }

    fn enter(&mut self) -> io::Result<Guest> {
        let guest = Guest::log_in(&mut self.client, &self.root)?;
        self.promise(Promise::Guest(guest.id.clone()));
        Ok(guest)
    }

    /// Makes a purchase; it and the guest refer to each other. Nothing if the guest was too slow.
    fn buy(&mut self, guest: &Guest) -> io::Result<Option<String>> {
        let bought = self.call("POST", "data/Purchase", Some(guest), Some(&json!({})))?;
        let Some(bought) = bought else {
            return Ok(None);
        };
        let id = bought["objectId"].as_str().unwrap().to_owned();
        self.promise(Promise::Purchase(id.clone()));
        for (path, child) in [
            (format!("data/Users/{}/purchases", guest.id), &id),
            (format!("data/Purchase/{id}/buyer"), &guest.id),
        ] {
            let related = self.call("PUT", &path, Some(guest), Some(&json!([child])))?;
            if related.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(id))
    }

    fn register(&mut self, number: u64, guest: &Guest, purchase: String) -> io::Result<()> {
        let email = format!("{}-{number}@example.com", self.name);
        let user = json!({
            "objectId": guest.id, "email": email, "name": "Ada", "password": PASSWORD,
        });
        let registered = self.call("POST", "users/register", Some(guest), Some(&user))?;
        if let Some(registered) = registered {
            assert_eq!(guest.id, registered["objectId"]);
            let id = guest.id.clone();
            self.promise(Promise::Converted(Converted {
                id,
                email,
                purchase,
            }));
        }
        Ok(())
    }

    /// What the server answers. Nothing if it refuses, which it may: the guest may be gone.
    fn call(
        &mut self,
        method: &str,
        path: &str,
        guest: Option<&Guest>,
        body: Option<&Json>,
    ) -> io::Result<Option<Json>> {
        let path = format!("{}/{path}", self.root);
        let token = guest.map(|guest| ("user-token", guest.token.as_str()));
        let answer: Answer = self.client.call(method, &path, token.as_slice(), body)?;
        assert!(answer.status < 500, "{method} {path}: {answer:?}");
        Ok((answer.status == 200).then(|| match answer.body.as_str() {
            "" => Json::Null,
            _ => answer.json(),
        }))
    }

    fn promise(&self, promise: Promise) {
        self.promises.send(promise).unwrap();
    }
}
