//! How much work the statement that a thread runs may be.
//!
//! A clause of a client can make a statement of any size. SQLite looks here every so many of its
//! instructions; a function that is long work within one instruction says so itself. Each connection
//! has a thread of its own, so what is left is the thread's.

use std::{cell::Cell, time::Duration};

use rusqlite::Connection;
use vestibule_model::{Clock, Monotonic, SystemClock};

/// How many instructions of SQLite's machine go by between two looks. Between two of them there may
/// be a hundred rows with long texts to compute with.
const BETWEEN_LOOKS: u16 = 1_000;

thread_local! {
    // A thread that reads is held up by the machine, whatever the clock of the engine says.
    static CLOCK: SystemClock = SystemClock::start();
    static LEFT: Cell<Left> = const { Cell::new(Left::EVERYTHING) };
}

/// How much the next statement of a thread may be.
#[derive(Clone, Copy)]
pub(crate) struct Allowance {
    /// Of SQLite's machine.
    pub(crate) instructions: u64,
    pub(crate) time: Duration,
    /// In its answer.
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy)]
struct Left {
    instructions: u64,
    until: Option<Monotonic>,
    bytes: usize,
}

impl Left {
    const EVERYTHING: Self = Self {
        instructions: u64::MAX,
        until: None,
        bytes: usize::MAX,
    };
}

/// Has SQLite look, on this connection, how much is left.
pub(crate) fn watch(connection: &Connection) -> rusqlite::Result<()> {
    connection.progress_handler(BETWEEN_LOOKS.into(), Some(|| !spend(BETWEEN_LOOKS.into())))
}

/// Says how much the next statement of this thread may be. Who says nothing may do anything: the
/// writer, whose conditions are about rows that a read has found.
pub(crate) fn allow(allowance: Allowance) {
    LEFT.set(Left {
        instructions: allowance.instructions,
        until: Some(now().plus(allowance.time)),
        bytes: allowance.bytes,
    });
}

fn now() -> Monotonic {
    CLOCK.with(Clock::monotonic)
}

/// Takes work away from what is left, and says whether it was enough.
pub(crate) fn spend(instructions: u64) -> bool {
    let left = LEFT.get();
    let rest = left.instructions.checked_sub(instructions);
    LEFT.set(Left {
        instructions: rest.unwrap_or_default(),
        ..left
    });
    rest.is_some() && left.until.is_none_or(|until| now() < until)
}

/// Takes a part of the answer away from what is left, and says whether it was enough.
pub(crate) fn answer(bytes: usize) -> bool {
    let left = LEFT.get();
    let rest = left.bytes.checked_sub(bytes);
    LEFT.set(Left {
        bytes: rest.unwrap_or_default(),
        ..left
    });
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A_BIT: Allowance = Allowance {
        instructions: 10,
        time: Duration::from_secs(3_600),
        bytes: 5,
    };

    #[test]
    fn what_is_spent_is_no_longer_left() {
        allow(A_BIT);
        assert!(spend(4) && spend(6));
        assert!(!spend(1) && !spend(1));
        assert!(answer(5) && !answer(1));
    }

    #[test]
    fn when_the_time_is_over_nothing_is_left() {
        allow(Allowance {
            time: Duration::ZERO,
            ..A_BIT
        });
        assert!(!spend(1));
    }
}
