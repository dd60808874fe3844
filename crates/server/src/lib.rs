//! The Vestibule server: configuration, commands and start-up.
//!
//! The `vestibule` binary is this crate's [`main`] and nothing else, and so is a team's own server:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! // Handler crates are named here, once; a crate that nothing names is not linked.
//! # /*
//! use their_handlers as _;
//! # */
//!
//! fn main() -> ExitCode {
//!     vestibule_server::main()
//! }
//! ```
//!
//! The stock handlers come with this crate, so a team's own server has them too; the configuration
//! can disable them. `vestibule handlers` shows what runs, and `expect_handlers` in
//! `vestibule.toml` keeps a server from starting without a handler that it must not miss.
//!
//! The program's allocator is mimalloc. A server that brings its own names this crate with
//! `default-features = false`.

mod admin_token;
mod cli;
mod config;
mod database;
mod failure;
mod greeting;
mod guests;
mod handlers;
mod log_fields;
mod logging;
mod mail;
mod new;
mod open_files;
mod panics;
mod rehearsal;
mod schema;
mod serve;
mod settings;
mod signals;
mod traces;
mod warnings;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

// The stock handlers. Nothing else names them, and what is not named is not linked.
use audit_log as _;
use guest_limits as _;

use crate::{config::Config, failure::Failure};

// A call's memory is often given back by another thread than took it, which the system's allocator
// pays for with locks.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the server, or the command that the program's arguments ask for, until it ends.
///
/// Reads the arguments, the environment and `vestibule.toml`; `--help` lists what may stand there.
/// The exit code is 0 after a clean end, 2 after a mistake in the configuration or in the
/// arguments, and 1 after any other failure, which is told on standard error in one line.
///
/// Call it first thing in `main`: it sets the panic hook and the logging of the whole program.
pub fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(failure) => {
            // When even this cannot be written, the exit code still tells.
            let _ = writeln!(io::stderr(), "error: {failure}");
            failure.exit_code()
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let matches = match cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(refusal) => {
            // Help and version are "errors" of code 0; all of them know where to be printed.
            let _ = refusal.print();
            return Ok(u8::try_from(refusal.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from));
        }
    };
    // What it writes has nothing to do with the configuration that may be here.
    if let Some((cli::NEW, matches)) = matches.subcommand() {
        new::run(matches, &mut io::stdout().lock())?;
        return Ok(ExitCode::SUCCESS);
    }
    let environment = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .collect();
    let config = Config::read(&matches, &environment)?;
    match matches.subcommand_name() {
        Some(cli::HANDLERS) => {
            let logs = matches.contains_id(settings::LOG.flag);
            let matches = matches.subcommand_matches(cli::HANDLERS);
            if let Some((cli::RUN, matches)) = matches.and_then(|matches| matches.subcommand()) {
                rehearsal::run(config, matches, logs, &mut io::stdout().lock())?;
                return Ok(ExitCode::SUCCESS);
            }
            let as_json = matches.is_some_and(|matches| matches.get_flag(cli::JSON));
            handlers::print(&config.handlers, as_json, &mut io::stdout().lock())?;
        }
        Some(cli::SCHEMA) => {
            let matches = matches.subcommand_matches(cli::SCHEMA);
            let as_json = matches.is_some_and(|matches| matches.get_flag(cli::JSON));
            schema::print(&config, as_json, &mut io::stdout().lock())?;
        }
        Some(cli::GUESTS) => {
            let matches = matches.subcommand_matches(cli::GUESTS);
            let command = matches.and_then(|matches| matches.subcommand());
            guests::run(config, command, &mut io::stdout().lock())?;
        }
        _ => serve::run(config)?,
    }
    Ok(ExitCode::SUCCESS)
}
