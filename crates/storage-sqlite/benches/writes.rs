//! How many writes a second the writer makes, and how long callers wait for them: guest logins, from
//! more and more tasks at once, with the full durability of a server.
//!
//! `cargo bench -p vestibule-storage-sqlite --bench writes` prints the numbers; a number behind `--` is
//! how many seconds each line takes. Each has a database of its own, below the target folder, since the
//! folder for temporary files may be no disk. In the second half one call in a hundred is refused.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal that measures real time; what fails ends it"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use vestibule_model::{
    ActivityTime, ObjectId, Randomness, SeededRandomness, Selector, Session, Timestamp, User,
    UserStatus, VerifierHash,
};
use vestibule_storage::{Change, NewUser, Precondition, Storage, StorageError};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

const TASKS: [u64; 5] = [1, 16, 64, 256, 2_048];
/// Of so many calls one is refused, in the second half.
const CALLS_PER_REFUSAL: u64 = 100;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs benchmarks as well, to see that they do.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::args().find_map(|argument| argument.parse().ok());
    let time = if quick {
        Duration::from_millis(20)
    } else {
        Duration::from_secs(wanted.unwrap_or(5))
    };
    println!("times in milliseconds");
    println!(
        "{:>6}{:>9}{:>10}{:>9}{:>9}{:>9}{:>9}",
        "tasks", "refused", "a second", "p50", "p99", "p99.9", "longest"
    );
    for calls_per_refusal in [u64::MAX, CALLS_PER_REFUSAL] {
        for tasks in TASKS {
            measure(tasks, calls_per_refusal, time).await;
        }
    }
}

/// Has `tasks` call for some time, each as soon as its last call is answered, and tells of it.
async fn measure(tasks: u64, calls_per_refusal: u64, time: Duration) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let storage = Arc::new(Sqlite::open(SqliteOptions::in_folder(folder.path())).unwrap());
    let began = Instant::now();
    let callers: Vec<_> = (1..=tasks)
        .map(|number| {
            let storage = Arc::clone(&storage);
            let caller = Caller {
                randomness: SeededRandomness::new(number),
                calls_per_refusal,
                // The tasks are not refused all at once.
                calls: number,
            };
            tokio::spawn(caller.call(storage, began, time))
        })
        .collect();
    let mut all = Times::default();
    for caller in callers {
        all.add(caller.await.unwrap());
    }
    let took = began.elapsed();
    storage.close().await;
    all.tell(tasks, took);
}

/// How long calls took.
#[derive(Default)]
struct Times {
    calls: Vec<Duration>,
    refused: u64,
}

impl Times {
    fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.refused += other.refused;
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers, for people")]
    fn tell(mut self, tasks: u64, took: Duration) {
        self.calls.sort_unstable();
        let last = self.calls.len() - 1;
        let milliseconds =
            |thousandth: usize| self.calls[last * thousandth / 1000].as_secs_f64() * 1e3;
        println!(
            "{tasks:>6}{:>9}{:>10.0}{:>9.2}{:>9.2}{:>9.2}{:>9.2}",
            self.refused,
            self.calls.len() as f64 / took.as_secs_f64(),
            milliseconds(500),
            milliseconds(990),
            milliseconds(999),
            milliseconds(1000),
        );
    }
}

/// One of the tasks.
struct Caller {
    randomness: SeededRandomness,
    calls_per_refusal: u64,
    calls: u64,
}

impl Caller {
    async fn call(mut self, storage: Arc<Sqlite>, began: Instant, time: Duration) -> Times {
        let mut times = Times::default();
        loop {
            let started = began.elapsed();
            if started >= time && !times.calls.is_empty() {
                return times;
            }
            match storage.apply(self.changes(started)).await {
                Ok(_) => {}
                Err(StorageError::Refused { .. }) => times.refused += 1,
                Err(error) => panic!("{error}"),
            }
            times.calls.push(began.elapsed() - started);
        }
    }

    /// A guest and its session as a guest login makes them, and now and then a condition that does not
    /// hold.
    fn changes(&mut self, elapsed: Duration) -> Vec<Change> {
        let elapsed = i64::try_from(elapsed.as_millis()).unwrap();
        let now = Timestamp::from_millis(1_800_000_000_000 + elapsed);
        let id = ObjectId::generate(now, &self.randomness);
        let mut user = User::new(id.clone(), UserStatus::Guest, now);
        user.last_login = Some(now);
        let mut selector = [0; 16];
        self.randomness.fill(&mut selector);
        selector[..8].copy_from_slice(&now.as_millis().to_be_bytes());
        let mut verifier_hash = [0; 32];
        self.randomness.fill(&mut verifier_hash);
        let session = Session {
            selector: Selector::from_bytes(selector),
            verifier_hash: VerifierHash::from_bytes(verifier_hash),
            user_id: id,
            created: now,
            last_used: ActivityTime::from_millis(elapsed),
        };
        let insert = Change::InsertUser(NewUser {
            user,
            password: None,
        });
        let mut changes = vec![insert, Change::OpenSession(session)];
        self.calls += 1;
        if self.calls.is_multiple_of(self.calls_per_refusal) {
            let nobody = ObjectId::parse("NOBODY").unwrap();
            changes.push(Change::Require(Precondition::UserExists(nobody)));
        }
        changes
    }
}
