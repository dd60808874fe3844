//! The app that the cases of `tests/sdk` talk to where they need server code.

mod access;
mod answers;
mod notes;

use std::process::ExitCode;

fn main() -> ExitCode {
    vestibule_server::main()
}
