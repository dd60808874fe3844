//! News of other servers get lost; what they changed is respected all the same, within two seconds.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use crate::{
    call::Call,
    client::{Answer, Client},
    cluster::{Cluster, SOON, field, plan},
    postgres::Database,
    proxy::{Proxy, Weather},
    session::{DEAD, DISABLED, Session, on},
};

/// The server whose listening connection is in trouble, and the one that makes the changes.
const DEAF: usize = 1;
const OTHER: usize = 0;

/// How long news take that are heard: less than it takes to notice that nothing is heard.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How often everything is changed.
const ROUNDS: usize = 3;

/// Two servers, one of them behind a proxy.
struct Pair {
    // The servers go before their database.
    cluster: Cluster,
    proxy: Proxy,
    database: Database,
    client: Client,
    /// How soon the other server must respect a change.
    limit: Duration,
}

impl Pair {
    fn start() -> Self {
        let database = Database::make();
        let proxy = Proxy::to(database.address());
        let plans = vec![plan(database.url()), plan(database.url_by(proxy.port()))];
        let cluster = Cluster::start(plans);
        let client = cluster.client();
        Self {
            cluster,
            proxy,
            database,
            client,
            limit: SOON,
        }
    }

    /// Something is acknowledged by one server and must be respected by the other.
    fn change(&mut self, change: &Call, see: &Call, is_respected: impl Fn(&Answer) -> bool) {
        self.client.persist_from(OTHER, change).ok();
        let since = Instant::now();
        let took = on(DEAF, &mut self.client, since, see, is_respected);
        assert!(took < self.limit, "respected after {took:?}: {change:?}");
    }

    fn guest(&mut self) -> Session {
        let call = Call::new("POST", "users/register/guest");
        Session::opened(self.client.persist_from(OTHER, &call))
    }

    /// Changes everything that a server remembers, again and again.
    fn change_everything(&mut self, name: &str) {
        for round in 0..ROUNDS {
            let mut guest = self.guest();
            assert!(guest.lives(DEAF, &mut self.client));
            let logout = Call::new("GET", "users/logout").by(&guest.token);
            let is_dead = |answer: &Answer| answer.code() == DEAD;
            self.change(&logout, &guest.a_use(), is_dead);

            self.change_user(&format!("{name}{round}"));
            self.change_permission();
            for is_enabled in [false, true] {
                let settings = json!({ "guests": { "enabled": is_enabled } });
                let settings = Call::admin("PATCH", "settings").with(settings);
                let enter = Call::new("POST", "users/register/guest");
                self.change(&settings, &enter, |answer| answer.is_ok() == is_enabled);
            }
        }
    }

    /// Gives a user a role, and disables it.
    fn change_user(&mut self, name: &str) {
        let email = format!("{name}@example.com");
        let user = json!({ "email": email, "name": "Ada", "password": "correct horse" });
        let call = Call::new("POST", "users/register").with(user);
        let user = field(&self.client.ask(&call), "objectId");
        let login = json!({ "login": email, "password": "correct horse" });
        let login = Call::new("POST", "users/login").with(login);
        let session = Session::opened(self.client.persist_from(DEAF, &login));

        let create = Call::admin("POST", "roles").with(json!({ "name": name }));
        self.client.persist_from(OTHER, &create).ok();
        let roles = format!("users/{user}/roles");
        let assign = Call::admin("POST", roles).with(json!({ "role": name }));
        let roles = Call::new("GET", "users/userroles").by(&session.token);
        self.change(&assign, &roles, |answer| {
            let roles = answer.body.as_array();
            roles.is_some_and(|roles| roles.contains(&Json::from(name)))
        });

        let row = format!("tables/Users/rows/{user}");
        let disable = Call::admin("PATCH", row).with(json!({ "userStatus": "DISABLED" }));
        let is_disabled = |answer: &Answer| answer.code() == DISABLED;
        self.change(&disable, &session.a_use(), is_disabled);
    }

    fn change_permission(&mut self) {
        let find = Call::new("GET", "data/Item");
        for (access, is_allowed) in [("DENY", false), ("INHERIT", true)] {
            let permission = json!({
                "role": "NotAuthenticatedUser", "resource": "data:Item", "operation": "FIND",
                "access": access,
            });
            let set = Call::admin("PUT", "permissions").with(permission);
            self.change(&set, &find, |answer| answer.is_ok() == is_allowed);
        }
    }
}

/// Says that it is over, also when a test fails half-way.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_server_whose_news_are_swallowed_respects_what_others_did() {
    let mut pair = Pair::start();
    pair.limit = AT_ONCE;
    pair.change_everything("heard");
    pair.limit = SOON;
    pair.proxy.set_for_listener(Weather::Silent);
    pair.change_everything("swallowed");
    pair.proxy.set_for_listener(Weather::Fine);
    pair.proxy.reset();
    pair.change_everything("again");
    pair.cluster.stop();
}

#[test]
fn servers_that_lose_their_listening_connections_respect_what_others_did() {
    let mut pair = Pair::start();
    let is_over = AtomicBool::new(false);
    let url = pair.database.url();
    thread::scope(|scope| {
        let (is_over, database) = (&is_over, Database::of(&url));
        let ending = scope.spawn(move || {
            let mut ended = 0;
            while !is_over.load(Ordering::Relaxed) {
                ended += database.end_listeners();
                thread::sleep(Duration::from_millis(150));
            }
            ended
        });
        let over = Over(is_over);
        pair.change_everything("ended");
        drop(over);
        let ended = ending.join().unwrap();
        assert!(ended > 3, "{ended} listening connections were ended");
    });
    pair.cluster.stop();
}
