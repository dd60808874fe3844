//! The shop's server: Vestibule, the handlers of this crate, and the page in `page/`.

use std::process::ExitCode;

use storefront as _;

fn main() -> ExitCode {
    vestibule_server::main()
}
