//! The integration tests of the whole workspace, in one binary.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod architecture;
mod compile_fail;
