//! The server: Vestibule, and the handler crates named here.
//!
//! A crate that nothing names is not linked, and its handlers do not run.

use std::process::ExitCode;

use {{crate}}_handlers as _;

fn main() -> ExitCode {
    vestibule_server::main()
}
