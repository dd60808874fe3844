//! Guests who leave: who is gone, how they are removed, and what is counted of it.
//!
//! A guest is gone when no session of it lives. `looking` asks memory and database whether that is
//! so, `purging` removes, `sweeper` does it every few seconds, `plan` only says what would be done.
//! Of several servers one at a time sweeps, by a `lease`.

mod at_work;
mod lease;
mod looking;
mod numbers;
mod place;
mod plan;
mod purging;
mod sweeper;

pub(crate) use at_work::AtWork;
pub(crate) use numbers::Numbers;
pub use numbers::{GuestNumbers, KeptBy};
pub use place::PlanPlace;
pub use plan::{GuestsPlan, PlannedGuest, Prospect};
pub(crate) use purging::purge_one;
pub use sweeper::Swept;
pub(crate) use sweeper::sweep_until_closed;

use std::sync::Arc;

use tokio::sync::{Mutex, Notify};
use vestibule_storage::GonePlace;

/// What the engine keeps in memory for the cleanup of guests.
#[derive(Default)]
pub(crate) struct GuestCare {
    /// Guests whose calls are running.
    pub(crate) at_work: AtWork,
    pub(crate) numbers: Numbers,
    /// Rung when the settings change or the engine closes.
    pub(crate) bell: Arc<Notify>,
    rows_at_once: purging::RowsAtOnce,
    lease: lease::Lease,
    /// Where the sweep goes on. One page at a time is worked off, whoever asks for it.
    place: Mutex<Option<GonePlace>>,
}
