//! One and two servers on PostgreSQL, beside `pgbench` with the same statements.

mod database;
mod pgbench;
mod statements;

use std::{path::Path, sync::Arc};

use self::{database::Database, pgbench::Script};
use crate::{
    Result,
    contest::{self, Contestant, Measured},
    load::Calls,
    options::Options,
    product::{self, Product},
    rows::Population,
    sections::Section,
    table::{Table, megabytes, millis, rate, ratio, thousands},
};

/// Connections at most: `pgbench` takes as many of the database, which has a hundred by default.
const CONNECTIONS_AT_MOST: usize = 64;

/// Sessions that are asked for.
const SESSIONS: u64 = 10_000;

/// A case: what is asked of Vestibule, and the statements that do the like.
type Case = (&'static str, Calls, String);

/// Measures on the PostgreSQL that the options name.
pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let place = options.database.as_deref().ok_or("no --database")?;
    let database = Database::make(place)?;
    let population = Population {
        registered: 0,
        guests: options.scale.guests,
    };
    let product = folder.join("product");
    let product = Product::install(&options.server, product, Some(database.url()))?;
    database.fill(&population)?;
    let (first, second) = (product.serve()?, product.serve_another()?);

    let mut table = Table::new(
        2,
        &[
            "case", "server", "conns", "per s", "p50 ms", "p99 ms", "CPU us", "MB", "ratio",
        ],
    );
    for (name, calls, script) in cases(&population) {
        let calls = Arc::new(calls);
        let script = Script::new(folder, name, &script)?;
        let url = database.url();
        let window = move |connections, pace| script.run(&url, connections, pace);
        let contestants = [
            Contestant::new("Vestibule", &first, &calls),
            Contestant::several("Vestibule, two servers", &[&first, &second], &calls),
            Contestant::other("pgbench", Box::new(window)),
        ];
        let few = options.scale.connections.iter().copied();
        for connections in few.filter(|&connections| connections <= CONNECTIONS_AT_MOST) {
            let measured = contest::take_turns(&contestants, connections, options.scale.pace)?;
            for each in &measured {
                let faster = measured[0].times.per_second() / each.times.per_second();
                table.push(row(name, connections, each, faster));
            }
        }
    }
    Ok(Section {
        title: "PostgreSQL".to_owned(),
        text: format!(
            "{}.\n{} guests are there before. `pgbench` runs the statements of the case and nothing else, \
             prepared,\nwith a connection for each of ours; a token that Vestibule has seen costs it no \
             statement.\nCPU is the time of processors that Vestibule needs for a call, the database's left \
             out.\nThe ratio is that of one Vestibule to the row.",
            database.description()?,
            thousands(population.guests),
        ),
        table,
        bars: Vec::new(),
    })
}

fn cases(population: &Population) -> [Case; 3] {
    let seen = population.sample(SESSIONS);
    let guests = population.guest_numbers();
    [
        (
            "guest login",
            product::guest_login(),
            statements::guest_login(),
        ),
        (
            "token check",
            product::token_check(&seen),
            statements::token_check(&guests),
        ),
        (
            "find by id",
            product::find_by_id(&seen),
            statements::find_by_id(&guests),
        ),
    ]
}

fn row(case: &str, connections: usize, measured: &Measured, faster: f64) -> [String; 9] {
    let times = &measured.times;
    // Of `pgbench` they are not known.
    let (cpu, memory) = match measured.memory {
        0 => (String::new(), String::new()),
        memory => (rate(measured.per_call()), megabytes(memory)),
    };
    [
        case.to_owned(),
        measured.name.clone(),
        connections.to_string(),
        rate(times.per_second()),
        millis(times.quantile(0.5)),
        millis(times.quantile(0.99)),
        cpu,
        memory,
        ratio(faster),
    ]
}
