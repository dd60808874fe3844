//! Sessions: tokens, how long they live, and what is known of them in memory.

mod activity;
mod memory;
mod moving;
mod opening;
mod token;

pub(crate) use activity::ActivityClock;
pub use memory::SessionProof;
pub(crate) use memory::{Checked, Live, SessionMemory, flush_interval};
pub(crate) use moving::{SessionMove, move_sessions};
pub(crate) use opening::{Opened, open_guest, open_session};
pub use token::Token;
