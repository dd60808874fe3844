//! Databases of the tests' own.

use std::{
    env,
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

/// Where the PostgreSQL is, as `postgres://USER@HOST:PORT`, whose user may make databases and users.
const SERVER: &str = "VESTIBULE_TEST_POSTGRES";

/// The file with its certificate.
const CA: &str = "VESTIBULE_TEST_POSTGRES_CA";

/// An empty database, and a user with its name and the password `right` who owns it. Both go with this.
pub(crate) struct Database {
    name: String,
}

fn given(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} must be set; `./tests/run postgres` starts a PostgreSQL and sets it")
    })
}

/// What the certificate of the server is known by.
pub(crate) fn ca_file() -> String {
    given(CA)
}

/// Lets the server do something, and returns what it answers.
fn sql(database: &str, statement: &str) -> String {
    let url = format!("{}/{database}", given(SERVER));
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
    command.args(["--set=ON_ERROR_STOP=1", "--command", statement, &url]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statement}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Database {
    pub(crate) fn make() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("vestibule_process_{}_{number}", process::id());
        sql(
            "postgres",
            &format!("CREATE ROLE {name} LOGIN PASSWORD 'right'"),
        );
        sql("postgres", &format!("CREATE DATABASE {name} OWNER {name}"));
        Self { name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// As whoever may do everything.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}", given(SERVER), self.name)
    }

    /// As its owner, without the password.
    pub(crate) fn url_of_owner(&self) -> String {
        let server = given(SERVER);
        let host = server.rsplit(['@', '/']).next().unwrap();
        format!("postgres://{0}@{host}/{0}", self.name)
    }

    /// Lets the server do something in this database.
    pub(crate) fn sql(&self, statement: &str) -> String {
        sql(&self.name, statement)
    }

    /// Sends everybody away and lets nobody in, or lets them in again.
    pub(crate) fn is_open(&self, open: bool) {
        let name = &self.name;
        sql(
            "postgres",
            &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {open}"),
        );
        if !open {
            let all = format!("FROM pg_stat_activity WHERE datname = '{name}'");
            sql(
                "postgres",
                &format!("SELECT pg_terminate_backend(pid) {all}"),
            );
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        let gone = std::panic::catch_unwind(|| {
            sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
            sql("postgres", &format!("DROP ROLE {name}"));
        });
        // A test that fails has another reason to tell.
        assert!(gone.is_ok() || std::thread::panicking());
    }
}
