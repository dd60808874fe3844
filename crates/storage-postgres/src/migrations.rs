use refinery::Runner;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::{OpenError, connect::Way};

/// The table in which the versions are written down.
const TABLE: &str = "vestibule_migration";

/// The lock of whoever migrates; the others wait for it. The number means nothing.
const LOCK: i64 = 0x7665_7374_6d69_6772;

/// How long the others wait, in PostgreSQL's words.
const PATIENCE: &str = "10min";

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Brings the database to the version of this build, unless it is from the future. One server does it,
/// whichever comes first, and the others find it done.
pub(crate) async fn run(way: &Way) -> Result<(), OpenError> {
    let place = way.place();
    let (mut client, driving) = connect(way, &place).await?;
    let migrated = run_with(&mut client, &place).await;
    // With the connection goes the lock.
    drop(client);
    let _ = driving.await;
    migrated
}

/// Whether the database has the version of this build. One that no server has worked on has not; any
/// other version is refused. Changes nothing.
pub(crate) async fn is_current(way: &Way) -> Result<bool, OpenError> {
    let place = way.place();
    let (client, driving) = connect(way, &place).await?;
    let known = latest(&embedded::migrations::runner());
    let found = check(version(&client).await, known, &place);
    drop(client);
    let _ = driving.await;
    match found? {
        0 => Ok(false),
        found if found == known => Ok(true),
        found => Err(OpenError::Outdated {
            place,
            found,
            known,
        }),
    }
}

/// A connection of its own, and what drives it.
async fn connect(way: &Way, place: &str) -> Result<(Client, JoinHandle<()>), OpenError> {
    let connected = way.config.connect(way.tls.clone()).await;
    let (client, connection) = connected.map_err(|error| OpenError::unreachable(place, error))?;
    // When it fails, whoever asks the client hears of it.
    let driving = tokio::spawn(async move { drop(connection.await) });
    Ok((client, driving))
}

async fn run_with(client: &mut Client, place: &str) -> Result<(), OpenError> {
    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name(TABLE);
    let known = latest(&runner);
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Migration {
        place: place.to_owned(),
        source,
    };
    if check(version(client).await, known, place)? == known {
        return Ok(());
    }
    let lock = format!("SET lock_timeout = '{PATIENCE}'; SELECT pg_advisory_lock({LOCK})");
    let locked = client.batch_execute(&lock).await;
    locked.map_err(|error| failed(error.into()))?;
    let found = check(version(client).await, known, place)?;
    if found == known {
        return Ok(());
    }
    let done = runner.run_async(client).await;
    done.map_err(|error| failed(error.into()))?;
    tracing::info!(from = found, to = known, "database migrated");
    Ok(())
}

/// The version that was found, unless it is from the future.
fn check(
    found: Result<i64, tokio_postgres::Error>,
    known: i64,
    place: &str,
) -> Result<i64, OpenError> {
    let found = found.map_err(|error| OpenError::unreachable(place, error))?;
    if found > known {
        return Err(OpenError::FromTheFuture {
            place: place.to_owned(),
            found,
            known,
        });
    }
    Ok(found)
}

fn latest(runner: &Runner) -> i64 {
    let versions = runner
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()));
    versions.max().unwrap_or_default()
}

/// The version that the database has; a new one has none.
async fn version(client: &Client) -> Result<i64, tokio_postgres::Error> {
    let there = client
        .query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&TABLE])
        .await?;
    if !there.get::<_, bool>(0) {
        return Ok(0);
    }
    let select = "SELECT coalesce(max(version), 0)::bigint FROM vestibule_migration";
    Ok(client.query_one(select, &[]).await?.get(0))
}
