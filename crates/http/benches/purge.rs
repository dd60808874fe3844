//! What the cleanup of guests costs everybody else: the time to purge a million expired guests, and
//! how long session checks and guest logins take meanwhile.
//!
//! `cargo bench -p vestibule-http --bench purge` prints the numbers. Each run has a database of its
//! own: in the first nobody calls, and nobody hears of the guests that go; in the second an observer
//! hears of all calls and all guests, as the audit log of the stock server does; in the third four
//! connections call as fast as they can besides. A number behind `--` is how many guests there are.
//! Everything is in this one process and on the loopback, so the client takes its share of the same
//! cores.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal that measures real time; what fails ends it"
)]

mod client;

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use client::{Connection, Request, Times, measure, rate};
use rusqlite::OpenFlags;
use tokio::net::TcpListener;
use vestibule::prelude::{Result, SeenAny, Witness, observe};
use vestibule_core::{AppConfig, Engine};
use vestibule_http::{HttpOptions, serve};
use vestibule_model::{
    ActivityTime, Cardinality, KeyKind, ObjectId, Profile, Properties, Relation, Selector, Session,
    SystemRandomness, Timestamp, User, UserStatus, Value, VerifierHash,
};
use vestibule_storage::{Change, NewRecord, NewUser, Storage, Visibility};
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

const GUESTS: usize = 1_000_000;
/// One guest of so many has an order, to which its row refers.
const GUESTS_PER_ORDER: usize = 10;
/// Guests who stay, and whose sessions are checked.
const LIVE: usize = 1_000;
const AT_ONCE: usize = 4;
const APP_ID: &str = "BENCH";
const JS_KEY: &str = "the-js-key-of-the-bench";

/// When the guests were last seen, and when the last server ran: ten hours later.
const LAST_USED: ActivityTime = ActivityTime::from_millis(1_000);
const HEARTBEAT: ActivityTime = ActivityTime::from_millis(36_000_000);

/// What is measured: a name, and its requests.
type Call = (&'static str, Request);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs benchmarks as well, to see that they do.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::args().find_map(|argument| argument.parse().ok());
    let guests = wanted.unwrap_or(if quick { 300 } else { GUESTS });
    let calls = if quick { 20 } else { 2_000 };
    println!("{guests} expired guests; times in microseconds");
    for run in [Run::Unheard, Run::Observed, Run::UnderLoad] {
        purge(guests, calls, run).await;
    }
}

/// Under which circumstances the guests go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Unheard,
    Observed,
    UnderLoad,
}

impl Run {
    const fn name(self) -> &'static str {
        match self {
            Self::Unheard => "nobody calls, nobody hears of it",
            Self::Observed => "nobody calls, an observer hears of it",
            Self::UnderLoad => "four connections call, an observer hears of it",
        }
    }
}

/// Hears of every call, and of every guest that goes.
#[observe(collect = false)]
async fn listen(seen: &SeenAny, _witness: &Witness) -> Result<()> {
    std::hint::black_box((seen.event, seen.input.to_string()));
    Ok(())
}

