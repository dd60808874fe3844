//! A server that makes guests work for it: Vestibule, and the handler of this crate.

use std::process::ExitCode;

use guest_proof as _;

fn main() -> ExitCode {
    vestibule_server::main()
}
