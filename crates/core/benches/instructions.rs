//! How many instructions the hot paths take, as valgrind counts them: the same on a busy machine as on
//! an idle one, so that a regression shows without noise.
//!
//! `cargo bench -p vestibule-core --bench instructions` prints a table. What is counted is the thread
//! that makes the calls: what the allocator and the task of a call cost is in it, the thread that writes
//! into SQLite is not. Valgrind knows no instructions for SHA-256, so a hash costs 3,400 here which the
//! processor may do in a few hundred. Instructions are no time: a locked one counts as much as another.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for the terminal; what fails ends it"
)]

#[path = "instructions/at_once.rs"]
mod at_once;
#[path = "dispatch/bare.rs"]
mod bare;
#[path = "dispatch/calls.rs"]
mod calls;
#[path = "instructions/cases.rs"]
mod cases;
#[path = "../../testkit/src/handing_on.rs"]
mod handing_on;
#[path = "instructions/valgrind.rs"]
mod valgrind;

use cases::{CASES, Case, Ready};

/// Calls that are counted together; one handler in sixteen of them is timed.
const CALLS: u32 = 320;

/// Calls before them, which find what is found once only.
const CALLS_BEFORE: u32 = 32;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [inside, place] if inside == valgrind::INSIDE => {
            let place: usize = place.parse().expect("the place of a case");
            let ready = Ready::start(&CASES[place..=place]);
            ready.run(&CASES[place], CALLS_BEFORE);
            counted_by_valgrind(&ready, &CASES[place]);
        }
        _ if arguments.iter().any(|argument| argument == "--bench") => {
            let counts: Result<Vec<_>, _> = (0..CASES.len()).map(valgrind::count).collect();
            match counts {
                Ok(counts) => print(&counts),
                Err(why) => println!("{why}"),
            }
        }
        // `cargo test` runs benchmarks as well, to see that they do.
        _ => {
            let ready = Ready::start(CASES);
            CASES.iter().for_each(|case| ready.run(case, 1));
        }
    }
}

/// Valgrind knows this function by its name, and counts while it runs.
#[inline(never)]
fn counted_by_valgrind(ready: &Ready, case: &Case) {
    ready.run(case, CALLS);
}

/// Every case, and what can be read off them.
fn print(counts: &[u64]) {
    let calls = u64::from(CALLS);
    let each: Vec<_> = counts.iter().map(|count| count / calls).collect();
    let of = |wanted: Case| {
        let index = CASES.iter().position(|case| *case == wanted);
        index.map_or(0, |index| each[index])
    };
    let without = of(Case::Handlers(cases::NONE));
    println!("instructions per call, of {CALLS} calls\n");
    println!("{:<44}{:>10}{:>14}", "", "in all", "per handler");
    for (case, count) in CASES.iter().zip(&each) {
        let per_handler = match case {
            Case::Bare(_) => count / u64::from(bare::FUTURES),
            Case::Handlers((_, handlers)) if !handlers.is_empty() => {
                count.saturating_sub(without) / handlers.len() as u64
            }
            _ => {
                println!("{:<44}{count:>10}", case.name());
                continue;
            }
        };
        println!("{:<44}{count:>10}{per_handler:>14}", case.name());
    }
    let boxed = of(Case::Bare(bare::Layer::Boxed));
    let empty = of(Case::Handlers(cases::TEN)).saturating_sub(without);
    #[expect(clippy::cast_precision_loss, reason = "some thousand instructions")]
    let times = empty as f64 / boxed as f64;
    println!("\nan empty handler costs {times:.2} times its boxed future");
}
