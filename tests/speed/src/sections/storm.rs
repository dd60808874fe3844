//! Token checks while everybody logs in with a password.

use std::{path::Path, sync::Arc, thread};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    load::{self, Calls, Load, Times},
    options::Options,
    process::Server,
    product,
    table::{Table, millis, rate},
};

/// Sessions whose tokens are checked.
const SESSIONS: u64 = 10_000;

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let (product, population) = super::populated(options, folder)?;
    let server = product.serve()?;
    let sessions = population.sample(SESSIONS);
    super::see_each(&server, options.scale.many, &sessions)?;
    let checks = Arc::new(product::token_check(&sessions));
    let logins = Arc::new(product::password_login(population.registered));
    // A quarter of those who log in: 16 beside 64.
    let (logging_in, checking) = (options.scale.many, options.scale.many / 4);
    let [mut idle, mut storm, mut logged_in] = [Times::none()?, Times::none()?, Times::none()?];
    for _ in 0..options.scale.pace.rounds {
        idle.add_later(&ask(&server, &checks, checking, options)?)?;
        let (of_checks, of_logins) = thread::scope(|scope| {
            let storm = scope.spawn(|| ask(&server, &logins, logging_in, options));
            let checked = ask(&server, &checks, checking, options);
            let logged_in = storm.join().map_err(|_| "the load generator panicked");
            Ok::<_, crate::Error>((checked?, logged_in??))
        })?;
        storm.add_later(&of_checks)?;
        logged_in.add_later(&of_logins)?;
    }
    let mut table = Table::new(1, &["calls", "conns", "per s", "p50 ms", "p99 ms"]);
    let rows = [
        ("token checks, nobody logs in", checking, &idle),
        ("token checks in the storm", checking, &storm),
        ("password logins", logging_in, &logged_in),
    ];
    for (name, connections, times) in rows {
        if let (1.., failure) = times.failed() {
            return Err(format!("{name}: {}", failure.unwrap_or_default()).into());
        }
        table.push([
            name.to_owned(),
            connections.to_string(),
            rate(times.per_second()),
            millis(times.quantile(0.5)),
            millis(times.quantile(0.99)),
        ]);
    }
    let slower = storm.quantile(0.99) / idle.quantile(0.99);
    let bar = Bar::new(
        "token check, p99 in the storm / without",
        Wanted::AtMost(3.0),
    );
    Ok(Section {
        title: "A storm of password logins".to_owned(),
        text: "Windows with and without the storm take turns.".to_owned(),
        table,
        bars: vec![bar.with("", slower)],
    })
}

fn ask(
    server: &Server,
    calls: &Arc<Calls>,
    connections: usize,
    options: &Options,
) -> Result<Times> {
    let load = Load {
        connections,
        warm_up: options.scale.pace.warm_up,
        window: options.scale.pace.window,
    };
    load::run(&[server.address()], calls, load, || Ok(()))
}
