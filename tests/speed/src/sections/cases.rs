//! Each case beside the bare servers.

use std::{path::Path, sync::Arc};

use super::Section;
use crate::{
    Result,
    bare::{self, calls},
    bars::{Bar, Wanted},
    contest::{self, Contestant, Measured, Pace},
    hashes,
    load::{self, Calls, Load},
    options::Options,
    process::{self, Server},
    product,
    rows::{self, Layout, Population},
    table::{Table, megabytes, millis, rate, ratio, thousands},
};

/// Sessions that are asked for: so many that no cache of a processor has them all.
const SESSIONS: u64 = 10_000;

/// What the servers to compare with are called.
const SAME_TABLES: &str = "bare, same tables";
const TWO_TABLES: &str = "bare, two tables";
const BY_KEY: &str = "bare, token by primary key";
const CONSTANT: &str = "bare, constant answer";
const HASH_ALONE: &str = "the hash alone";

/// The columns of the table.
const HEADER: [&str; 10] = [
    "case",
    "server",
    "conns",
    "per s",
    "p50 ms",
    "p99 ms",
    "CPU us",
    "MB",
    "ratio",
    "p99 ratio",
];

/// One case: what is asked of Vestibule, and of whom else the like is asked.
struct Case<'a> {
    name: &'static str,
    product: Arc<Calls>,
    others: Vec<Other<'a>>,
}

/// Somebody to compare with, and the least ratio that is promised.
struct Other<'a> {
    name: &'static str,
    asked: Option<(&'a Server, Arc<Calls>)>,
    promised: Option<f64>,
    /// Whether the p99 is promised, too.
    p99: bool,
}

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let (product, population) = super::populated(options, folder)?;
    let same = fill(
        folder,
        "same",
        Layout::Vestibule,
        &rows::schema_in(&product.file())?,
        &population,
    )?;
    let two = fill(
        folder,
        "two",
        Layout::TwoTables,
        &rows::two_tables(),
        &population,
    )?;
    let vestibule = product.serve()?;
    // As most sessions have been that a server is asked about.
    let seen = population.sample(SESSIONS);
    super::see_each(&vestibule, options.scale.many, &seen)?;

    let alone = generator(&same, options)?;
    let mut table = Table::new(2, &HEADER);
    let mut bars = Vec::new();
    let mut cases = cases(&population, &same, &two);
    cases.retain(|case| options.cases.is_empty() || options.cases.iter().any(|it| it == case.name));
    if cases.is_empty() {
        return Err(format!("there is no case {}", options.cases.join(" or ")).into());
    }
    for case in cases {
        let mut of_case = of(&case);
        for &connections in &options.scale.connections {
            let contestants = contestants(&case, &vestibule);
            let measured = contest::take_turns(&contestants, connections, options.scale.pace)?;
            report(&case, connections, &measured, &mut table, &mut of_case);
        }
        bars.extend(of_case.into_iter().flatten().flatten());
    }
    Ok(Section {
        title: "Cases".to_owned(),
        text: format!(
            "{} guests and {} registered users are there before. Windows of {:?}, {} of each contestant, in\n\
             turns. CPU is the time of processors that the server needs for a call; ratios are those of\n\
             Vestibule to the row. Vestibule has seen each of the sessions once before. A record is found\n\
             by id with the CodeRunner key, without a session.\n\
             {alone}",
            thousands(population.guests),
            thousands(population.registered),
            options.scale.pace.window,
            options.scale.pace.rounds,
        ),
        table,
        bars,
    })
}

/// What the load generator reaches when there is nothing to wait for.
fn generator(bare: &Server, options: &Options) -> Result<String> {
    let load = Load {
        connections: options.scale.many,
        per_second: None,
        warm_up: options.scale.pace.warm_up,
        window: options.scale.pace.window,
    };
    let mut edges = Vec::with_capacity(2);
    let calls = Arc::new(calls::constant());
    let times = load::run(&[bare.address()], &calls, load, || {
        edges.push(process::own_processor_time()?);
        Ok(())
    })?;
    Ok(format!(
        "With {} connections the load generator reaches {} calls a second against a constant answer;\n\
         it needs {} us of a processor for each of them itself.",
        load.connections,
        rate(times.per_second()),
        rate(contest::per_call(edges[1].saturating_sub(edges[0]), &times)),
    ))
}

/// A bare server with this population.
fn fill(
    folder: &Path,
    name: &str,
    layout: Layout,
    schema: &[String],
    population: &Population,
) -> Result<Server> {
    let file = folder.join(name).with_extension("db");
    let mut connection = rows::make(&file, schema)?;
    rows::fill(&mut connection, layout, population)?;
    drop(connection);
    bare::start(&file, layout)
}

