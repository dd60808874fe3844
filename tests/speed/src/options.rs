//! What to measure, and how long.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{Result, rows::Layout, scale::Scale};

/// What the program is asked to do.
pub(crate) enum Task {
    /// To measure.
    Measure(Box<Options>),
    /// To be a server to compare with.
    BeBare { database: PathBuf, layout: Layout },
}

/// What is measured, and where the figures go.
pub(crate) struct Options {
    /// The server's program.
    pub(crate) server: PathBuf,
    /// Where data is kept while it runs; without it, where temporary files are.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) sections: Vec<&'static str>,
    /// The cases that are measured; without any, all of them.
    pub(crate) cases: Vec<String>,
    pub(crate) scale: Scale,
    pub(crate) database: Option<String>,
    pub(crate) write: Option<PathBuf>,
    /// Whether the figures mean nothing.
    pub(crate) quick: bool,
}

/// The sections that a flag of their name asks for, and what they are about.
const SECTIONS: [(&str, &str); 6] = [
    (
        "cases",
        "each case beside bare servers; what is measured if nothing else is asked for",
    ),
    (
        "flat",
        "guest login, token check and find by id with 10 thousand to a million users",
    ),
    ("disk", "bytes on disk for a guest and its session"),
    (
        "memory",
        "memory of an idle server, and of a million sessions",
    ),
    (
        "start",
        "from exec to the first answer, with a million users",
    ),
    (
        "storm",
        "token checks while many users log in with their passwords",
    ),
];

/// The name of the section that `--steady` asks for.
pub(crate) const STEADY: &str = "steady";

/// The name of the section that `--database` asks for.
pub(crate) const POSTGRES: &str = "postgres";

/// Reads the command line; ends the program if that is wrong or asks for help.
pub(crate) fn read() -> Result<Task> {
    let matches = command().get_matches();
    let Some(("bare", bare)) = matches.subcommand() else {
        return Ok(Task::Measure(Box::new(options(&matches)?)));
    };
    let layout = match bare.get_one::<String>("layout").map(String::as_str) {
        Some("two-tables") => Layout::TwoTables,
        _ => Layout::Vestibule,
    };
    let database = bare.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    Ok(Task::BeBare { database, layout })
}

fn command() -> Command {
    let value = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let path =
        |name, what, help| value(name, what, help).value_parser(clap::value_parser!(PathBuf));
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .help(help)
            .action(ArgAction::SetTrue)
    };
    let bare = Command::new("bare")
        .about("A server to compare with; the program starts these by itself")
        .hide(true)
        .arg(Arg::new("layout").required(true))
        .arg(
            Arg::new("file")
                .required(true)
                .value_parser(clap::value_parser!(PathBuf)),
        );
    Command::new("vestibule-speed")
        .about("Measures the server beside bare ones, in one run and with one load generator")
        .args(SECTIONS.map(|(name, about)| flag(name, about)))
        .arg(flag("all", "All of these"))
        .arg(
            value("steady", "MINUTES", "Memory under a load that makes no new sessions")
                .value_parser(clap::value_parser!(u64)),
        )
        .arg(value(
            "database",
            "URL",
            "One and two servers on PostgreSQL, beside pgbench: postgres://USER@HOST:PORT, where the \
             user may make databases; a password in PGPASSWORD",
        ))
        .arg(path("server", "FILE", "The server's program; otherwise `vestibule` beside this one"))
        .arg(path("folder", "FOLDER", "Where to keep data meanwhile; otherwise the system's folder"))
        .arg(
            value("seconds", "SECONDS", "Length of a window")
                .value_parser(clap::value_parser!(u64).range(1..))
                .default_value("4"),
        )
        .arg(
            value("rounds", "NUMBER", "Windows of each contestant in a case")
                .value_parser(clap::value_parser!(u64).range(1..))
                .default_value("3"),
        )
        .arg(
            value("case", "NAME", "Of the cases, only those of this name; may be given several times")
                .action(ArgAction::Append),
        )
        .arg(
            value("connections", "NUMBER,..", "Connections in the cases, if not 1,16,64,256")
                .value_delimiter(',')
                .value_parser(clap::value_parser!(u64).range(1..)),
        )
        .arg(flag("quick", "Everything in tiny windows, to see whether it works; no figure counts"))
        .arg(flag("write", "Put the results into BENCHMARKS.md"))
        .args_conflicts_with_subcommands(true)
        .subcommand(bare)
}

fn options(matches: &ArgMatches) -> Result<Options> {
    let quick = matches.get_flag("quick");
    let minutes = matches.get_one::<u64>("steady").copied();
    let database = matches.get_one::<String>("database").cloned();
    let all = matches.get_flag("all") || quick;
    let asked = |name: &str| all || matches.get_flag(name);
    let mut sections: Vec<_> = SECTIONS.map(|(name, _)| name).into();
    sections.retain(|name| asked(name));
    if minutes.is_some() || quick {
        sections.push(STEADY);
    }
    if database.is_some() {
        sections.push(POSTGRES);
    }
    if sections.is_empty() {
        sections.push("cases");
    }
    let write = matches.get_flag("write");
    if write && (quick || cfg!(debug_assertions)) {
        let message = "figures of a quick run or of a debug build are not worth writing down";
        return Err(message.into());
    }
    if write && (matches.contains_id("case") || matches.contains_id("connections")) {
        return Err("a part of the cases is not written down, or it would replace the rest".into());
    }
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or(1);
    Ok(Options {
        server: match matches.get_one::<PathBuf>("server") {
            Some(given) => std::fs::canonicalize(given)?,
            None => beside_this_one()?,
        },
        folder: match matches.get_one::<PathBuf>("folder") {
            Some(given) => Some(std::fs::canonicalize(given)?),
            None => None,
        },
        sections,
        cases: matches
            .get_many("case")
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
        scale: if quick {
            Scale::quick()
        } else {
            let rounds = u32::try_from(number("rounds"))?;
            let mut scale = Scale::full(number("seconds"), rounds, number("steady"));
            if let Some(connections) = matches.get_many::<u64>("connections") {
                let connections = connections.map(|&number| usize::try_from(number));
                scale.connections = connections.collect::<Result<_, _>>()?;
            }
            scale
        },
        database,
        write: write.then(benchmarks),
        quick,
    })
}

/// The server's program, where cargo puts both.
fn beside_this_one() -> Result<PathBuf> {
    let server = std::env::current_exe()?.with_file_name("vestibule");
    if !server.is_file() {
        let server = server.display();
        let cure = "cargo build --release --bin vestibule makes it, and --server names another";
        return Err(format!("{server} is not there; {cure}").into());
    }
    Ok(server)
}

/// The file that the figures are kept in.
fn benchmarks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../BENCHMARKS.md")
}
