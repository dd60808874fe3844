//! `vestibule handlers run`: what the before handlers of an event would do, tried on a copy of the data.

mod error;
mod report;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::ArgMatches;
use serde_json::{Map, Value as Json};
use tempfile::TempDir;
use tokio::{
    runtime::{self, Runtime},
    task::spawn_blocking,
};
use vestibule_core::{ClientRequest, Engine, ExplainedCall, Phase};
use vestibule_model::{Clock, KeyKind, ObjectId, SystemClock, SystemRandomness};
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

pub(crate) use self::error::RehearsalError;
use self::report::Report;
use crate::{
    cli,
    config::{Config, DatabaseConfig},
    failure::Failure,
    logging, mail, panics,
    serve::ServeError,
    signals::Signals,
};

/// How long the end waits for what still runs: a handler that blocks its thread, a copy that somebody
/// broke off.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is to be tried.
struct Wanted {
    event: String,
    input: Json,
    user: Option<ObjectId>,
    key: KeyKind,
}

/// Reads the id of a user, as clap wants it.
///
/// # Errors
/// Says what an id is.
pub(crate) fn user_id(text: &str) -> Result<ObjectId, String> {
    ObjectId::parse(text).map_err(|error| error.to_string())
}

/// Reads the kind of a key, in any case.
///
/// # Errors
/// Says which kinds there are.
pub(crate) fn key_kind(text: &str) -> Result<KeyKind, String> {
    let kinds = KeyKind::ALL.map(KeyKind::as_str).join(", ");
    KeyKind::from_name(&text.to_uppercase()).ok_or_else(|| format!("the keys are {kinds}"))
}

