//! `vestibule serve`: everything is put together, started, and ended in order.

mod error;

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use tokio::{net::TcpListener, runtime, sync::oneshot};
use vestibule_core::Engine;
use vestibule_http::HttpOptions;

pub(crate) use self::error::ServeError;
use crate::{
    admin_token,
    config::{Config, DatabaseConfig},
    database::{self, Database},
    greeting::Greeting,
    logging, mail, open_files, panics,
    signals::Signals,
    traces::Traces,
    warnings,
};

/// Runs the server until it is asked to end.
///
/// # Errors
/// Says what keeps it from starting, and when it was ended before its work was done.
pub(crate) fn run(config: Config) -> Result<(), ServeError> {
    let traces = start_logging(&config)?;
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Threads)?;
    let result = runtime.block_on(serve(config));
    // After a second signal there is work left, and nobody who would wait for it.
    runtime.shutdown_background();
    if result.is_ok()
        && let Some(traces) = traces
    {
        traces.end();
    }
    result
}

/// Logs, and sends traces if there is somewhere to send them to.
fn start_logging(config: &Config) -> Result<Option<Traces>, ServeError> {
    let traces = config.otlp_endpoint.as_deref();
    let traces = traces.map(|endpoint| Traces::start(endpoint, &program()));
    let traces = traces.transpose().map_err(ServeError::Threads)?;
    logging::start(config.log.clone(), traces.as_ref().map(Traces::layer));
    Ok(traces)
}

async fn serve(config: Config) -> Result<(), ServeError> {
    panics::log_them();
    let mut signals = Signals::catch().map_err(ServeError::Signals)?;

    // First what is most often in the way, and leaves nothing behind when it is.
    let listener = TcpListener::bind(config.listen).await;
    let listening = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = listening.map_err(|source| ServeError::Listen {
        address: config.listen,
        source,
    })?;
    let database = Database::open(&config).await?;
    let data = fs::canonicalize(&config.data).unwrap_or_else(|_| config.data.clone());
    let public_url = mail::public_url(&config, address);
    let mut builder = Engine::builder(Arc::clone(&database.storage))
        .clock(Arc::clone(&database.clock))
        .public_url(&public_url);
    if let Some(mailer) = mail::mailer(&config.mail)? {
        builder = builder.mailer(mailer);
    }
    let (engine, prepared) = builder
        .collected()
        .handler_config(config.handlers.clone())
        .app(config.app.clone())
        .data_folder(&data)
        .start()
        .await
        .map_err(|error| ServeError::Start(error.log()))?;
    let (v4, v6) = config.guest_prefixes;
    engine.state::<guest_limits::PrefixLengths>().set(v4, v6);
    let admin_token = admin_token::keep(&config, &data, &prepared, &engine)
        .map_err(|(file, source)| ServeError::AdminToken { file, source })?;

    let settings = engine.settings();
    let warnings = [
        warnings::unprotected_network(address, &config.trusted_proxies),
        warnings::open_folder(&data),
        warnings::links_that_lead_nowhere(&config),
        warnings::links_in_the_clear(&config),
        warnings::late_profile(&config, &prepared, &settings),
    ];
    for warning in config
        .warnings
        .iter()
        .cloned()
        .chain(warnings.into_iter().flatten())
    {
        tracing::warn!("{warning}");
    }
    let shared = match config.database {
        DatabaseConfig::Sqlite => None,
        DatabaseConfig::Postgres(_) => Some(database::place(&config)),
    };
    greet(&Greeting {
        program: &program(),
        address,
        app: &engine.app(),
        settings: &settings,
        handlers: &engine.handlers(),
        database: shared.as_deref(),
        data: &data,
        mail: &config.mail,
        public_url: &public_url,
        admin_token: &admin_token,
        prepared: &prepared,
    });

    let defaults = HttpOptions::default();
    let options = HttpOptions {
        pages: config.pages,
        trusted_proxies: config.trusted_proxies,
        connections_at_most: open_files::connections(defaults.connections_at_most),
        ..defaults
    };
    let ended = until_asked_to_end(&mut signals, listener, engine, options).await;
    // Until here, the data folder is nobody else's.
    drop(database);
    ended
}

/// Serves until the first signal, then finishes what has begun; the second ends even that.
async fn until_asked_to_end(
    signals: &mut Signals,
    listener: TcpListener,
    engine: Engine,
    options: HttpOptions,
) -> Result<(), ServeError> {
    let (end, asked_to_end) = oneshot::channel::<()>();
    let mut serving = std::pin::pin!(async move {
        let shutdown = async {
            // An error means that the sender is gone, and then there is no reason to stay either.
            let _ = asked_to_end.await;
        };
        vestibule_http::serve(listener, engine.clone(), options, shutdown).await;
        engine.shut_down().await;
    });
    let signal = tokio::select! {
        () = &mut serving => return Ok(()),
        signal = signals.next() => signal,
    };
    tracing::info!("{signal}: finishing what has begun; a second signal ends at once");
    // It fails when serving has just ended, which is what we ask for.
    let _ = end.send(());
    tokio::select! {
        () = &mut serving => {
            tracing::info!("ended");
            Ok(())
        }
        signal = signals.next() => Err(ServeError::EndedAtOnce(signal)),
    }
}

/// Prints the start-up text. A server that nobody listens to is a server all the same.
fn greet(greeting: &Greeting<'_>) {
    let mut out = io::stdout().lock();
    if let Err(error) = write!(out, "{greeting}").and_then(|()| out.flush()) {
        tracing::warn!(%error, "the start-up text could not be printed");
    }
}

/// What the operator calls this program: a team's own server has a name of its own.
fn program() -> String {
    env::args_os()
        .next()
        .and_then(|path| Some(Path::new(&path).file_name()?.to_str()?.to_owned()))
        .unwrap_or_else(|| "vestibule".to_owned())
}
