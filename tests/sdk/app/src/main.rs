//! The app that the cases of `tests/sdk` talk to where they need server code.

mod access;
mod answers;
mod arguments;
mod doors;
mod notes;
mod orchard;
mod replies;
mod timers;

use std::process::ExitCode;

use magic_link as _;

fn main() -> ExitCode {
    vestibule_server::main()
}
