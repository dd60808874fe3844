//! Servers on one database, and what clients must know of them.

use std::{
    fs,
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use crate::{
    call::Call,
    client::Client,
    postgres::Database,
    server::{Plan, Server},
};

/// After so long without a use, sessions expire.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(6);

/// How often a server writes down when sessions were used: a quarter of the timeout.
pub(crate) const FLUSH: Duration = Duration::from_millis(1_500);

/// What every server of a cluster respects so soon, once it was acknowledged by one.
pub(crate) const SOON: Duration = Duration::from_secs(2);

/// The servers of a test. Its methods wait until what they do is done.
pub(crate) struct Cluster {
    servers: Vec<Mutex<Server>>,
    map: Arc<Map>,
}

/// Where servers are, and when they had trouble.
pub(crate) struct Map {
    root: OnceLock<String>,
    addresses: Vec<Mutex<Option<String>>>,
    troubles: Mutex<Vec<Trouble>>,
}

/// A time in which a server could not write down when sessions were used.
struct Trouble {
    server: usize,
    from: Instant,
    until: Option<Instant>,
}

impl Cluster {
    /// So many servers on a database.
    pub(crate) fn of(number: usize, database: &Database) -> Self {
        Self::start((0..number).map(|_| plan(database.url())).collect())
    }

    /// Starts servers, all at once: one of them makes the app.
    pub(crate) fn start(plans: Vec<Plan>) -> Self {
        let map = Map {
            root: OnceLock::new(),
            addresses: plans.iter().map(|_| Mutex::default()).collect(),
            troubles: Mutex::default(),
        };
        let servers = plans.into_iter().map(|plan| Mutex::new(Server::new(plan)));
        let cluster = Self {
            servers: servers.collect(),
            map: Arc::new(map),
        };
        cluster.start_all();
        let settings = json!({
            "sessions": { "inactivityTimeoutSeconds": TIMEOUT.as_secs() },
            "guests": { "sweepSeconds": 1, "perAddressPerMinute": 0 },
            "login": { "multipleLogins": true },
        });
        let mut client = cluster.client();
        client.ask(&Call::admin("PATCH", "settings").with(settings));
        cluster
    }

    pub(crate) fn size(&self) -> usize {
        self.servers.len()
    }

    pub(crate) fn map(&self) -> &Arc<Map> {
        &self.map
    }

    pub(crate) fn client(&self) -> Client {
        Client::of(&self.map)
    }

    /// Starts all servers at once; none of them runs.
    pub(crate) fn start_all(&self) {
        thread::scope(|scope| {
            for server in 0..self.size() {
                scope.spawn(move || self.start_one(server));
            }
        });
    }

    /// Starts a server that does not run.
    pub(crate) fn start_one(&self, server: usize) {
        let greeting = self.servers[server].lock().unwrap().start();
        let told = |name: &str| {
            let mut lines = greeting.lines();
            let told = lines.find_map(|line| line.trim().strip_prefix(name));
            told.unwrap_or_else(|| panic!("no {name} in {greeting}"))
                .trim()
                .to_owned()
        };
        let root = format!("/{}/{}", told("app id"), told("JS key"));
        assert_eq!(
            self.map.root.get_or_init(|| root.clone()),
            &root,
            "two servers on one database are not of one app"
        );
        let address = told("listening on http://");
        *self.map.addresses[server].lock().unwrap() = Some(address);
        self.map.trouble_ends(server);
    }

    /// Ends a server without a warning.
    pub(crate) fn kill(&self, server: usize) {
        self.map.trouble_begins(server);
        *self.map.addresses[server].lock().unwrap() = None;
        self.servers[server].lock().unwrap().kill();
    }

    /// Stops a server, which must end cleanly.
    pub(crate) fn stop_one(&self, server: usize) {
        *self.map.addresses[server].lock().unwrap() = None;
        self.servers[server].lock().unwrap().stop();
    }

    /// Whatever this does, meanwhile none of these servers can write down when sessions were used.
    pub(crate) fn in_trouble<T>(&self, servers: &[usize], work: impl FnOnce() -> T) -> T {
        servers
            .iter()
            .for_each(|server| self.map.trouble_begins(*server));
        let done = work();
        servers
            .iter()
            .for_each(|server| self.map.trouble_ends(*server));
        done
    }

    /// Stops all servers, which must end cleanly and must not have panicked.
    pub(crate) fn stop(&self) {
        for server in &self.servers {
            let mut server = server.lock().unwrap();
            server.stop();
            let log = server.log();
            assert!(!log.contains("panicked"), "{log}");
        }
    }

    /// Leaves the logs where they can be read, since the folders of servers go with them.
    fn keep_logs(&self) {
        let folder = std::env::temp_dir().join("vestibule-cluster-logs");
        let test = thread::current().name().unwrap_or("test").replace(':', "_");
        if fs::create_dir_all(&folder).is_err() {
            return;
        }
        for (number, server) in self.servers.iter().enumerate() {
            let server = server.lock();
            let server = server.unwrap_or_else(std::sync::PoisonError::into_inner);
            let file = folder.join(format!("{test}-{number}.log"));
            if fs::write(&file, server.log()).is_ok() {
                eprintln!("the log of server {number} is in {}", file.display());
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if thread::panicking() {
            self.keep_logs();
        }
    }
}

/// A server that is like all others.
pub(crate) fn plan(database: String) -> Plan {
    let flags = ["--database-connections", "8"];
    Plan {
        database,
        flags: flags.map(str::to_owned).to_vec(),
        ahead: 0,
    }
}

impl Map {
    pub(crate) fn size(&self) -> usize {
        self.addresses.len()
    }

    /// Where a server listens, if it runs.
    pub(crate) fn address(&self, server: usize) -> Option<String> {
        self.addresses[server].lock().unwrap().clone()
    }

    /// The path of the app's own root.
    pub(crate) fn root(&self) -> &str {
        self.root.get().unwrap()
    }

    fn trouble_begins(&self, server: usize) {
        let (from, until) = (Instant::now(), None);
        let trouble = Trouble {
            server,
            from,
            until,
        };
        self.troubles.lock().unwrap().push(trouble);
    }

    fn trouble_ends(&self, server: usize) {
        for trouble in self.troubles.lock().unwrap().iter_mut() {
            if trouble.server == server && trouble.until.is_none() {
                trouble.until = Some(Instant::now());
            }
        }
    }

    /// Whether a server may have forgotten, or could not yet write down, what it heard just then.
    pub(crate) fn may_have_forgotten(&self, server: usize, when: Instant) -> bool {
        // It writes down what it has heard after one flush, and a while for the writing.
        let lag = FLUSH + Duration::from_millis(500);
        self.troubles.lock().unwrap().iter().any(|trouble| {
            trouble.server == server
                && when + lag >= trouble.from
                && trouble.until.is_none_or(|until| when <= until)
        })
    }
}

/// A column of the answers of all servers that must be the same.
pub(crate) fn field(answer: &Json, name: &str) -> String {
    let value = answer[name].as_str();
    value
        .unwrap_or_else(|| panic!("no {name} in {answer}"))
        .to_owned()
}