fn cases<'a>(population: &Population, same: &'a Server, two: &'a Server) -> Vec<Case<'a>> {
    let seen = population.sample(SESSIONS);
    let registered = population.registered;
    let other = |name, server, calls: Calls, promised| Other {
        name,
        asked: Some((server, Arc::new(calls))),
        promised,
        p99: promised.is_some(),
    };
    let case = |name, calls: Calls, others| Case {
        name,
        product: Arc::new(calls),
        others,
    };
    vec![
        case(
            "guest login",
            product::guest_login(),
            vec![
                other(SAME_TABLES, same, calls::guest_login(), Some(0.7)),
                other(TWO_TABLES, two, calls::guest_login(), Some(0.5)),
            ],
        ),
        case(
            "token check",
            product::token_check(&seen),
            vec![
                other(BY_KEY, same, calls::token_check(&seen), Some(0.7)),
                other(CONSTANT, same, calls::constant(), None),
            ],
        ),
        case(
            "own record",
            product::own_record(&seen),
            vec![other(BY_KEY, same, calls::own_record(&seen), Some(0.7))],
        ),
        case(
            "find by id",
            product::find_by_id(&seen),
            vec![other(SAME_TABLES, same, calls::find_by_id(&seen), None)],
        ),
        case(
            "password login",
            product::password_login(registered),
            vec![
                other(SAME_TABLES, same, calls::password_login(registered), None),
                Other {
                    name: HASH_ALONE,
                    asked: None,
                    promised: Some(0.9),
                    p99: false,
                },
            ],
        ),
        case(
            "register",
            product::register(),
            vec![other(SAME_TABLES, same, calls::register(), None)],
        ),
    ]
}

fn contestants<'a>(case: &'a Case<'a>, vestibule: &'a Server) -> Vec<Contestant<'a>> {
    let first = Contestant::new("Vestibule", vestibule, &case.product);
    let others = case.others.iter().map(|other| match &other.asked {
        Some((server, calls)) => Contestant::new(other.name, server, calls),
        None => {
            let hash = |connections, pace: Pace| hashes::measure(connections, pace.window);
            Contestant::other(other.name, Box::new(hash))
        }
    });
    std::iter::once(first).chain(others).collect()
}

/// The bars of a case: for each other one, of the throughput and of the p99, where they are promised.
fn of(case: &Case<'_>) -> Vec<[Option<Bar>; 2]> {
    let bars = |other: &Other<'_>| {
        let name = format!("{} / {}", case.name, other.name);
        let throughput = other
            .promised
            .map(|least| Bar::new(name.clone(), Wanted::AtLeast(least)));
        let p99 = other
            .p99
            .then(|| Bar::new(format!("{name}, p99"), Wanted::AtMost(1.5)));
        [throughput, p99]
    };
    case.others.iter().map(bars).collect()
}

/// Writes the rows of a case at one number of connections, and what the bars need of them.
fn report(
    case: &Case<'_>,
    connections: usize,
    measured: &[Measured],
    table: &mut Table,
    bars: &mut [[Option<Bar>; 2]],
) {
    let (vestibule, others) = (&measured[0], &measured[1..]);
    table.push(row(case.name, connections, vestibule, None));
    for (other, [throughput, p99]) in others.iter().zip(bars) {
        let faster = vestibule.times.per_second() / other.times.per_second();
        let slower = vestibule.times.quantile(0.99) / other.times.quantile(0.99);
        table.push(row(case.name, connections, other, Some((faster, slower))));
        for (bar, figure) in [(throughput, faster), (p99, slower)] {
            if let Some(bar) = bar {
                bar.push(connections.to_string(), figure);
            }
        }
    }
}

fn row(
    case: &str,
    connections: usize,
    measured: &Measured,
    ratios: Option<(f64, f64)>,
) -> [String; 10] {
    let times = &measured.times;
    let (faster, slower) = ratios.map_or_else(Default::default, |(faster, slower)| {
        (ratio(faster), ratio(slower))
    });
    [
        case.to_owned(),
        measured.name.clone(),
        connections.to_string(),
        rate(times.per_second()),
        millis(times.quantile(0.5)),
        millis(times.quantile(0.99)),
        rate(measured.per_call()),
        match measured.memory {
            0 => String::new(),
            memory => megabytes(memory),
        },
        faster,
        slower,
    ]
}
