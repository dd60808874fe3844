//! How long a server with many users takes from exec to its first answer.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    known, load,
    options::Options,
    product::{self, Product},
    table::{Table, millis, thousands},
};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let (product, population) = super::with_many_guests(options, folder)?;
    let starts = options.scale.starts;
    let mut after_an_end = times(&product, starts, false)?;
    let mut after_a_kill = times(&product, starts, true)?;
    let mut table = Table::new(1, &["start", "starts", "median ms", "longest ms"]);
    let rows = [
        ("after the server was ended", &mut after_an_end),
        ("after it was killed", &mut after_a_kill),
    ];
    for (name, times) in rows {
        times.sort_by(f64::total_cmp);
        let [median, longest] = [times[times.len() / 2], times[times.len() - 1]];
        table.push([
            name.to_owned(),
            starts.to_string(),
            millis(median),
            millis(longest),
        ]);
    }
    let bar = Bar::in_unit(
        "first answer after exec, longest",
        Wanted::AtMost(100.0),
        " ms",
    );
    let bar = bar
        .with("ended", after_an_end[starts - 1])
        .with("killed", after_a_kill[starts - 1]);
    Ok(Section {
        title: "Start".to_owned(),
        text: format!(
            "{} users. From exec until a guest's token is known to be valid, asked every half\n\
             millisecond; the file is in the system's cache.",
            thousands(population.guests)
        ),
        table,
        bars: vec![bar],
    })
}

/// How long starts took, in milliseconds.
fn times(product: &Product, starts: usize, kill: bool) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(starts);
    for _ in 0..starts {
        let address = free_address()?;
        let starting = product.begin(address)?;
        wait_for(address, starting.began)?;
        let body = load::once(address, &product::is_valid(known::FIRST_GUEST))?;
        times.push(starting.began.elapsed().as_secs_f64() * 1000.0);
        if body != "true" {
            return Err("the first guest's session is no more".into());
        }
        if kill {
            drop(starting);
        } else {
            starting.end()?;
        }
    }
    Ok(times)
}

/// Waits until somebody listens.
fn wait_for(address: SocketAddr, began: Instant) -> Result<()> {
    while TcpStream::connect(address).is_err() {
        if began.elapsed() > PATIENCE {
            return Err("the server does not start".into());
        }
        thread::sleep(Duration::from_micros(500));
    }
    Ok(())
}

/// An address that nobody listens on just now.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
