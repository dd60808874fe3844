//! A server of a team's own: Vestibule, and the handlers named here.

use std::process::ExitCode;

use hello_handler as _;

fn main() -> ExitCode {
    vestibule_server::main()
}
