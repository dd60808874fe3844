//! What a call pays for its handlers, layer by layer, next to the boxed future that no handler can
//! do without.
//!
//! `cargo bench -p vestibule-core --bench dispatch` prints a table. The call is a `Logout` without a
//! session, whose operation does nothing, so that all there is to see is the pipeline. All cases take
//! turns in one process, so that what slows the machine down slows all of them down; each has its
//! median.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for the terminal that measures real time; what fails ends it"
)]

#[path = "dispatch/bare.rs"]
mod bare;
#[path = "dispatch/calls.rs"]
mod calls;
#[path = "dispatch/listeners.rs"]
mod listeners;
#[path = "dispatch/turns.rs"]
mod turns;

use calls::Server;
use listeners::Listening;
use turns::{Case, Times};
use vestibule_testkit::TestKit;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime of one thread");
    let kit = runtime.block_on(TestKit::bare().start());
    let storage = kit.storage();
    let start = |handlers: calls::Handlers| runtime.block_on(Server::start(storage, handlers));
    let (none, one, ten) = (start(calls::NONE), start(calls::ONE), start(calls::TEN));
    let (late_one, late_ten) = (start(calls::LATE_ONE), start(calls::LATE_TEN));
    let (open_ten, after_ten) = (start(calls::OPEN_TEN), start(calls::AFTER_TEN));
    let off_ten = runtime.block_on(async {
        let server = Server::start(storage, calls::TEN_TO_SWITCH).await;
        server.switch_all_off().await;
        server
    });

    let bare = |name, each| Case::bare(name, each, &runtime);
    let call = |name, server, listening| Case::call(name, server, listening, &runtime);
    let mut cases = [
        bare("a boxed future", bare::Layer::Boxed),
        bare("  caught when it panics", bare::Layer::Caught),
        bare("  and counted, one in 16 timed", bare::Layer::Counted),
        bare("  and in a span that nobody wants", bare::Layer::InSpan),
        bare("a boxed future that waits once", bare::Layer::Late),
        bare("  with a deadline", bare::Layer::LateWithDeadline),
        call("a call without handlers", &none, Listening::Nobody),
        call("  1 empty handler", &one, Listening::Nobody),
        call("  10 empty handlers", &ten, Listening::Nobody),
        call("  10 empty after handlers", &after_ten, Listening::Nobody),
        call("  10 that fail open", &open_ten, Listening::Nobody),
        call("  10 that are switched off", &off_ten, Listening::Nobody),
        call("  1 that waits once", &late_one, Listening::Nobody),
        call("  10 that wait once", &late_ten, Listening::Nobody),
        call("a call, the log at info", &none, Listening::ToInfo),
        call("  10 empty handlers", &ten, Listening::ToInfo),
        call("a call, spans listened to", &none, Listening::ToSpans),
        call("  1 empty handler", &one, Listening::ToSpans),
        call("  10 empty handlers", &ten, Listening::ToSpans),
    ];
    // `cargo test` runs benchmarks as well, to see that they do.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let (rounds, calls_each) = if quick { (3, 2) } else { (501, 100) };
    let times = turns::take(&mut cases, rounds, calls_each);
    print(&cases, &times, rounds, calls_each);
}

/// Every case, and what can be read off them.
fn print(cases: &[Case<'_>], times: &Times, rounds: usize, calls_each: usize) {
    println!(
        "nanoseconds; medians of {rounds} rounds of {calls_each} calls, the cases taking turns\n"
    );
    println!("{:<44}{:>10}{:>14}", "", "in all", "per handler");
    let mut without = 0.0;
    for (index, case) in cases.iter().enumerate() {
        let time = times.median(index);
        if case.futures == 0 {
            without = time;
            println!("{:<44}{time:>10.0}", case.name);
        } else {
            // What stands alone has its own time; what stands in a call is what the call costs more.
            let base = if case.is_bare { 0.0 } else { without };
            let each = (time - base) / f64::from(case.futures);
            println!("{:<44}{time:>10.0}{each:>14.1}", case.name);
        }
    }
    let each = |name: &str, listening| {
        let (case, base) = turns::pair(cases, name, listening);
        let base = base.map_or(0.0, |base| times.median(base));
        (times.median(case) - base) / f64::from(cases[case].futures)
    };
    let (nobody, spans) = (Listening::Nobody, Listening::ToSpans);
    let boxed = each("a boxed future", nobody);
    let empty = each("  10 empty handlers", nobody);
    let caught = each("  caught when it panics", nobody);
    let counted = each("  and counted, one in 16 timed", nobody);
    let unseen = each("  and in a span that nobody wants", nobody);
    let waits = each("a boxed future that waits once", nobody);
    let read_off = [
        ("an empty handler", empty),
        ("  its boxed future", boxed),
        ("  its panic guard", caught - boxed),
        ("  its counters", counted - caught),
        ("  its span, nobody listening", unseen - counted),
        ("  what else the pipeline does", empty - unseen),
        (
            "its span, the log at info",
            each("  10 empty handlers", Listening::ToInfo) - empty,
        ),
        (
            "its span, somebody listening",
            each("  10 empty handlers", spans) - empty,
        ),
        (
            "a deadline that is armed, bare",
            each("  with a deadline", nobody) - waits,
        ),
        (
            "a deadline that is armed, in a call",
            each("  10 that wait once", nobody) - empty - (waits - boxed),
        ),
        ("failing open", each("  10 that fail open", nobody) - empty),
        (
            "a handler that is switched off",
            each("  10 that are switched off", nobody),
        ),
    ];
    println!("\nread off, for each handler");
    for (name, nanoseconds) in read_off {
        println!("{name:<44}{nanoseconds:>10.1}");
    }
    println!(
        "\nan empty handler costs {:.2} times its boxed future",
        empty / boxed
    );
}
