//! Whether sessions that come and go leave bloat behind: millions of them are opened, used, written
//! down and pruned, and the size of their table is told after each round.
//!
//! `VESTIBULE_TEST_POSTGRES=postgres://USER@HOST:PORT cargo bench -p vestibule-storage-postgres --bench
//! sessions` runs ten million through; a number behind `--` is how many thousands instead. A tenth of
//! them live at a time. The rows are made, changed and removed as servers do it, but ten thousand in a
//! statement: what the database has to clear up is the same. It needs its autovacuum on.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal that measures real time; what fails ends it"
)]

#[path = "../tests/database/mod.rs"]
mod database;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use database::Database;
use tokio_postgres::Client;
use vestibule_model::SystemClock;
use vestibule_storage::Storage;
use vestibule_storage_postgres::Postgres;

/// Sessions in a statement.
const PER_STATEMENT: i64 = 10_000;

const ROUNDS: i64 = 20;

/// A thousand users who have the sessions.
const USERS: &str = r#"
    INSERT INTO "Users" ("objectId", "ownerId", "created", "userStatus")
    SELECT 'USER-' || n, 'USER-' || n, 1, 'ENABLED' FROM generate_series(0, 999) n"#;

/// Selectors are in the order of time, with a random part behind.
const OPEN: &str = "
    INSERT INTO vestibule_session (selector, verifier_hash, user_id, created, last_used)
    SELECT decode(lpad(to_hex(n), 16, '0') || left(md5(n::text), 16), 'hex'),
        decode(repeat('07', 32), 'hex'), 'USER-' || n % 1000, n, n
    FROM generate_series($1::bigint, $2::bigint - 1) n";

/// Each is written down once, some seconds later.
const USE: &str = "
    UPDATE vestibule_session SET last_used = last_used + 5000
    WHERE selector >= decode(lpad(to_hex($1::bigint), 16, '0'), 'hex')
        AND selector < decode(lpad(to_hex($2::bigint), 16, '0'), 'hex')";

const PRUNE: &str = "
    DELETE FROM vestibule_session
    WHERE selector >= decode(lpad(to_hex($1::bigint), 16, '0'), 'hex')
        AND selector < decode(lpad(to_hex($2::bigint), 16, '0'), 'hex')";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let thousands = std::env::args().find_map(|argument| argument.parse::<i64>().ok());
    // `cargo test` runs benchmarks as well, to see that they do.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let sessions = if quick {
        20_000
    } else {
        thousands.unwrap_or(10_000) * 1_000
    };
    let database = Database::make().await;
    // Makes the tables.
    let clock = Arc::new(SystemClock::start());
    let storage = Postgres::open(database.options(), clock).await.unwrap();
    storage.close().await;
    let tool = database.tool().await;
    tool.batch_execute(USERS).await.unwrap();

    let round = sessions / ROUNDS;
    let live = round * 2;
    println!("{sessions} sessions, {live} of them at a time, used once each; sizes in MB");
    println!(
        "{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}",
        "opened", "there", "rows", "indexes", "a row", "seconds"
    );
    for number in 0..ROUNDS {
        let began = Instant::now();
        let (first, last) = (number * round, (number + 1) * round);
        in_slices(&tool, OPEN, first..last).await;
        in_slices(&tool, USE, first..last).await;
        let dead = (last - live).max(0);
        in_slices(&tool, PRUNE, (dead - round).max(0)..dead).await;
        if !quick {
            settle(&tool).await;
        }
        tell(&tool, last, began.elapsed()).await;
    }
}

async fn in_slices(tool: &Client, statement: &str, numbers: std::ops::Range<i64>) {
    let mut from = numbers.start;
    while from < numbers.end {
        let to = (from + PER_STATEMENT).min(numbers.end);
        tool.execute(statement, &[&from, &to]).await.unwrap();
        from = to;
    }
}

/// Waits until autovacuum has been through with what is dead by now, a minute at most.
async fn settle(tool: &Client) {
    let dead = "SELECT coalesce(n_dead_tup, 0) <= 10000 + 0.03 * n_live_tup AND NOT EXISTS ( \
                SELECT 1 FROM pg_stat_progress_vacuum WHERE datname = current_database()) \
                FROM pg_stat_user_tables WHERE relname = 'vestibule_session'";
    for _ in 0..120 {
        if tool.query_one(dead, &[]).await.unwrap().get(0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes, for people")]
async fn tell(tool: &Client, opened: i64, took: Duration) {
    let size = "SELECT count(*), pg_table_size('vestibule_session'), pg_indexes_size('vestibule_session') \
                FROM vestibule_session";
    let row = tool.query_one(size, &[]).await.unwrap();
    let [there, rows, indexes] = [0, 1, 2].map(|column| row.get::<_, i64>(column));
    let megabytes = |bytes: i64| bytes as f64 / 1_000_000.0;
    println!(
        "{opened:>10}{there:>10}{:>9.1}{:>9.1}{:>9.0}{:>9.1}",
        megabytes(rows),
        megabytes(indexes),
        (rows + indexes) as f64 / (there as f64).max(1.0),
        took.as_secs_f64()
    );
}
