//! Token checks while everybody logs in with a password.

use std::{path::Path, sync::Arc, thread};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    hashes,
    load::{self, Calls, Load, Times},
    options::Options,
    process::Server,
    product,
    table::{Table, millis, rate, thousands},
};

/// Sessions whose tokens are checked.
const SESSIONS: u64 = 10_000;

/// Token checks a second where they come at a rate: about a tenth of what the server answers at most
/// with the load generator beside it on two cores, so that these two leave a core to the hashes.
const CHECKS_PER_SECOND: u32 = 5_000;

/// How much slower the slowest token checks may get.
const SLOWER: Wanted = Wanted::AtMost(3.0);

/// Who is asked, and what.
struct Asked<'a> {
    server: &'a Server,
    checks: Arc<Calls>,
    logins: Arc<Calls>,
    /// Connections of those who check tokens, and of those who log in.
    checking: usize,
    logging_in: usize,
    options: &'a Options,
}

/// What came back, with token checks that all came in the same way.
struct Measured {
    /// Token checks while nobody logs in.
    calm: Times,
    /// Token checks while everybody does.
    storm: Times,
    logins: Times,
}

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let (product, population) = super::populated(options, folder)?;
    let server = product.serve()?;
    let sessions = population.sample(SESSIONS);
    super::see_each(&server, options.scale.many, &sessions)?;
    let asked = Asked {
        server: &server,
        checks: Arc::new(product::token_check(&sessions)),
        logins: Arc::new(product::password_login(population.registered)),
        // A quarter of those who log in: 16 beside 64.
        checking: options.scale.many / 4,
        logging_in: options.scale.many,
        options,
    };
    let (mut saturating, mut paced) = (Measured::nothing()?, Measured::nothing()?);
    let mut hashes = Times::none()?;
    for _ in 0..options.scale.pace.rounds {
        saturating.add(&asked, None)?;
        paced.add(&asked, Some(CHECKS_PER_SECOND))?;
        let (times, _) = hashes::measure(asked.logging_in, options.scale.pace.window)?;
        hashes.add_later(&times)?;
    }
    let mut table = Table::new(1, &["calls", "conns", "per s", "p50 ms", "p99 ms"]);
    let at_rate = format!("at {} a second", thousands(CHECKS_PER_SECOND.into()));
    saturating.report(&asked, "token checks", &mut table)?;
    paced.report(&asked, &format!("token checks {at_rate}"), &mut table)?;
    push("the hash alone", "", &hashes, &mut table);
    let slower = Bar::new("token check, p99 in the storm / without", SLOWER);
    let slower_paced = Bar::new("token check, p99 in the storm / without, paced", SLOWER);
    let as_fast = Bar::new(
        "password login / the hash alone, checks paced",
        Wanted::AtLeast(0.9),
    );
    Ok(Section {
        title: "A storm of password logins".to_owned(),
        text: format!(
            "Where token checks come as fast as they are answered, they leave no processor to hashes, and logins\n\
             are few. Where they come {at_rate}, answered or not, as from users who do not know of each\n\
             other, there is room for both. Such a check takes from when it was due to its answer. Windows take\n\
             turns; the hash alone has as many threads as the server gives to hashes."
        ),
        table,
        bars: vec![
            slower.with("", saturating.slower()),
            slower_paced.with("", paced.slower()),
            as_fast.with("", paced.logins.per_second() / hashes.per_second()),
        ],
    })
}

impl Measured {
    fn nothing() -> Result<Self> {
        Ok(Self {
            calm: Times::none()?,
            storm: Times::none()?,
            logins: Times::none()?,
        })
    }

    /// A window without the storm and one with it, with so many token checks a second.
    fn add(&mut self, asked: &Asked<'_>, per_second: Option<u32>) -> Result<()> {
        self.calm.add_later(&asked.check(per_second)?)?;
        let (checks, logins) = thread::scope(|scope| {
            let logins = scope.spawn(|| asked.log_in());
            let checks = asked.check(per_second);
            let logins = logins.join().map_err(|_| "the load generator panicked");
            Ok::<_, crate::Error>((checks?, logins??))
        })?;
        self.storm.add_later(&checks)?;
        self.logins.add_later(&logins)
    }

    /// Writes the rows, with what the token checks are called.
    fn report(&self, asked: &Asked<'_>, checks: &str, table: &mut Table) -> Result<()> {
        let (calm, storm) = (
            format!("{checks}, nobody logs in"),
            format!("{checks} in the storm"),
        );
        let rows = [
            (calm.as_str(), asked.checking, &self.calm),
            (&storm, asked.checking, &self.storm),
            (
                "password logins beside them",
                asked.logging_in,
                &self.logins,
            ),
        ];
        for (name, connections, times) in rows {
            if let (1.., failure) = times.failed() {
                return Err(format!("{name}: {}", failure.unwrap_or_default()).into());
            }
            push(name, &connections.to_string(), times, table);
        }
        Ok(())
    }

    /// How much slower the slowest token checks are in the storm.
    fn slower(&self) -> f64 {
        self.storm.quantile(0.99) / self.calm.quantile(0.99)
    }
}

impl Asked<'_> {
    fn check(&self, per_second: Option<u32>) -> Result<Times> {
        self.ask(&self.checks, self.checking, per_second)
    }

    fn log_in(&self) -> Result<Times> {
        self.ask(&self.logins, self.logging_in, None)
    }

    fn ask(
        &self,
        calls: &Arc<Calls>,
        connections: usize,
        per_second: Option<u32>,
    ) -> Result<Times> {
        let load = Load {
            connections,
            per_second,
            warm_up: self.options.scale.pace.warm_up,
            window: self.options.scale.pace.window,
        };
        load::run(&[self.server.address()], calls, load, || Ok(()))
    }
}

fn push(name: &str, connections: &str, times: &Times, table: &mut Table) {
    table.push([
        name.to_owned(),
        connections.to_owned(),
        rate(times.per_second()),
        millis(times.quantile(0.5)),
        millis(times.quantile(0.99)),
    ]);
}