/// Fills a database, lets the guests go, and says what it took.
async fn purge(guests: usize, calls: usize, run: Run) {
    let under_load = run == Run::UnderLoad;
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), guests).await;
    let storage = Sqlite::open(SqliteOptions::in_folder(folder.path())).unwrap();
    let engine = start(folder.path(), Arc::new(storage), run).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = HttpOptions::default();
    let server = serve(listener, engine.clone(), options, std::future::pending());
    let server = tokio::spawn(server);
    let kinds = kinds(address, if calls < LIVE { 10 } else { LIVE }).await;

    let mut before: Vec<_> = kinds.iter().map(|_| Times::none()).collect();
    if under_load {
        // The first calls of a process are slower than all that come after them.
        round(address, calls, &kinds, &mut before).await;
        before.fill_with(Times::none);
        for _ in 0..5 {
            round(address, calls, &kinds, &mut before).await;
        }
    }
    let memory = memory();
    let watch = watch(folder.path(), guests);
    let cleanup = ("guests.cleanup".to_owned(), Value::Boolean(true));
    engine.change_settings(&[cleanup]).await.unwrap();
    let mut during: Vec<_> = kinds.iter().map(|_| Times::none()).collect();
    while under_load && !watch.is_finished() {
        round(address, calls, &kinds, &mut during).await;
    }
    let ended = tokio::task::spawn_blocking(|| watch.join().unwrap());
    let (took, most_memory) = ended.await.unwrap();

    println!();
    println!("{}", run.name());
    let per_second = rate(u64::try_from(guests).unwrap(), took);
    println!("  all gone after {took:.1?}, {per_second:.0} guests per second");
    if let (Some(before), Some(most)) = (memory, most_memory) {
        println!("  memory: {before} MB before, {most} MB at most meanwhile");
    }
    if under_load {
        println!("  {:<32}{}", "", Times::header());
        for (((name, _), before), during) in kinds.iter().zip(&before).zip(&during) {
            println!("  {name:<22}{:<10}{}", "before", before.row());
            println!("  {name:<22}{:<10}{}", "meanwhile", during.row());
        }
    }
    server.abort();
    engine.shut_down().await;
    check(folder.path(), guests);
}

/// Makes an app with guests, their sessions, and orders of some of them, as servers of long ago left
/// it. Nobody is removed yet.
async fn fill(folder: &Path, guests: usize) {
    let options = SqliteOptions {
        durability: Durability::Off,
        ..SqliteOptions::in_folder(folder)
    };
    let storage = Arc::new(Sqlite::open(options).unwrap());
    let engine = start(folder, Arc::clone(&storage), Run::Unheard).await;
    let settings = [
        ("guests.cleanup".to_owned(), Value::Boolean(false)),
        ("guests.sweepSeconds".to_owned(), Value::from(1)),
    ];
    engine.change_settings(&settings).await.unwrap();
    engine.create_table("Order").await.unwrap();
    let orders = Relation {
        name: "orders".to_owned(),
        to_table: "Order".to_owned(),
        cardinality: Cardinality::OneToMany,
    };
    engine.add_relation("Users", orders).await.unwrap();
    for first in (0..guests).step_by(500) {
        let numbers = first..guests.min(first + 500);
        let changes = numbers.flat_map(guest).collect();
        storage.apply(changes).await.unwrap();
    }
    let heartbeat = vec![Change::RecordHeartbeat {
        at: HEARTBEAT,
        wall: Timestamp::default(),
    }];
    storage.apply(heartbeat).await.unwrap();
    engine.shut_down().await;
}

fn guest(number: usize) -> Vec<Change> {
    // One each millisecond, so that the ids are in the order in which the guests came.
    let at = Timestamp::from_millis(1_700_000_000_000 + i64::try_from(number).unwrap());
    let id = ObjectId::generate(at, &SystemRandomness);
    let mut changes = vec![
        Change::InsertUser(NewUser {
            user: User::new(id.clone(), UserStatus::Guest, at),
            password: None,
        }),
        Change::OpenSession(Session {
            selector: Selector::from_bytes(u128::try_from(number).unwrap().to_be_bytes()),
            verifier_hash: VerifierHash::from_bytes([0; 32]),
            user_id: id.clone(),
            created: at,
            last_used: LAST_USED,
        }),
    ];
    if number.is_multiple_of(GUESTS_PER_ORDER) {
        let order = ObjectId::generate(at, &SystemRandomness);
        changes.push(Change::InsertRecord(NewRecord {
            table: "Order".to_owned(),
            id: order.clone(),
            owner_id: Some(id.clone()),
            at,
            properties: Properties::new(),
        }));
        changes.push(Change::Link {
            table: "Users".to_owned(),
            relation: "orders".to_owned(),
            parent: id,
            children: vec![order],
            visibility: Visibility::Everything,
        });
    }
    changes
}

