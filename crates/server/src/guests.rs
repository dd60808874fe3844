//! `vestibule guests`: who would go, and to let them go while no server runs.

use std::{
    fmt::Write as _,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use clap::ArgMatches;
use serde_json::{Value as Json, json};
use tokio::runtime;
use vestibule_core::{Engine, Error, GuestsPlan, PlannedGuest, Registry};
use vestibule_model::{Clock, SystemClock, Timestamp};
use vestibule_storage::{Apps, Storage};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::{
    cli,
    config::{Config, ConfigError, DatabaseConfig},
    database::{self, Database},
    failure::Failure,
    handlers::table,
    serve::ServeError,
};

const HEADINGS: [&str; 6] = ["GUEST", "CAME IN", "", "WHY", "SINCE", "UNTIL"];

/// On a shared database others may be at it.
const ONLY_SQLITE: &str = "guests are purged by hand in SQLite only: on PostgreSQL other servers may \
                           be at work on the same guests, and let go who is gone by themselves \
                           (guests.cleanup); `guests plan` and `guests purge --dry-run` say who that \
                           is";

/// Guests that are asked for at once.
const PAGE: u64 = 1000;

/// Reads an age such as `7d`, `12h`, `30m` or `90s`.
///
/// # Errors
/// Says how an age is written.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let wrong = || "an age is a whole number and one of d, h, m, s: 7d, 12h, 30m, 90s".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number = text[..text.len() - unit.len_utf8()].parse::<u64>();
    let seconds = number.ok().and_then(|number| number.checked_mul(seconds));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

/// Runs the command about guests.
///
/// # Errors
/// Fails when the database cannot be read or, for a purge, is somebody else's; and when nothing can
/// be printed.
pub(crate) fn run(
    config: Config,
    command: Option<(&str, &ArgMatches)>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Threads)?;
    let text = match command {
        Some((cli::PURGE, matches)) => {
            let age: Duration = matches
                .get_one(cli::OLDER_THAN)
                .copied()
                .unwrap_or_default();
            let before = before(SystemClock::start().now(), age);
            if matches.get_flag(cli::DRY_RUN) {
                runtime.block_on(dry_run(&config, before))?
            } else {
                runtime.block_on(purge(config, before))?
            }
        }
        Some((_, matches)) => runtime.block_on(plan(&config, matches.get_flag(cli::JSON)))?,
        None => String::new(),
    };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough: `vestibule guests plan | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// `guests plan`. Changes nothing; servers may be running on the database.
async fn plan(config: &Config, as_json: bool) -> Result<String, Failure> {
    let Some((guests, plan)) = read(config).await? else {
        return Ok(if as_json {
            "[]\n".to_owned()
        } else {
            no_database(config)
        });
    };
    if as_json {
        return Ok(format!(
            "{:#}\n",
            guests.iter().map(as_json_of).collect::<Json>()
        ));
    }
    let going = guests.iter().filter(|guest| guest.prospect.goes()).count();
    let staying = guests.len() - going;
    let mut text = list(&guests);
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} would go; {} would stay, and so do {} with a live session",
        several(going),
        several(staying),
        plan.counts.live,
    );
    if plan.handlers > 0 {
        let _ = writeln!(text, "{}", not_asked(plan.handlers));
    }
    if !plan.settings.cleanup || plan.settings.sweep_seconds == 0 {
        text.push_str("the cleanup is off: guests.cleanup is false, or guests.sweepSeconds is 0\n");
    }
    Ok(text)
}

/// `guests purge --dry-run`. Changes nothing; servers may be running on the database.
async fn dry_run(config: &Config, before: Timestamp) -> Result<String, Failure> {
    let Some((mut guests, plan)) = read(config).await? else {
        return Ok(no_database(config));
    };
    guests.retain(|guest| guest.created < before && guest.prospect.reason().is_some());
    let mut text = list(&guests);
    let _ = writeln!(
        text,
        "{} would go; nothing was changed",
        several(guests.len())
    );
    if plan.handlers > 0 {
        let _ = writeln!(text, "{}", not_asked(plan.handlers));
    }
    Ok(text)
}

/// `guests purge`: an engine of its own asks the handlers and removes.
async fn purge(config: Config, before: Timestamp) -> Result<String, Failure> {
    if let DatabaseConfig::Postgres(_) = config.database {
        return Err(Failure::Guests(ONLY_SQLITE.to_owned()));
    }
    let options = SqliteOptions::in_folder(&config.data);
    if !options.database_file().exists() {
        return Ok(no_database(&config));
    }
    let storage = Sqlite::open(options).map_err(ServeError::from)?;
    // The first start of an app is for the server, which tells the operator of the admin token.
    let app = storage.app().await.map_err(|error| failed(error.into()))?;
    if app.is_none() {
        storage.close().await;
        return Ok(no_database(&config));
    }
    let (engine, _) = Engine::builder(Arc::new(storage))
        .collected()
        .handler_config(config.handlers)
        .data_folder(&config.data)
        .without_cleanup()
        .start()
        .await
        .map_err(|error| ServeError::Start(error.log()))?;
    let swept = engine.purge_guests_made_before(before).await;
    engine.shut_down().await;
    let swept = swept.map_err(failed)?;
    let mut text = String::new();
    for id in &swept.purged {
        let _ = writeln!(text, "{id}");
    }
    let _ = writeln!(text, "{} went", several(swept.purged.len()));
    Ok(text)
}

/// All of the plan of the database; `None` if there is none.
async fn read(config: &Config) -> Result<Option<(Vec<PlannedGuest>, GuestsPlan)>, Failure> {
    let Some(database) = Database::beside(config).await? else {
        return Ok(None);
    };
    let storage = &*database.storage;
    let registry = Registry::collected(&config.handlers).map_err(ConfigError::from)?;
    let mut guests = Vec::new();
    let mut after = None;
    let plan = loop {
        let clock = Arc::clone(&database.clock);
        let plan = GuestsPlan::of_storage(storage, clock, &registry, after, PAGE).await;
        let mut plan = plan.map_err(failed)?;
        guests.append(&mut plan.guests);
        after = plan.next.take();
        if after.is_none() {
            break plan;
        }
    };
    storage.close().await;
    Ok(Some((guests, plan)))
}

fn failed(error: Error) -> Failure {
    Failure::Guests(format!("the database does not answer: {}", error.log()))
}

/// Those who came in before this moment are older than the age.
fn before(now: Timestamp, age: Duration) -> Timestamp {
    let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.as_millis().saturating_sub(millis))
}

fn list(guests: &[PlannedGuest]) -> String {
    if guests.is_empty() {
        return String::new();
    }
    let time = |at: Option<Timestamp>| at.map(shown).unwrap_or_default();
    let rows = guests.iter().map(|guest| {
        let prospect = &guest.prospect;
        [
            guest.id.to_string(),
            shown(guest.created),
            if prospect.goes() { "goes" } else { "stays" }.to_owned(),
            prospect.as_str().to_owned(),
            time(prospect.since()),
            time(prospect.until()),
        ]
    });
    let mut text = table(HEADINGS, &rows.collect::<Vec<_>>());
    text.push('\n');
    text
}

fn as_json_of(guest: &PlannedGuest) -> Json {
    let prospect = &guest.prospect;
    json!({
        "objectId": guest.id.as_str(),
        "created": guest.created.as_millis(),
        "goes": prospect.goes(),
        "why": prospect.as_str(),
        "since": prospect.since().map(Timestamp::as_millis),
        "until": prospect.until().map(Timestamp::as_millis),
    })
}

/// A moment as people read it, in UTC.
fn shown(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.as_millis());
    time.map_or_else(
        |_| at.as_millis().to_string(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

fn several(guests: usize) -> String {
    let ending = if guests == 1 { "" } else { "s" };
    format!("{guests} guest{ending}")
}

fn not_asked(handlers: usize) -> String {
    let ending = if handlers == 1 { "" } else { "s" };
    format!("{handlers} handler{ending} of purgeGuest may keep some: none was asked")
}

fn no_database(config: &Config) -> String {
    format!("there is no database in {} yet\n", database::place(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(Ok(Duration::from_secs(seconds)), age(text));
        }
        for wrong in [
            "",
            "7",
            "d",
            "7w",
            "-1d",
            "1.5h",
            "99999999999999999999d",
            "7ü",
        ] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
