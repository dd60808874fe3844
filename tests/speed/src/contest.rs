//! Contestants that take turns, so that a machine which gets slower gets slower for all of them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::{
    Result,
    load::{self, Calls, Load, Times},
    process::Server,
};

/// How long and how often is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    /// Windows of each contestant.
    pub(crate) rounds: u32,
}

/// Measures one window: how long calls took, and how much time of processors all of them.
pub(crate) type Window = Box<dyn Fn(usize, Pace) -> Result<(Times, Duration)>>;

/// Who is measured.
pub(crate) enum Contestant<'a> {
    /// One server, or several that share the connections.
    Servers {
        name: String,
        servers: Vec<&'a Server>,
        calls: Arc<Calls>,
    },
    /// Something else that can be measured for a window, at so many connections.
    Other { name: String, measure: Window },
}

/// What came out.
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) times: Times,
    /// Time of processors that the servers used in the windows.
    processors: Duration,
    /// Memory of the servers after the last window, in bytes.
    pub(crate) memory: u64,
}

impl Measured {
    /// Time of processors for one call, in microseconds.
    pub(crate) fn per_call(&self) -> f64 {
        per_call(self.processors, &self.times)
    }
}

/// Time of processors for one of these calls, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "a figure, for people")]
pub(crate) fn per_call(processors: Duration, times: &Times) -> f64 {
    processors.as_secs_f64() * 1e6 / times.count().max(1) as f64
}

impl<'a> Contestant<'a> {
    pub(crate) fn new(name: &str, server: &'a Server, calls: &Arc<Calls>) -> Self {
        Self::several(name, &[server], calls)
    }

    pub(crate) fn several(name: &str, servers: &[&'a Server], calls: &Arc<Calls>) -> Self {
        Self::Servers {
            name: name.to_owned(),
            servers: servers.to_vec(),
            calls: Arc::clone(calls),
        }
    }

    pub(crate) fn other(name: &str, measure: Window) -> Self {
        let name = name.to_owned();
        Self::Other { name, measure }
    }

    fn name(&self) -> &str {
        match self {
            Self::Servers { name, .. } | Self::Other { name, .. } => name,
        }
    }

    /// One window.
    fn measure(&self, connections: usize, pace: Pace) -> Result<(Times, Duration)> {
        match self {
            Self::Servers { servers, calls, .. } => {
                let load = Load {
                    connections,
                    per_second: None,
                    warm_up: pace.warm_up,
                    window: pace.window,
                };
                ask(servers, calls, load)
            }
            Self::Other { measure, .. } => measure(connections, pace),
        }
    }

    fn memory(&self) -> Result<u64> {
        match self {
            Self::Servers { servers, .. } => servers.iter().map(|server| server.memory()).sum(),
            Self::Other { .. } => Ok(0),
        }
    }
}

/// Measures each contestant in its turn, round after round.
pub(crate) fn take_turns(
    contestants: &[Contestant<'_>],
    connections: usize,
    pace: Pace,
) -> Result<Vec<Measured>> {
    let mut measured = Vec::with_capacity(contestants.len());
    for contestant in contestants {
        measured.push(Measured {
            name: contestant.name().to_owned(),
            times: Times::none()?,
            processors: Duration::ZERO,
            memory: 0,
        });
    }
    for _ in 0..pace.rounds {
        for (contestant, so_far) in contestants.iter().zip(&mut measured) {
            let (times, processors) = contestant.measure(connections, pace)?;
            so_far.times.add_later(&times)?;
            so_far.processors += processors;
            so_far.memory = contestant.memory()?;
        }
    }
    for each in &measured {
        complain(each)?;
    }
    Ok(measured)
}

/// A figure of which a part is errors is no figure.
fn complain(measured: &Measured) -> Result<()> {
    match measured.times.failed() {
        (0, _) => Ok(()),
        (failed, first) => {
            let (name, count) = (&measured.name, measured.times.count());
            let first = first.unwrap_or_default();
            let message = format!("{name}: {failed} wrong answers beside {count}; {first}");
            Err(message.into())
        }
    }
}

/// One window of calls, and the time of processors that the servers needed for it.
fn ask(servers: &[&Server], calls: &Arc<Calls>, load: Load) -> Result<(Times, Duration)> {
    let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address()).collect();
    let mut edges = Vec::with_capacity(2);
    let times = load::run(&addresses, calls, load, || {
        let used: Duration = servers
            .iter()
            .map(|server| server.processor_time())
            .sum::<Result<_>>()?;
        edges.push(used);
        Ok(())
    })?;
    Ok((times, edges[1].saturating_sub(edges[0])))
}
