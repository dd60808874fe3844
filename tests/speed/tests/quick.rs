//! The program does what it is for: every section, in tiny windows, against the debug server.

use std::{path::Path, process::Command};

#[test]
fn every_section_finds_its_servers_and_gets_right_answers() {
    let program = Path::new(env!("CARGO_BIN_EXE_vestibule-speed"));
    assert!(
        program.with_file_name("vestibule").is_file(),
        "cargo build -p vestibule-server makes the server that this test needs"
    );
    let output = Command::new(program).arg("--quick").output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{err}\n{out}");
    let titles = [
        "## Cases",
        "## Flat as users grow",
        "## Disk",
        "## Memory",
        "## Start",
        "## A storm of password logins",
        "## Memory under steady load",
    ];
    for title in titles {
        assert!(out.contains(title), "no {title} in {out}");
    }
}
