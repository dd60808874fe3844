//! A database of its own for each test, on the server that `./tests/run` starts.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};
use vestibule_storage_postgres::PostgresOptions;

/// Where the server is: a URL without a database.
const SERVER: &str = "VESTIBULE_TEST_POSTGRES";

/// A database that is gone when this is dropped.
pub(crate) struct Database {
    name: String,
}

fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!(
            "these tests need a PostgreSQL; run `./tests/run postgres`, which starts a private one, or \
             say in {SERVER} where one is: postgres://USER@HOST:PORT"
        )
    })
}

async fn connect(database: &str) -> Client {
    let url = format!("{}/{database}", server());
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

impl Database {
    /// Makes an empty one.
    pub(crate) async fn make() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("vestibule_test_{}_{number}", std::process::id());
        let make = format!("CREATE DATABASE {name}");
        connect("postgres")
            .await
            .batch_execute(&make)
            .await
            .unwrap();
        Self { name }
    }

    /// A connection beside those of the engine, as an operator's tool would have it.
    #[allow(
        dead_code,
        reason = "each test program has this module, and not each has a use for it"
    )]
    pub(crate) async fn tool(&self) -> Client {
        connect(&self.name).await
    }

    /// How to open it. There are many tests at once, and a server has a hundred connections.
    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions {
            connections: 8,
            ..PostgresOptions::at(format!("{}/{}", server(), self.name))
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // The test's own runtime cannot wait in here.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .unwrap()
                .block_on(async { connect("postgres").await.batch_execute(&drop).await })
        });
        let dropped = dropping.join().unwrap();
        if !std::thread::panicking() {
            dropped.unwrap();
        }
    }
}
