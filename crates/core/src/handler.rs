use async_trait::async_trait;

use crate::{
    Result,
    context::Context,
    event::{Event, Flow, Outcome},
    observer::{Seen, SeenAny, Witness},
    registration::Registration,
};

/// Runs before the operation: may change the event, answer in its place, or refuse.
///
/// You rarely implement this by hand: `#[before]` does it for a function, and accepts an impl of
/// this trait where the handler has a state of its own.
///
/// # Errors
/// An error ends the call; it is what the caller gets.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a before handler of `{E}`",
    label = "expected `#[before] async fn name(event: &mut {E}, ctx: &Context) -> Result<Flow<{E}>>`"
)]
pub trait Before<E: Event>: Send + Sync + 'static {
    /// Looks at the event and decides.
    async fn before(&self, event: &mut E, ctx: &Context) -> Result<Flow<E>>;
}

/// Runs after the operation, whether it worked out or not: takes and returns the outcome.
///
/// It does not run when a before handler answered or refused. Return the outcome you were given
/// to leave it alone.
///
/// # Errors
/// An error becomes the outcome. The work that was done stays done, but for a login, whose
/// session is closed again.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an after handler of `{E}`",
    label = "expected `#[after] async fn name(event: &{E}, outcome: Outcome<{E}>, ctx: &Context) -> Outcome<{E}>`"
)]
pub trait After<E: Event>: Send + Sync + 'static {
    /// Takes the outcome and returns what the caller gets.
    async fn after(&self, event: &E, outcome: Outcome<E>, ctx: &Context) -> Outcome<E>;
}

/// Sees every call once, however it ended, and can change nothing.
///
/// # Errors
/// An error is counted and logged; nobody else hears of it.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an observer of `{E}`",
    label = "expected `#[observe] async fn name(seen: &Seen<{E}>, witness: &Witness) -> Result<()>`"
)]
pub trait Observer<E: Event>: Send + Sync + 'static {
    /// Looks at a call that has ended.
    async fn observe(&self, seen: &Seen<E>, witness: &Witness) -> Result<()>;
}

/// Sees every call of every event once, as masked JSON.
///
/// # Errors
/// An error is counted and logged; nobody else hears of it.
#[async_trait]
pub trait ObserverOfAll: Send + Sync + 'static {
    /// Looks at a call that has ended.
    async fn observe(&self, seen: &SeenAny, witness: &Witness) -> Result<()>;
}

/// Something an engine can run: what the attributes make of a function or an impl.
///
/// ```
/// use vestibule::prelude::*;
///
/// #[before(collect = false)]
/// async fn look(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
///     Ok(Flow::Continue)
/// }
///
/// // The function's name is the handler's type as well.
/// let recipe = vestibule_testkit::TestKit::with::<look>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "put `#[before]`, `#[after]` or `#[observe]` on it"
)]
pub trait Handler {
    /// How the engine installs it.
    const REGISTRATION: Registration;
}
