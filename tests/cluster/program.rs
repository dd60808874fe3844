//! The program that the servers run: `tests/cluster/app`, or what `VESTIBULE_CLUSTER_APP` names.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde_json::Value as Json;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = env::var_os("VESTIBULE_CLUSTER_APP");
    built.map_or_else(build, PathBuf::from)
});

/// Where the built program is. The first who asks has it built, if nobody has.
pub(crate) fn program() -> &'static Path {
    &PROGRAM
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "cluster-app"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).unwrap();
    let mut executables = messages.lines().filter_map(|line| {
        let message: Json = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    executables
        .next_back()
        .expect("cargo names what it has built")
}