/// Tries an event and prints what came of it. Nothing in the data folder changes, and a server may be
/// running there.
///
/// # Errors
/// Fails when the event is unknown or its file does not fit, when the data cannot be copied, when the
/// app would not start, and when nothing can be printed.
pub(crate) fn run(
    config: Config,
    matches: &ArgMatches,
    logs: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let wanted = Wanted::of(matches)?;
    if let DatabaseConfig::Postgres(_) = config.database {
        return Err(RehearsalError::NoCopy.into());
    }
    if logs {
        logging::start(config.log.clone(), None);
    }
    panics::log_them();
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Threads)?;
    let report = on_a_copy(runtime, config, wanted)?;
    let text = if matches.get_flag(cli::JSON) {
        format!("{:#}\n", report.json())
    } else {
        report.text()
    };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough: `vestibule handlers run .. | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

impl Wanted {
    fn of(matches: &ArgMatches) -> Result<Self, RehearsalError> {
        let input = match matches.get_one::<PathBuf>(cli::WITH) {
            None => Json::Object(Map::new()),
            Some(file) => read(file)?,
        };
        let event = matches.get_one::<String>(cli::EVENT);
        Ok(Self {
            event: event.cloned().unwrap_or_default(),
            input,
            user: matches.get_one(cli::AS).cloned(),
            key: matches.get_one(cli::KEY).copied().unwrap_or(KeyKind::Js),
        })
    }
}

/// The fields of the event, as somebody wrote them into a file.
fn read(file: &Path) -> Result<Json, RehearsalError> {
    let text = fs::read_to_string(file).map_err(|source| RehearsalError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| RehearsalError::NoJson {
        file: file.to_owned(),
        source,
    })
}

/// Makes a copy of the data, tries the event on it, and removes the copy: also when somebody ends the
/// program meanwhile, unless by force.
fn on_a_copy(runtime: Runtime, config: Config, wanted: Wanted) -> Result<Report, Failure> {
    let (folder, tried) = runtime.block_on(async {
        let mut signals = Signals::catch().map_err(ServeError::Signals)?;
        let folder =
            TempDir::with_prefix("vestibule-rehearsal-").map_err(RehearsalError::Folder)?;
        let tried = tokio::select! {
            tried = try_in(folder.path(), config, wanted) => tried,
            signal = signals.next() => Err(RehearsalError::Ended(signal).into()),
        };
        Ok::<_, Failure>((folder, tried))
    })?;
    // Whoever still runs could write into the folder while it is removed.
    runtime.shutdown_timeout(PATIENCE);
    match folder.close() {
        // What it is about matters more than that it could not be tidied up.
        Err(source) if tried.is_ok() => Err(RehearsalError::Folder(source).into()),
        _ => tried,
    }
}

async fn try_in(folder: &Path, config: Config, wanted: Wanted) -> Result<Report, Failure> {
    let from = SqliteOptions::in_folder(&config.data);
    let to = SqliteOptions {
        // Nobody will miss it.
        durability: Durability::Off,
        ..SqliteOptions::in_folder(folder.join("data"))
    };
    let data = to.folder.clone();
    let copied = spawn_blocking(move || {
        let is_there = Sqlite::copy(&from, &to)?;
        Ok::<_, ServeError>((is_there, Sqlite::open(to)?))
    });
    let (is_there, storage) = copied.await.map_err(io::Error::from)??;

    // With a key of its own, which nobody else knows, anybody's session can be opened on the copy.
    let clock = SystemClock::start();
    let code_runner_key = ObjectId::generate(clock.now(), &SystemRandomness).to_string();
    let mut app = config.app.clone();
    app.keys.retain(|(kind, _)| *kind != KeyKind::Bl);
    app.keys.push((KeyKind::Bl, code_runner_key.clone()));
    let (engine, _) = Engine::builder(Arc::new(storage))
        .public_url(mail::public_url(&config, config.listen))
        .collected()
        .handler_config(config.handlers)
        .app(app)
        .data_folder(data)
        .on_a_copy()
        .start()
        .await
        .map_err(|error| ServeError::Start(error.log()))?;
    let (v4, v6) = config.guest_prefixes;
    engine.state::<guest_limits::PrefixLengths>().set(v4, v6);

    let request = request(&engine, &wanted, &code_runner_key).await?;
    let calls = engine
        .rehearse(request, &wanted.event, wanted.input)
        .await
        .map_err(|error| RehearsalError::Event(error.message().to_owned()))?;
    let report = Report {
        data: is_there.then_some(config.data),
        user: wanted.user,
        key: wanted.key,
        after: after_handlers(&engine, &calls),
        failures: failures(&engine),
        calls,
    };
    engine.shut_down().await;
    Ok(report)
}

/// The request of the client who is to be imagined.
async fn request(
    engine: &Engine,
    wanted: &Wanted,
    code_runner_key: &str,
) -> Result<ClientRequest, RehearsalError> {
    let app = engine.app();
    let key = app.key(wanted.key).unwrap_or_default();
    let presented = engine.identify(&app.id, key);
    let presented = presented.ok_or(RehearsalError::NoKey(wanted.key))?;
    let request = ClientRequest::new(presented);
    let (Some(user), Some(code_runner)) = (&wanted.user, engine.code_runner(code_runner_key))
    else {
        return Ok(request);
    };
    let session = code_runner.session_of(user.clone()).await;
    let session = session.map_err(|error| RehearsalError::User {
        user: user.clone(),
        why: error.message().to_owned(),
    })?;
    Ok(request.with_session(session))
}

/// The after handlers that would run once the operation has been done.
fn after_handlers(engine: &Engine, calls: &[ExplainedCall]) -> Vec<&'static str> {
    let Some(call) = calls.first() else {
        return Vec::new();
    };
    let is_for = |table: Option<&str>| table.is_none() || table == call.about.as_deref();
    let handlers = engine.handlers().into_iter();
    let after = handlers.filter(|one| {
        one.event == call.event
            && one.meta.phase == Phase::After
            && is_for(one.meta.table)
            && one.switch.is_on()
    });
    after.map(|one| one.meta.path).collect()
}

/// Why handlers failed, in the words of the log: the client's words say nothing of it.
fn failures(engine: &Engine) -> Vec<(&'static str, String)> {
    let handlers = engine.handlers().into_iter();
    let failed = handlers.filter_map(|one| {
        let failure = one.stats.last_failure()?;
        Some((one.meta.path, failure.error.clone()))
    });
    failed.collect()
}
