//! A database of a test's own, and the programs that come with PostgreSQL.

use std::{
    env,
    path::PathBuf,
    process::{self, Command},
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The variable that names the PostgreSQL to use.
const VARIABLE: &str = "VESTIBULE_TEST_POSTGRES";

/// How long a PostgreSQL that starts may refuse to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The folder of PostgreSQL's programs. Debian has but wrappers of them in the usual place.
static PROGRAMS: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |folder: &PathBuf| {
        let name = folder.file_name()?.to_str()?;
        name.parse::<u32>().ok()
    };
    let folders = versions.map_while(Result::ok).map(|entry| entry.path());
    let newest = folders.max_by_key(|folder| version(folder))?;
    Some(newest.join("bin"))
});

/// A program that comes with PostgreSQL.
pub(crate) fn program(name: &str) -> PathBuf {
    let folder = PROGRAMS.as_ref();
    folder.map_or_else(|| name.into(), |folder| folder.join(name))
}

/// Who may make databases, where: `postgres://USER@HOST:PORT`.
pub(crate) fn given() -> String {
    let url = env::var(VARIABLE);
    let url = url.unwrap_or_else(|_| {
        panic!("{VARIABLE} must name a PostgreSQL, as postgres://USER@HOST:PORT; ./tests/run cluster starts one")
    });
    url.trim_end_matches('/').to_owned()
}

/// A database. Who made it removes it.
pub(crate) struct Database {
    place: String,
    name: String,
    is_ours: bool,
}

impl Database {
    /// Makes one in the PostgreSQL that the tests were given.
    pub(crate) fn make() -> Self {
        Self::make_in(&given())
    }

    /// Makes one in a PostgreSQL.
    pub(crate) fn make_in(place: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("cluster_{}_{number}", process::id());
        run(&maintenance(place), &format!("CREATE DATABASE {name}")).unwrap();
        let (place, is_ours) = (place.to_owned(), true);
        Self {
            place,
            name,
            is_ours,
        }
    }

    /// The one that this URL names, made by somebody else.
    pub(crate) fn of(url: &str) -> Self {
        let (place, name) = url.rsplit_once('/').unwrap();
        Self {
            place: place.to_owned(),
            name: name.to_owned(),
            is_ours: false,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.place, self.name)
    }

    /// The same database by another way: a proxy on this port of this machine.
    pub(crate) fn url_by(&self, port: u16) -> String {
        let (user, _) = self.place.rsplit_once('@').unwrap();
        format!("{user}@127.0.0.1:{port}/{}", self.name)
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.place.rsplit_once('@').unwrap().1
    }

    /// The rows that a statement answers, each as the texts of its columns.
    pub(crate) fn rows(&self, statement: &str) -> Vec<Vec<String>> {
        let text = run(&self.url(), statement).unwrap();
        let rows = text.lines().filter(|line| !line.is_empty());
        let columns = |line: &str| line.split('\t').map(str::to_owned).collect();
        rows.map(columns).collect()
    }

    /// Ends connections that listen for news, of all servers; how many there were.
    pub(crate) fn end_listeners(&self) -> usize {
        let ended = self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'vestibule-listener'",
        );
        ended.len()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !self.is_ours {
            return;
        }
        // A PostgreSQL of the test's own may be gone already.
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = run(&maintenance(&self.place), &drop);
    }
}

/// Waits until the PostgreSQL there answers.
pub(crate) fn wait_for(place: &str) {
    let began = Instant::now();
    while let Err(error) = run(&maintenance(place), "SELECT 1") {
        assert!(began.elapsed() < PATIENCE, "{place}: {error}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn maintenance(place: &str) -> String {
    format!("{place}/postgres")
}

/// Runs a statement; what it answers, a row a line.
fn run(url: &str, statement: &str) -> Result<String, String> {
    let output = Command::new(program("psql"))
        .args(["--no-psqlrc", "--no-password", "--quiet", "--no-align"])
        .args(["--tuples-only", "--field-separator", "\t"])
        .args(["--dbname", url, "--command", statement])
        .env("PGCONNECT_TIMEOUT", "10")
        .output()
        .map_err(|error| format!("psql cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
