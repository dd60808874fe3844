//! What an idle server keeps in memory, and what many live sessions add.

use std::{path::Path, thread};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    options::Options,
    product::Product,
    table::{Table, megabytes, thousands},
};

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
    let everybody: Vec<_> = population.guest_numbers().collect();
    super::see_each(&server, options.scale.many, &everybody)?;
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

#[expect(clippy::cast_precision_loss, reason = "a figure, for people")]
fn in_megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
