//! The load generator: connections that ask one after another, on a few threads, for a window of time.
//! Each asks again at once, or at its own times if the load has a rate.
//!
//! It makes nothing while the clock runs: requests are there before, each connection reads into a
//! buffer of its own, and the threads share nothing but the number of the next request.

mod calls;
mod connection;
mod schedule;
#[cfg(test)]
mod tests;
mod times;

use std::{
    cell::RefCell,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::{runtime, task::LocalSet};

use self::{calls::Sender, schedule::Schedule};
pub(crate) use self::{
    calls::{Calls, DIGITS},
    connection::Connection,
    times::Times,
};
use crate::Result;

/// How long an answer may be late after the window before the run is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// How hard and how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// Calls a second, of all connections together; without it, as many as are answered.
    ///
    /// Calls are then due at fixed times, and take from there to their answer: who waits for a server
    /// that stalls asks late, and the server is not spared those calls. All that are due in the window
    /// count, whenever they are answered.
    pub(crate) per_second: Option<u32>,
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
}

/// The window in which answers count.
#[derive(Clone, Copy)]
struct Window {
    begins: Instant,
    ends: Instant,
}

impl Window {
    fn contains(self, moment: Instant) -> bool {
        moment >= self.begins && moment < self.ends
    }
}

/// What one connection is to do.
#[derive(Clone, Copy)]
struct Task {
    number: usize,
    address: SocketAddr,
    schedule: Schedule,
}

/// Asks the servers at `addresses`, connections taking turns with them, and answers what came back in the
/// window. `at_edge` is called when the window begins and when it ends.
///
/// # Errors
/// When a connection breaks, or an answer does not come in a minute.
pub(crate) fn run(
    addresses: &[SocketAddr],
    calls: &Arc<Calls>,
    load: Load,
    mut at_edge: impl FnMut() -> Result<()>,
) -> Result<Times> {
    let now = Instant::now();
    let begins = now + load.warm_up;
    let window = Window {
        begins,
        ends: begins + load.window,
    };
    let threads = match load.per_second {
        // A thread sleeps to the tenth of a millisecond, a timer of tokio to two whole ones.
        Some(_) => load.connections,
        None => thread::available_parallelism().map_or(1, usize::from),
    };
    let threads = threads.min(load.connections);
    let threads: Vec<_> = (0..threads)
        .map(|first| {
            let own = (first..load.connections).step_by(threads);
            let own: Vec<_> = own
                .map(|number| Task {
                    number,
                    address: addresses[number % addresses.len()],
                    schedule: Schedule::new(now, load, number),
                })
                .collect();
            let calls = Arc::clone(calls);
            thread::spawn(move || ask(&own, &calls, window))
        })
        .collect();
    sleep_until(window.begins);
    at_edge()?;
    sleep_until(window.ends);
    at_edge()?;
    let mut times = Times::none()?;
    for thread in threads {
        let of_thread = thread.join().map_err(|_| "the load generator panicked")?;
        times.add_beside(&of_thread?)?;
    }
    times.lasted(load.window);
    Ok(times)
}

/// One call on a connection of its own, which must be answered as expected.
///
/// # Errors
/// When it is not.
pub(crate) fn once(address: SocketAddr, request: &str) -> Result<String> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let asking = async {
            let mut connection = Connection::open(address).await?;
            let answer = connection.call(request.as_bytes()).await?;
            let body = String::from_utf8_lossy(answer.body).into_owned();
            Ok::<_, std::io::Error>((answer.status, body))
        };
        let (status, body) = tokio::time::timeout(PATIENCE, asking).await??;
        if status != 200 {
            return Err(format!("{} was answered {status}: {body}", line(request)).into());
        }
        Ok(body)
    })
}

/// The first line of a request.
fn line(request: &str) -> &str {
    request.lines().next().unwrap_or_default()
}

fn sleep_until(moment: Instant) {
    thread::sleep(moment.saturating_duration_since(Instant::now()));
}

/// What one thread does.
fn ask(tasks: &[Task], calls: &Arc<Calls>, window: Window) -> Result<Times> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let times = Rc::new(RefCell::new(Times::none()?));
    let patience = window.ends.saturating_duration_since(Instant::now()) + PATIENCE;
    let all = async {
        let mut asking = Vec::with_capacity(tasks.len());
        for &task in tasks {
            let connection = Connection::open(task.address).await?;
            let sender = Sender::new(calls, task.number);
            let times = Rc::clone(&times);
            let expected = calls.expected();
            let asks = ask_on(connection, sender, expected, task.schedule, window, times);
            asking.push(tokio::task::spawn_local(asks));
        }
        for asks in asking {
            asks.await??;
        }
        Ok::<_, crate::Error>(())
    };
    let local = LocalSet::new();
    let in_time = async { tokio::time::timeout(patience, local.run_until(all)).await };
    runtime.block_on(in_time)??;
    drop(local);
    Ok(times.borrow().clone())
}

/// What one connection does.
async fn ask_on(
    mut connection: Connection,
    mut sender: Sender,
    expected: &'static [u8],
    schedule: Schedule,
    window: Window,
    times: Rc<RefCell<Times>>,
) -> std::io::Result<()> {
    let mut now = Instant::now();
    let mut due = schedule.first(now);
    while due < window.ends {
        if due > now {
            // Holds up nobody: a connection with a schedule has the thread for itself.
            thread::sleep(due - now);
        }
        let answer = connection.call(sender.next()).await?;
        now = Instant::now();
        if answer.status != 200 || !answer.body.starts_with(expected) {
            // Wrong at any time: a warm-up that fails warms nothing.
            let body = String::from_utf8_lossy(answer.body);
            let text = || format!("{}: {body}", answer.status);
            times.borrow_mut().record_failure(text);
        } else if window.contains(schedule.counts_by(due, now)) {
            times.borrow_mut().record(now - due);
        }
        due = schedule.next(due, now);
    }
    Ok(())
}
