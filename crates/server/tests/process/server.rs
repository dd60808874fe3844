//! A `vestibule` process of the tests' own.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::client::Client;

/// How long to wait for what ought to happen at once. Nothing waits this long unless it is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A folder to run the server in, with what stays there from one start to the next.
pub(crate) struct Folder(TempDir);

/// A server that runs, and has said so.
pub(crate) struct Server {
    child: Child,
    /// The start-up text.
    pub(crate) greeting: String,
    log: Log,
    // Open, so that the server does not meet a closed standard output.
    _stdout: BufReader<ChildStdout>,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("vestibule-data")
    }

    /// The program with these arguments, in this folder, with nothing in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts a server on a free port and waits until it listens.
    pub(crate) fn serve(&self, flags: &[&str]) -> Server {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], flags].concat();
        Server::start(self.command(&arguments))
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments))
    }
}

/// Runs a program to its end.
pub(crate) fn ended(mut command: Command) -> Ended {
    let mut child = command.spawn().unwrap();
    let log = Log::of(&mut child);
    let mut stdout = String::new();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_to_string(&mut stdout).unwrap();
    let stderr = log.rest();
    let status = child.wait().unwrap();
    Ended {
        status,
        stdout,
        stderr,
    }
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = Log::of(&mut child);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        // The curl is the last line of the text, and comes when the server listens.
        while !greeting.contains("curl") {
            if stdout.read_line(&mut greeting).unwrap() == 0 {
                panic!("the server did not start:\n{greeting}\n{}", log.rest());
            }
        }
        Self {
            child,
            greeting,
            log,
            _stdout: stdout,
        }
    }

    /// A part of the start-up text, by its name.
    pub(crate) fn told(&self, name: &str) -> &str {
        let mut lines = self.greeting.lines();
        lines
            .find_map(|line| line.trim().strip_prefix(name))
            .unwrap_or_else(|| panic!("no {name} in {}", self.greeting))
            .trim()
    }

    /// The address and port that it listens on.
    pub(crate) fn address(&self) -> &str {
        self.told("listening on http://")
    }

    /// A connection to it.
    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address()).unwrap()
    }

    /// The path of the app's own root.
    pub(crate) fn root(&self) -> String {
        format!("/{}/{}", self.told("app id"), self.told("JS key"))
    }

    /// Waits until the log has a line with this text, and returns the line.
    pub(crate) fn logged(&self, text: &str) -> String {
        self.log.line_with(text)
    }

    /// Asks it to end.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let stderr = self.log.rest();
        let status = self.child.wait().unwrap();
        Ended {
            status,
            stdout: std::mem::take(&mut self.greeting),
            stderr,
        }
    }

    /// Asks it to end, and insists on a clean end.
    pub(crate) fn stop(self) {
        self.signal(rustix::process::Signal::TERM);
        let ended = self.ended();
        assert_eq!(Some(0), ended.status.code(), "{ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }

    /// Ends it as the operating system would when it runs out of memory: without a warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(Some(9), status.signal(), "{status:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // When a test fails half-way. An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process writes on standard error, line by line, read by a thread so that the process
/// never has to wait for us.
struct Log(Receiver<String>);

impl Log {
    fn of(child: &mut Child) -> Self {
        let stderr = child.stderr.take();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = stderr.map(|stderr| BufReader::new(stderr).lines());
            for line in lines.into_iter().flatten().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self(lines)
    }

    fn line_with(&self, text: &str) -> String {
        loop {
            let line = self.0.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the log never said {text:?}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Everything until the process has closed it, which it does by ending.
    fn rest(&self) -> String {
        let mut rest = String::new();
        loop {
            match self.0.recv_timeout(PATIENCE) {
                Ok(line) => rest = rest + &line + "\n",
                Err(RecvTimeoutError::Disconnected) => return rest,
                Err(RecvTimeoutError::Timeout) => panic!("the process did not end:\n{rest}"),
            }
        }
    }
}
