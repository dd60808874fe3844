//! A server as a process of its own, and what the system says of it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;

/// How a server says that it listens, and where.
const LISTENING: &str = "listening on http://";

/// How long a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(120);

/// A part of a second in which Linux counts the time of processors; the same on every machine of today.
const TICKS_PER_SECOND: f64 = 100.0;

/// A server that listens. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    // Open, so that the server does not meet a closed standard output.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server that listens on a port it chooses, and waits until it says which. What it logs
    /// goes to a file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let mut child = spawn(command, log)?;
        let stdout = child.stdout.take().ok_or("a server without an output")?;
        let (send, told) = mpsc::channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let address = address_in(&mut stdout);
            // Nobody waits any more if it came too late.
            let _ = send.send((address, stdout));
        });
        let Ok((Some(address), stdout)) = told.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            let program = command.get_program().display();
            return Err(format!("{program} did not start:\n{}", tail(log)).into());
        };
        Ok(Self {
            child,
            address,
            _stdout: stdout,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time of processors that it has used so far.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        processor_time(&self.proc("stat"))
    }

    /// The memory that it has just now, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(self.proc("status"))?;
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kilobytes: u64 = kilobytes.ok_or("no VmRSS in /proc/PID/status")?.parse()?;
        Ok(kilobytes * 1024)
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(mut self) -> Result<()> {
        end(&mut self.child)
    }

    fn proc(&self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.child.id()).into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that was started and not waited for.
pub(crate) struct Starting {
    child: Child,
    /// When it was started.
    pub(crate) began: Instant,
}

impl Starting {
    /// Starts a program and returns at once.
    pub(crate) fn begin(command: &mut Command, log: &Path) -> Result<Self> {
        let began = Instant::now();
        let child = spawn(command, log)?;
        Ok(Self { child, began })
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(mut self) -> Result<()> {
        end(&mut self.child)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command, log: &Path) -> Result<Child> {
    let log = File::options().create(true).append(true).open(log)?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    let child = command.spawn();
    child.map_err(|error| {
        let program = command.get_program().display();
        format!("{program} cannot be started: {error}").into()
    })
}

fn end(child: &mut Child) -> Result<()> {
    kill_process(Pid::from_child(child), Signal::TERM)?;
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            // The bare servers know no better way to end than by the signal.
            let asked = std::os::unix::process::ExitStatusExt::signal(&status).is_some();
            if !status.success() && !asked {
                return Err(format!("a server ended with {status}").into());
            }
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err("a server does not end".into())
}

/// What a server says about where it listens.
fn address_in(stdout: &mut BufReader<ChildStdout>) -> Option<SocketAddr> {
    let mut line = String::new();
    while stdout.read_line(&mut line).ok()? > 0 {
        if let Some(address) = line.trim().strip_prefix(LISTENING) {
            return address.parse().ok();
        }
        line.clear();
    }
    None
}

/// The end of what a server logged.
fn tail(log: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = File::open(log) {
        let _ = file.read_to_string(&mut text);
    }
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// The time of processors that this process has used so far.
pub(crate) fn own_processor_time() -> Result<Duration> {
    processor_time(Path::new("/proc/self/stat"))
}

fn processor_time(stat: &Path) -> Result<Duration> {
    let stat = fs::read_to_string(stat)?;
    // The name is in brackets, and may have spaces in it.
    let (_, fields) = stat.rsplit_once(") ").ok_or("no /proc/PID/stat")?;
    let fields: Vec<_> = fields.split(' ').collect();
    let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = ticks(11)
        .zip(ticks(12))
        .ok_or("no times in /proc/PID/stat")?;
    Ok(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND))
}
