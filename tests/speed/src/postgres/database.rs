//! A database of the program's own in the PostgreSQL that it was given.

use std::process::{self, Command};

use super::statements::{selector, user_id};
use crate::{Result, known::BEGINNING, rows::Population};

/// A database, which goes with this.
pub(super) struct Database {
    place: String,
    name: String,
}

impl Database {
    /// Makes one at `postgres://USER@HOST:PORT`.
    pub(super) fn make(place: &str) -> Result<Self> {
        let place = place.trim_end_matches('/').to_owned();
        let after_scheme = place.split_once("://").ok_or("--database wants a URL")?.1;
        if after_scheme.contains('/') {
            let message =
                "--database wants no name of a database: one is made, and removed afterwards";
            return Err(message.into());
        }
        let name = format!("vestibule_speed_{}", process::id());
        let database = Self { place, name };
        psql(
            &database.maintenance(),
            &format!("CREATE DATABASE {}", database.name),
        )?;
        Ok(database)
    }

    pub(super) fn url(&self) -> String {
        format!("{}/{}", self.place, self.name)
    }

    /// Its version, and whether a commit waits for the disk.
    pub(super) fn description(&self) -> Result<String> {
        let show = |name: &str| {
            let shown = psql(&self.url(), &format!("SHOW {name}"))?;
            Ok::<_, crate::Error>(shown.trim().to_owned())
        };
        let (version, fsync) = (show("server_version")?, show("fsync")?);
        let synchronous = show("synchronous_commit")?;
        Ok(format!(
            "PostgreSQL {version}, fsync {fsync}, synchronous_commit {synchronous}"
        ))
    }

    /// Writes the guests of a population, while no server runs.
    pub(super) fn fill(&self, population: &Population) -> Result<()> {
        let guests = population.guest_numbers();
        let (first, last) = (guests.start, guests.end - 1);
        let (id, selector) = (user_id("number"), selector("number"));
        let numbers = format!(
            "(SELECT number, {id} AS id, {BEGINNING} + number AS at
              FROM generate_series({first}::bigint, {last}::bigint) AS number) AS new"
        );
        psql(
            &self.url(),
            &format!(
                r#"INSERT INTO "Users" ("objectId", "ownerId", "created", "lastLogin", "userStatus",
                   "accountType", "socialAccount", "blUserLocale")
                   SELECT id, id, at, at, 'GUEST', 'BACKENDLESS', 'BACKENDLESS', 'en' FROM {numbers}
                   ORDER BY number;
                   INSERT INTO vestibule_session (selector, verifier_hash, user_id, created, last_used)
                   SELECT {selector}, sha256(sha256(convert_to('speed-' || number, 'UTF8'))), id, at,
                   (SELECT at FROM vestibule_heartbeat) FROM {numbers} ORDER BY number"#
            ),
        )?;
        psql(&self.url(), "VACUUM ANALYZE")?;
        Ok(())
    }

    fn maintenance(&self) -> String {
        format!("{}/postgres", self.place)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = psql(&self.maintenance(), &drop);
    }
}

/// Runs a statement, and answers its rows.
fn psql(url: &str, statement: &str) -> Result<String> {
    let mut psql = Command::new("psql");
    psql.args([
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        statement,
        "-d",
        url,
    ]);
    output_of(&mut psql)
}

/// Runs a program to its end.
pub(super) fn output_of(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
