//! What is true of this engine beyond the suite that every engine passes.

mod busy;
mod columns;
mod corruption;
mod full_disk;
mod opening;
mod plans;
mod samples;
mod size;
