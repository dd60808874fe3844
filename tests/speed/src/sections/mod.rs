//! The sections: each makes its servers, measures one subject, and says what came out.

mod cases;
mod disk;
mod flat;
mod memory;
mod start;
mod steady;
mod storm;

use std::{
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Result,
    bars::{Bar, Bars},
    load::{self, Load, Times},
    options::{self, Options},
    postgres,
    process::Server,
    product::{self, Product},
    rows::Population,
    table::Table,
};

/// How long it may take until every session was asked for.
const PATIENCE: Duration = Duration::from_secs(600);

/// What came out of one.
pub(crate) struct Section {
    pub(crate) title: String,
    /// What was done, for whoever reads the figures.
    pub(crate) text: String,
    pub(crate) table: Table,
    pub(crate) bars: Vec<Bar>,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "## {}\n\n{}\n\n{}", self.title, self.text, self.table)?;
        if !self.bars.is_empty() {
            write!(f, "\n{}", Bars(&self.bars))?;
        }
        Ok(())
    }
}

/// Measures the section of this name, with its data in this folder.
pub(crate) fn measure(name: &str, options: &Options, folder: &Path) -> Result<Section> {
    match name {
        "cases" => cases::measure(options, folder),
        "flat" => flat::measure(options, folder),
        "disk" => disk::measure(options, folder),
        "memory" => memory::measure(options, folder),
        "start" => start::measure(options, folder),
        "storm" => storm::measure(options, folder),
        options::STEADY => steady::measure(options, folder),
        options::POSTGRES => postgres::measure(options, folder),
        _ => Err(format!("there is no section {name}").into()),
    }
}

/// Vestibule with the population that the options ask for, on SQLite.
fn populated(options: &Options, folder: &Path) -> Result<(Product, Population)> {
    let population = Population {
        registered: options.scale.registered,
        guests: options.scale.guests,
    };
    let product = Product::install(&options.server, folder.join("product"), None)?;
    product.fill(&population)?;
    Ok((product, population))
}

/// Vestibule with as many guests as "many" means, and nobody else.
fn with_many_guests(options: &Options, folder: &Path) -> Result<(Product, Population)> {
    let population = Population {
        registered: 0,
        guests: options.scale.sizes.last().copied().unwrap_or_default(),
    };
    let product = Product::install(&options.server, folder.join("product"), None)?;
    product.fill(&population)?;
    Ok((product, population))
}

/// Has the server look at the session of each of these users.
fn see_each(server: &Server, connections: usize, users: &[u64]) -> Result<()> {
    let wanted = users.len() as u64;
    let calls = Arc::new(product::token_checks_in_turn(users));
    let began = Instant::now();
    let mut asked = 0;
    while asked < wanted {
        let load = Load {
            connections,
            per_second: None,
            warm_up: Duration::ZERO,
            window: Duration::from_millis(500),
        };
        let times: Times = load::run(&[server.address()], &calls, load, || Ok(()))?;
        if let (1.., failure) = times.failed() {
            return Err(format!("a live session is none: {}", failure.unwrap_or_default()).into());
        }
        asked += times.count();
        if began.elapsed() > PATIENCE {
            return Err("the sessions cannot be asked for in time".into());
        }
    }
    Ok(())
}
