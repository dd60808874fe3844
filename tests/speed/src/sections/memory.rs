//! What an idle server keeps in memory, and what many live sessions add.

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    load::{self, Load, Times},
    options::Options,
    process::Server,
    product::{self, Product},
    table::{Table, megabytes, thousands},
};

/// How long it may take until every session was asked for.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let rest = options.scale.rest;
    let empty = Product::install(&options.server, folder.join("empty"), None)?.serve()?;
    thread::sleep(rest);
    let idle = empty.memory()?;
    drop(empty);

    let (product, population) = super::with_many_guests(options, folder)?;
    let server = product.serve()?;
    thread::sleep(rest);
    let unseen = server.memory()?;
    ask_for_each(&server, options.scale.many, population.guest_numbers())?;
    thread::sleep(rest);
    let seen = server.memory()?;

    let guests = thousands(population.guests);
    let mut table = Table::new(1, &["server", "MB"]);
    let rows = [
        ("no users, idle".to_owned(), idle),
        (format!("{guests} users, none seen"), unseen),
        (
            format!("{guests} users, the token of each was checked once"),
            seen,
        ),
    ];
    for (name, bytes) in rows {
        table.push([name, megabytes(bytes)]);
    }
    let sessions = format!("{guests} live sessions");
    Ok(Section {
        title: "Memory".to_owned(),
        text: "Resident memory as Linux counts it, with the program itself.".to_owned(),
        table,
        bars: vec![
            Bar::in_unit("idle", Wanted::AtMost(20.0), " MB").with("", in_megabytes(idle)),
            Bar::in_unit(sessions, Wanted::AtMost(250.0), " MB").with("", in_megabytes(seen)),
        ],
    })
}

/// Has the server look at the session of each of these users.
fn ask_for_each(server: &Server, connections: usize, users: std::ops::Range<u64>) -> Result<()> {
    let wanted = users.end - users.start;
    let calls = Arc::new(product::token_checks_in_turn(users));
    let began = Instant::now();
    let mut asked = 0;
    while asked < wanted {
        let load = Load {
            connections,
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

#[expect(clippy::cast_precision_loss, reason = "a figure, for people")]
fn in_megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