async fn start(folder: &Path, storage: Arc<Sqlite>, run: Run) -> Engine {
    let app = AppConfig {
        id: Some(APP_ID.to_owned()),
        keys: vec![(KeyKind::Js, JS_KEY.to_owned())],
        admin_token: None,
        profile: Profile::Backendless,
    };
    let mut builder = Engine::builder(storage).data_folder(folder).app(app);
    if run != Run::Unheard {
        builder = builder.handler::<listen>();
    }
    builder.start().await.unwrap().0
}

/// Logs guests in who stay, and says how to ask for them.
async fn kinds(address: SocketAddr, live: usize) -> Vec<Call> {
    let log_in = |_| request("POST", "/users/register/guest", "");
    let mut connection = Connection::open(address).await;
    let mut guests = Vec::new();
    for number in 0..live {
        let answer = connection.call(&log_in(number)).await;
        let answer: serde_json::Value = serde_json::from_slice(answer).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        guests.push((text("objectId"), text("user-token")));
    }
    let guests = Arc::new(guests);
    let check = {
        let guests = Arc::clone(&guests);
        move |number: usize| {
            let (_, token) = &guests[number * 7919 % guests.len()];
            request("GET", &format!("/users/isvalidusertoken/{token}"), "")
        }
    };
    let own_row = move |number: usize| {
        let (id, token) = &guests[number * 7919 % guests.len()];
        let header = format!("user-token: {token}\r\n");
        request("GET", &format!("/data/Users/{id}"), &header)
    };
    vec![
        ("session check", Arc::new(check)),
        ("own row with token", Arc::new(own_row)),
        ("guest login", Arc::new(log_in)),
    ]
}

fn request(method: &str, path: &str, header: &str) -> String {
    format!(
        "{method} /{APP_ID}/{JS_KEY}{path} HTTP/1.1\r\nhost: x\r\n{header}content-length: 0\r\n\r\n"
    )
}

/// Makes so many calls of each kind, one kind after the other.
async fn round(address: SocketAddr, calls: usize, kinds: &[Call], times: &mut [Times]) {
    for ((_, request), times) in kinds.iter().zip(times) {
        let first = usize::try_from(times.count()).unwrap();
        times.add(&measure(address, AT_ONCE, first..first + calls, request).await);
    }
}

/// Looks ten times a second whether the guests are gone, on a thread and a connection of its own.
/// Says how long it took, and how much memory the process had at most.
fn watch(folder: &Path, guests: usize) -> JoinHandle<(Duration, Option<u64>)> {
    let connection = read(folder);
    // Nothing takes this long unless it is broken.
    let patience =
        Duration::from_secs(60) + Duration::from_millis(10) * u32::try_from(guests).unwrap();
    let began = Instant::now();
    thread::spawn(move || {
        // The first entry of an index: looking costs the same however many guests there are.
        let sql = "SELECT EXISTS (SELECT 1 FROM vestibule_session WHERE last_used <= ?)";
        let mut statement = connection.prepare(sql).unwrap();
        let last_used = LAST_USED.as_millis();
        let mut most = memory();
        while statement.query_row([last_used], |row| row.get(0)).unwrap() {
            assert!(began.elapsed() < patience, "the guests do not go");
            most = most.max(memory());
            thread::sleep(Duration::from_millis(100));
        }
        (began.elapsed(), most)
    })
}

fn read(folder: &Path) -> rusqlite::Connection {
    let file = SqliteOptions::in_folder(folder).database_file();
    rusqlite::Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// How much memory the process has, in megabytes; nothing where the system does not say.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// Insists that who went is gone with everything but the orders, and nobody else.
fn check(folder: &Path, guests: usize) {
    let connection = read(folder);
    let count = |sql: &str| -> usize { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let sessions = count("SELECT count(*) FROM vestibule_session");
    let live = count(r#"SELECT count(*) FROM "Users""#);
    assert_eq!(live, sessions, "everybody who stayed has a session");
    assert_eq!(
        0,
        count(r#"SELECT count(*) FROM "vestibule_link$Users$orders""#)
    );
    let orders = count(r#"SELECT count(*) FROM "Order""#);
    assert_eq!(guests.div_ceil(GUESTS_PER_ORDER), orders);
    println!("  left: {live} live guests with their sessions, {orders} orders, no relation");
}
