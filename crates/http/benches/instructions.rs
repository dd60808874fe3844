//! How many instructions a request takes from the router to its answer, as valgrind counts them: without
//! sockets, with the log that a server writes, and beside a bare router of axum with the same answer.
//!
//! `cargo bench -p vestibule-http --bench instructions` prints a table. What the bench of the core by that
//! name says of such counts holds here, too. Memory comes from the system's allocator.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for the terminal; what fails ends it"
)]

#[path = "../../core/benches/instructions/at_once.rs"]
mod at_once;
#[path = "instructions/cases.rs"]
mod cases;
#[path = "../../testkit/src/handing_on.rs"]
mod handing_on;
#[expect(dead_code, reason = "its tests are run with the server's")]
#[path = "../../server/src/log_fields.rs"]
mod log_fields;
#[expect(dead_code, reason = "the same")]
#[path = "../../server/src/logging.rs"]
mod logging;
#[path = "../../core/benches/instructions/valgrind.rs"]
mod valgrind;

use cases::{CASES, Ready, Requests};

/// Requests that are counted together.
const REQUESTS: usize = 320;

/// Requests before them, which find what is found once only.
const REQUESTS_BEFORE: usize = 32;

/// What a server logs unless it is told otherwise.
const LOG: &str = "info,refinery_core=warn";

fn main() {
    logging::start(LOG.parse().expect("a filter"), None);
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [inside, place] if inside == valgrind::INSIDE => {
            let place: usize = place.parse().expect("the place of a case");
            let ready = Ready::start();
            ready.answer(ready.requests(CASES[place], REQUESTS_BEFORE));
            let requests = ready.requests(CASES[place], REQUESTS);
            counted_by_valgrind(&ready, requests);
        }
        _ if arguments.iter().any(|argument| argument == "--bench") => {
            println!("instructions per request, of {REQUESTS} requests\n");
            for (place, case) in CASES.iter().enumerate() {
                match valgrind::count(place) {
                    Ok(count) => println!("{:<44}{:>10}", case.name(), count / REQUESTS as u64),
                    Err(why) => return println!("{why}"),
                }
            }
        }
        // `cargo test` runs benchmarks as well, to see that they do.
        _ => {
            let ready = Ready::start();
            for case in CASES {
                ready.answer(ready.requests(*case, 1));
            }
        }
    }
}

/// Valgrind knows this function by its name, and counts while it runs.
#[inline(never)]
fn counted_by_valgrind(ready: &Ready, requests: Requests) {
    ready.answer(requests);
}
