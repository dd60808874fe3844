//! Windows of `pgbench`.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use super::database::output_of;
use crate::{Result, contest::Pace, load::Times};

/// A script in a file, and the place of what `pgbench` writes down of each run of it.
pub(super) struct Script {
    file: PathBuf,
    log: PathBuf,
}

impl Script {
    pub(super) fn new(folder: &Path, name: &str, text: &str) -> Result<Self> {
        let folder = folder.join(name.replace(' ', "-"));
        let log = folder.join("log");
        fs::create_dir_all(&log)?;
        let file = folder.join("script.sql");
        fs::write(&file, text)?;
        Ok(Self { file, log })
    }

    /// Runs it for a window, which is of whole seconds here.
    pub(super) fn run(
        &self,
        url: &str,
        connections: usize,
        pace: Pace,
    ) -> Result<(Times, Duration)> {
        let seconds = pace.window.as_secs().max(1);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let mut pgbench = Command::new("pgbench");
        pgbench
            .args(["--no-vacuum", "--protocol=prepared", "--log"])
            .arg(format!("--client={connections}"))
            .arg(format!("--jobs={}", cores.min(connections)))
            .arg(format!("--time={seconds}"))
            .arg(format!("--log-prefix={}", self.log.join("run").display()))
            .arg(format!("--file={}", self.file.display()))
            .arg(url);
        output_of(&mut pgbench)?;
        let mut times = Times::none()?;
        for entry in fs::read_dir(&self.log)? {
            let path = entry?.path();
            read(&path, &mut times)?;
            fs::remove_file(path)?;
        }
        if times.count() == 0 {
            return Err("pgbench made no transaction".into());
        }
        times.lasted(Duration::from_secs(seconds));
        Ok((times, Duration::ZERO))
    }
}

/// Reads the lines of transactions: client, number, microseconds, and more.
fn read(log: &Path, times: &mut Times) -> Result<()> {
    for line in BufReader::new(File::open(log)?).lines() {
        let line = line?;
        let micros = line
            .split(' ')
            .nth(2)
            .ok_or("a line of pgbench without a time")?;
        times.record(Duration::from_micros(micros.parse()?));
    }
    Ok(())
}
