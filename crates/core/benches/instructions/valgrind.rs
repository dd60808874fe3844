//! Runs this program again, inside valgrind, and reads what was counted.

use std::{env, fs, io, process::Command};

/// The argument by which the program knows that it runs inside; the place of the case comes next.
pub(crate) const INSIDE: &str = "--inside-valgrind";

const MISSING: &str = "valgrind is missing, which counts the instructions; on Debian or Ubuntu it comes \
                       with `apt-get install valgrind`, elsewhere from https://valgrind.org";

/// Where the profiles of the last run stand, one a case, for `callgrind_annotate`.
const PROFILES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/instructions");

/// The instructions of the case at this place.
///
/// # Errors
/// Says what is missing, or what went wrong.
pub(crate) fn count(case: usize) -> Result<u64, String> {
    let profile = format!("{PROFILES}/case-{case}.out");
    let wrong = |error: io::Error| format!("{profile} is out of reach: {error}");
    fs::create_dir_all(PROFILES).map_err(wrong)?;
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted_by_valgrind*"])
        .arg(format!("--callgrind-out-file={profile}"))
        .arg(program)
        .args([INSIDE.to_owned(), case.to_string()])
        .output();
    let output = match output {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(MISSING.to_owned()),
        Err(error) => return Err(format!("valgrind does not start: {error}")),
        Ok(output) => output,
    };
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("the program failed inside valgrind:\n{told}"));
    }
    let text = fs::read_to_string(&profile).map_err(wrong)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.ok_or_else(|| format!("{profile} has no total"))
}
