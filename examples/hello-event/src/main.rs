//! A server of a team's own: Vestibule, and the events of this crate.

use std::process::ExitCode;

use hello_event as _;

fn main() -> ExitCode {
    vestibule_server::main()
}
