//! Whether more users make anything slower.

use std::{path::Path, sync::Arc};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    contest::{self, Contestant, Measured},
    load::Calls,
    options::Options,
    process::Server,
    product::{self, Product},
    rows::Population,
    table::{Table, millis, rate, ratio, thousands},
};

/// Sessions whose tokens are checked, spread over all users.
const SESSIONS: u64 = 10_000;

/// Users whose records are read, spread over all users.
const RECORDS: u64 = 100_000;

/// A server and the calls of one case for it.
type Asked<'a> = (&'a Server, Arc<Calls>);

/// A case, and its calls for a population.
type Case = (&'static str, fn(&Population) -> Calls);

const CASES: [Case; 3] = [
    ("guest login", |_| product::guest_login()),
    ("token check", |population| {
        product::token_check(&population.sample(SESSIONS))
    }),
    ("find by id", |population| {
        product::find_by_id(&population.sample(RECORDS))
    }),
];

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let connections = options.scale.many;
    let mut servers = Vec::new();
    for &guests in &options.scale.sizes {
        let product = Product::install(&options.server, folder.join(guests.to_string()), None)?;
        let population = Population {
            registered: 0,
            guests,
        };
        product.fill(&population)?;
        let server = product.serve()?;
        super::see_each(&server, connections, &population.sample(SESSIONS))?;
        servers.push((server, population));
    }
    let mut table = Table::new(1, &["case", "users", "per s", "p50 ms", "p99 ms", "ratio"]);
    let mut bars = Vec::new();
    for (name, calls) in CASES {
        let asked: Vec<Asked<'_>> = servers
            .iter()
            .map(|(server, population)| (server, Arc::new(calls(population))))
            .collect();
        let contestants: Vec<_> = asked
            .iter()
            .zip(&options.scale.sizes)
            .map(|((server, calls), users)| Contestant::new(&thousands(*users), server, calls))
            .collect();
        let measured = contest::take_turns(&contestants, connections, options.scale.pace)?;
        let mut bar = Bar::new(format!("{name}: fewest users / more"), Wanted::AtMost(1.2));
        for each in &measured {
            let slower = measured[0].times.per_second() / each.times.per_second();
            table.push(row(name, each, slower));
            bar.push(each.name.clone(), slower);
        }
        bars.push(bar);
    }
    Ok(Section {
        title: "Flat as users grow".to_owned(),
        text: format!(
            "{connections} connections. A server for each number of users, in turns. Tokens are those of {} \
             sessions\nand records those of {} users, spread over all. The ratio is how much slower than with \
             the\nfewest users.",
            thousands(SESSIONS),
            thousands(RECORDS),
        ),
        table,
        bars,
    })
}

fn row(case: &str, measured: &Measured, slower: f64) -> [String; 6] {
    let times = &measured.times;
    [
        case.to_owned(),
        measured.name.clone(),
        rate(times.per_second()),
        millis(times.quantile(0.5)),
        millis(times.quantile(0.99)),
        ratio(slower),
    ]
}
