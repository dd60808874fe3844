//! One server: a process, which can be killed and started again on its data folder.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::program::program;

/// The admin token of all servers.
pub(crate) const ADMIN_TOKEN: &str = "the-operator-of-this-cluster-0123456789";

/// How long a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Debian's place of the library that makes a program see another time.
const FAKETIME: &str = "faketime/libfaketime.so.1";

/// What a server is started with, again and again.
pub(crate) struct Plan {
    pub(crate) database: String,
    /// Further flags.
    pub(crate) flags: Vec<String>,
    /// How many seconds its wall clock is ahead of the machine's.
    pub(crate) ahead: u32,
}

/// A server that runs, or does not just now.
pub(crate) struct Server {
    plan: Plan,
    folder: TempDir,
    running: Option<Child>,
}

impl Server {
    pub(crate) fn new(plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = None;
        Self {
            plan,
            folder,
            running,
        }
    }

    /// Starts it and waits until it listens; its start-up text.
    pub(crate) fn start(&mut self) -> String {
        let mut child = self.command().spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        self.running = Some(child);
        let (sender, receiver) = mpsc::channel();
        // Reads on to the end, so that the server does not meet a closed standard output.
        thread::spawn(move || {
            let mut greeting = String::new();
            while stdout.read_line(&mut greeting).is_ok_and(|read| read > 0) {
                // The curl is the last line of the text, and comes when the server listens.
                if greeting.contains("curl") {
                    let _ = sender.send(std::mem::take(&mut greeting));
                }
            }
        });
        let greeting = receiver.recv_timeout(PATIENCE);
        greeting.unwrap_or_else(|_| panic!("the server did not start:\n{}", self.log()))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "info"])
            .args(["--profile", "backendless", "--admin-token", ADMIN_TOKEN])
            .args(["--database", &self.plan.database])
            .args(&self.plan.flags)
            .env_clear()
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(self.log_file());
        if self.plan.ahead > 0 {
            command
                .env("LD_PRELOAD", faketime())
                .env("FAKETIME", format!("+{}s", self.plan.ahead))
                // What counts how long things take is the machine's own.
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command
    }

    fn log_file(&self) -> File {
        let mut options = File::options();
        let options = options.create(true).append(true);
        options.open(self.folder.path().join("log")).unwrap()
    }

    /// All that it has ever logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Asks it to end, and insists on a clean end.
    pub(crate) fn stop(&mut self) {
        let Some(mut child) = self.running.take() else {
            return;
        };
        let process = child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &process]).status();
        assert!(asked.unwrap().success());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(child.wait()));
        let status = receiver.recv_timeout(PATIENCE);
        let Ok(Ok(status)) = status else {
            let _ = Command::new("kill").args(["-KILL", &process]).status();
            panic!("the server did not end:\n{}", self.log());
        };
        assert_eq!(Some(0), status.code(), "{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn faketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map_while(Result::ok);
    let mut libraries = folders.map(|folder| folder.path().join(FAKETIME));
    let library = libraries.find(|library| library.exists());
    library.expect("Debian's package `faketime`, whose library makes a server see another time")
}
