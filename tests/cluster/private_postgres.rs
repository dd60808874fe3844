//! A PostgreSQL of one test's own, which it may restart.

use std::{
    ffi::OsStr,
    hash::{BuildHasher, RandomState},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::postgres::{self, program};

/// Who runs it where we are root, for whom it refuses to run.
const USER: &str = "postgres";

/// Its port is one of these.
const LOWEST_PORT: u16 = 20_000;
const PORTS: u64 = 12_000;

/// How long its end may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running PostgreSQL, which ends with this.
pub(crate) struct PrivatePostgres {
    folder: TempDir,
    port: u16,
    process: Child,
}

/// How it is stopped, by the names of `pg_ctl`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// Whoever is connected is sent away.
    Fast,
    /// As if the machine had lost its power.
    Immediate,
}

impl PrivatePostgres {
    pub(crate) fn start() -> Self {
        // Not in the folder for temporary files, which may be for us alone.
        let folder = TempDir::with_prefix_in("vestibule-cluster-", "/tmp").unwrap();
        if is_root() {
            done(Command::new("chown").arg(USER).arg(folder.path()));
        }
        let options = ["--username=postgres", "--auth=trust", "--no-sync"];
        done(
            as_user(&program("initdb"))
                .args(options)
                .arg("--pgdata")
                .arg(data(&folder)),
        );
        let port = free_port();
        let process = run(&folder, port);
        let it = Self {
            folder,
            port,
            process,
        };
        postgres::wait_for(&it.place());
        it
    }

    /// `postgres://USER@HOST:PORT`.
    pub(crate) fn place(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Stops it and waits for its end.
    pub(crate) fn stop(&mut self, how: Stop) {
        let signal = match how {
            Stop::Fast => "-INT",
            Stop::Immediate => "-QUIT",
        };
        let process = self.process.id().to_string();
        done(Command::new("kill").args([signal, &process]));
        let began = Instant::now();
        while self.process.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "{how:?} does not stop it");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again, and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        self.process = run(&self.folder, self.port);
        postgres::wait_for(&self.place());
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.stop(Stop::Immediate);
        }
    }
}

fn data(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("data")
}

/// Runs it as a child of ours, and not by `pg_ctl`, so that it ends with us.
fn run(folder: &TempDir, port: u16) -> Child {
    as_user(&program("postgres"))
        .arg("-D")
        .arg(data(folder))
        .args([
            "-p",
            &port.to_string(),
            "-h",
            "127.0.0.1",
            "-c",
            "fsync=off",
        ])
        .args([OsStr::new("-k"), folder.path().as_os_str()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A program, run by somebody who is not root.
fn as_user(program: &Path) -> Command {
    let mut command = if is_root() {
        // Other than `runuser`, it becomes the program and does not wait for it: signals arrive.
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", USER, "--regid", USER, "--init-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

/// A port that nobody has. The system hands out higher ones by itself, so nobody takes it while
/// PostgreSQL restarts.
fn free_port() -> u16 {
    let chance = RandomState::new();
    let mut ports = (0..1_000)
        .map(|attempt| LOWEST_PORT + u16::try_from(chance.hash_one(attempt) % PORTS).unwrap());
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports
        .find(is_free)
        .expect("a free port below those that the system hands out")
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}
