//! Events that clash stop the start, and the message says where both answers stand.
//!
//! Handlers are linked, not configured; so this file is a server of its own. Started by itself, with
//! [`AS_SERVER`] set, it is that server; otherwise it is the test.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use std::{
    env, fs,
    process::{Command, ExitCode},
};

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

const AS_SERVER: &str = "EVENTS_THAT_CLASH_AS_SERVER";

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "convert", access = anyone)]
struct Convert {}

#[answer]
async fn convert(_event: Convert, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "convert", access = user)]
struct ConvertOtherwise {}

#[answer]
async fn convert_otherwise(_event: ConvertOtherwise, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "login", access = anyone)]
struct NotTheLogin {}

#[answer]
async fn not_the_login(_event: NotTheLogin, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() -> ExitCode {
    if env::var_os(AS_SERVER).is_some() {
        return vestibule_server::main();
    }
    a_name_that_is_taken_stops_the_start();
    a_name_that_is_answered_twice_stops_the_start_with_both_places();
    one_answer_is_listed_with_who_may_run_it();
    ExitCode::SUCCESS
}

fn a_name_that_is_taken_stops_the_start() {
    for command in ["serve", "handlers"] {
        let (code, _, error) = run(command, &[]);
        assert_eq!(Some(2), code, "{error}");
        assert!(error.contains("the event login, answered at "), "{error}");
        // The other mistake is told in the same breath, with its two places.
        assert_eq!(3, error.matches(file!()).count(), "{error}");
        assert!(error.contains("give it another one"), "{error}");
    }
}

fn a_name_that_is_answered_twice_stops_the_start_with_both_places() {
    for command in ["serve", "handlers"] {
        let (code, _, error) = run(command, &["not_the_login"]);
        assert_eq!(Some(2), code, "{error}");
        let expected = "the event convert is answered twice: at ";
        assert!(error.contains(expected), "{error}");
        assert_eq!(2, error.matches(file!()).count(), "{error}");
    }
}

fn one_answer_is_listed_with_who_may_run_it() {
    let (code, text, error) = run("handlers", &["not_the_login", "convert_otherwise"]);
    assert_eq!(Some(0), code, "{error}");
    assert!(
        text.contains("3 handlers from 3 crates, 1 custom event"),
        "{text}"
    );
    let expected = "custom events and who may run them: convert (anyone)\n";
    assert!(text.contains(expected), "{text}");
}

/// Runs a command of the server in which some of the handlers are disabled: its exit code, and what it
/// printed.
fn run(command: &str, disabled: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let disabled: Vec<_> = disabled
        .iter()
        .map(|name| format!("\"{}::{name}\"", module_path!()))
        .collect();
    let file = format!("[handlers]\ndisable = [{}]\n", disabled.join(", "));
    fs::write(folder.path().join("vestibule.toml"), file).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args([command, "--data", "data", "--listen", "127.0.0.1:0"])
        .env(AS_SERVER, "yes")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}
