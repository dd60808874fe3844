//! What is true of this engine beyond the suite that every engine passes.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod busy;
mod columns;
mod copying;
mod corruption;
mod expensive;
mod few_of_many;
mod full_disk;
mod guest_plans;
mod opening;
mod plans;
mod record_plans;
mod rights_plans;
mod samples;
mod schema;
mod size;
