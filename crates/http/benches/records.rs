//! What records cost through HTTP: find by id, a find with an indexed clause over 100,000 rows, and
//! create, next to the same statements on bare `rusqlite`.
//!
//! `cargo bench -p vestibule-http --bench records` prints a table. Everything runs in this one
//! process and on the loopback, so the client takes its share of the same cores; the bare statements
//! have one core for themselves, no network, and rows that become nothing but values.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal that measures real time; what fails ends it"
)]

mod client;

use std::{path::Path, sync::Arc, time::Instant};

use client::Times;
use rusqlite::{Connection, ToSql, types::Value as Cell};
use tokio::net::TcpListener;
use vestibule_core::{AppConfig, BulkCreate, ClientRequest, Engine};
use vestibule_http::{HttpOptions, serve};
use vestibule_model::{Column, ColumnType, KeyKind, ObjectId, Profile, Properties, Value};
use vestibule_storage::{Change, Storage};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

const ROWS: usize = 100_000;
const SHELVES: i64 = 10_000;
const APP_ID: &str = "BENCH";
const JS_KEY: &str = "the-js-key-of-the-bench";

const COLUMNS: &str = r#""ownerId", "created", "updated", "name", "shelf", "price""#;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs benchmarks as well, to see that they do.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let rows = if quick { 200 } else { ROWS };
    let folder = tempfile::tempdir().unwrap();
    let engine = start(folder.path()).await;
    let ids = Arc::new(fill(&engine, rows).await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn({
        let engine = engine.clone();
        async move {
            serve(
                listener,
                engine,
                HttpOptions::default(),
                std::future::pending(),
            )
            .await
        }
    });

    println!("{rows} rows, {SHELVES} shelves; times in microseconds");
    println!("{:<34}{:>8}{}", "", "at once", Times::header());
    let calls = if quick { 20 } else { 20_000 };
    let by_id = |ids: Arc<Vec<ObjectId>>| {
        move |number: usize| {
            let id = &ids[number * 7919 % ids.len()];
            request("GET", &format!("/data/Item/{id}"), "")
        }
    };
    let by_shelf = move |number: usize| {
        let shelf = shelf_of(number * 7919, rows);
        request(
            "GET",
            &format!("/data/Item?where=shelf%20%3D%20{shelf}"),
            "",
        )
    };
    let create = |number: usize| {
        let body = format!(r#"{{"name":"new {number}","shelf":{number},"price":1.5}}"#);
        request("POST", "/data/Item", &body)
    };
    for at_once in [1, 16] {
        measure(
            address,
            "find by id, HTTP",
            at_once,
            calls,
            by_id(Arc::clone(&ids)),
        )
        .await;
    }
    bare_reads(
        "find by id, bare",
        folder.path(),
        calls,
        "\"objectId\" = ?",
        |number| Box::new(ids[number * 7919 % ids.len()].as_str().to_owned()),
    );
    for at_once in [1, 16] {
        measure(
            address,
            "find by indexed clause, HTTP",
            at_once,
            calls,
            by_shelf,
        )
        .await;
    }
    bare_reads(
        "find by indexed clause, bare",
        folder.path(),
        calls,
        "\"shelf\" = ?",
        |number| Box::new(shelf_of(number * 7919, rows)),
    );
    let calls = calls / 10;
    for at_once in [1, 16] {
        measure(address, "create, HTTP", at_once, calls, create).await;
    }
    server.abort();
    engine.shut_down().await;
    bare_creates("create, bare", folder.path(), calls);
}

async fn start(folder: &Path) -> Engine {
    let storage = Arc::new(Sqlite::open(SqliteOptions::in_folder(folder)).unwrap());
    let table = "Item".to_owned();
    let column = |column| Change::AddColumn {
        table: "Item".to_owned(),
        column,
    };
    let schema = vec![
        Change::CreateTable { name: table },
        column(Column::new("name", ColumnType::String)),
        column(Column {
            indexed: true,
            ..Column::new("shelf", ColumnType::Int)
        }),
        column(Column::new("price", ColumnType::Double)),
    ];
    storage.apply(schema).await.unwrap();
    let app = AppConfig {
        id: Some(APP_ID.to_owned()),
        keys: vec![(KeyKind::Js, JS_KEY.to_owned())],
        admin_token: None,
        profile: Profile::Backendless,
    };
    let builder = Engine::builder(storage).data_folder(folder).app(app);
    builder.start().await.unwrap().0
}

/// Makes the rows through the front door, a hundred at a time.
async fn fill(engine: &Engine, rows: usize) -> Vec<ObjectId> {
    let mut ids = Vec::with_capacity(rows);
    for first in (0..rows).step_by(100) {
        let items = (first..first + 100).map(|number| {
            let shelf = shelf_of(number, rows);
            Properties::from([
                ("name".to_owned(), Value::from(format!("item {number}"))),
                ("shelf".to_owned(), Value::from(shelf)),
                ("price".to_owned(), Value::from(0.5)),
            ])
        });
        let request = ClientRequest::new(engine.identify(APP_ID, JS_KEY).unwrap());
        let created = engine
            .submit(request, BulkCreate::new("Item", items.collect()))
            .await;
        ids.extend(created.outcome.unwrap());
    }
    ids
}

/// The shelf of an item; also when there are fewer items than shelves, each has one.
fn shelf_of(number: usize, rows: usize) -> i64 {
    i64::try_from(number % rows).unwrap() % SHELVES
}

fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} /{APP_ID}/{JS_KEY}{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends `calls` requests over `at_once` connections, each waiting for its answers.
async fn measure(
    address: std::net::SocketAddr,
    what: &str,
    at_once: usize,
    calls: usize,
    request: impl Fn(usize) -> String + Send + Sync + 'static,
) {
    let request: client::Request = Arc::new(request);
    let times = client::measure(address, at_once, 0..calls, &request).await;
    report(what, at_once, &times);
}

/// The same reads on a connection of its own, in this thread.
fn bare_reads(
    what: &str,
    folder: &Path,
    calls: usize,
    condition: &str,
    value: impl Fn(usize) -> Box<dyn ToSql>,
) {
    let connection = Connection::open(database_in(folder)).unwrap();
    let sql = format!(
        r#"SELECT "objectId", {COLUMNS} FROM "Item" WHERE {condition}
           ORDER BY "objectId" DESC LIMIT 10"#
    );
    let mut statement = connection.prepare(&sql).unwrap();
    let mut times = Times::none();
    let began = Instant::now();
    for number in 0..calls {
        let sent = Instant::now();
        let mut rows = statement.query([value(number)]).unwrap();
        let mut found = 0;
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<Cell> = (0..7).map(|at| row.get(at).unwrap()).collect();
            std::hint::black_box(cells);
            found += 1;
        }
        assert_ne!(0, found);
        times.record(sent);
    }
    times.end(began);
    report(what, 1, &times);
}

/// The same rows, each in a transaction of its own that waits for the disk.
fn bare_creates(what: &str, folder: &Path, calls: usize) {
    let connection = Connection::open(database_in(folder)).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .pragma_update(None, "synchronous", "FULL")
        .unwrap();
    let sql = format!(r#"INSERT INTO "Item" ("objectId", {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"#);
    let mut statement = connection.prepare(&sql).unwrap();
    let mut times = Times::none();
    let began = Instant::now();
    for number in 0..calls {
        let sent = Instant::now();
        let shelf = i64::try_from(number).unwrap();
        statement
            .execute((
                format!("F{number:035}"),
                None::<String>,
                1_700_000_000_000_i64,
                None::<i64>,
                format!("new {number}"),
                shelf,
                1.5,
            ))
            .unwrap();
        times.record(sent);
    }
    times.end(began);
    report(what, 1, &times);
}

fn database_in(folder: &Path) -> std::path::PathBuf {
    SqliteOptions::in_folder(folder).database_file()
}

fn report(what: &str, at_once: usize, times: &Times) {
    println!("{what:<34}{at_once:>8}{}", times.row());
}
