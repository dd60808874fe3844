//! The kit itself: that what it finds is there, and that its checks fail when they should.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod expectations;
mod orders;
mod outages;
mod undone;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a check says when it fails the test.
fn complaint(check: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(check)).unwrap_err();
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}
