//! What was measured, when, and on what.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Result,
    table::{megabytes, rate},
};

/// A sentence on the machine, the date and the source tree.
pub(crate) fn description(folder: &Path, quick: bool) -> Result<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kilobytes: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let date = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
    let syncs = rate(syncs_per_second(folder, quick)?);
    Ok(format!(
        "{date}, commit {}. {cores} cores ({model}), {} MB of memory, Linux {};\n\
         the disk makes {syncs} appends of 4 KiB with fdatasync a second, one after another.\n\
         Server and load generator share the cores.",
        commit(),
        megabytes(kilobytes * 1024),
        kernel.trim(),
    ))
}

/// The value of the first line with this name.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let output = git
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "unknown".to_owned();
    };
    match git(&["status", "--porcelain", "--untracked-files=no"]).as_deref() {
        Some("") => commit,
        _ => format!("{commit} with changes"),
    }
}

/// What the disk can do for a server that commits one call at a time.
fn syncs_per_second(folder: &Path, quick: bool) -> Result<f64> {
    let path = folder.join("syncs");
    let mut file = File::create(&path)?;
    let (page, began, mut count) = ([0; 4096], Instant::now(), 0_u32);
    let long = Duration::from_millis(if quick { 50 } else { 2000 });
    while began.elapsed() < long {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    let took = began.elapsed();
    fs::remove_file(path)?;
    Ok(f64::from(count) / took.as_secs_f64())
}
