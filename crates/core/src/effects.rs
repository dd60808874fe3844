use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{FutureExt, future::BoxFuture};
use tracing::Instrument;
use vestibule_model::{Actor, Role};

use crate::{
    Error, Result,
    call::Call,
    context::{Context, Shared},
    custom_event::CustomEvent,
    custom_roles::CustomRoles,
    later::Lane,
    nesting::Nesting,
    pipeline::{Handlers, run},
};

/// Effects that one call may ask for.
const PER_CALL_AT_MOST: usize = 100;

/// What is to be done once a call has succeeded: custom events, in the order in which handlers
/// asked for them. A call without any costs one free lock and no allocation.
#[derive(Default)]
pub(crate) struct Effects(Mutex<Vec<Effect>>);

/// What it captures has its place in the queue already, so that nothing that was promised is turned
/// away afterwards.
type Effect = Box<dyn FnOnce(Arc<Shared>) -> BoxFuture<'static, ()> + Send>;

impl Context {
    /// Runs a custom event once this call has succeeded, its after handlers included; never, if it
    /// fails. Nobody waits for it, and shutdown does.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use vestibule::prelude::*;
    ///
    /// #[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
    /// #[event(name = "welcome", access = server)]
    /// struct Welcome {
    ///     user: String,
    /// }
    ///
    /// #[after(collect = false)]
    /// async fn welcome(_event: &Register, outcome: Outcome<Register>, ctx: &Context) -> Outcome<Register> {
    ///     let user = outcome?;
    ///     ctx.after_commit(Welcome { user: user.id().to_string() })?;
    ///     Ok(user)
    /// }
    /// ```
    ///
    /// It runs as server code on behalf of this call's caller, with its handlers; the effects of one
    /// call run one after the other, in the order in which they were asked for. A handler that fails
    /// open takes back what it asked for.
    ///
    /// The trap: it is kept in memory only, so a server that is killed forgets it.
    ///
    /// # Errors
    /// 503 if too many effects wait already, so that a call fails before anything is promised; an
    /// internal error if one call asks for more than 100, or for an event that is on the chain of
    /// events which led to this call.
    pub fn after_commit<E: CustomEvent>(&self, event: E) -> Result<()> {
        let shared = &self.shared;
        // Told to the handler that asks, rather than to the log when nobody is there any more.
        let nesting = shared.nesting.enter_as_effect(&event)?;
        let actor = self.actor();
        let place = shared.engine.later.place(Lane::Effects, E::NAME)?;
        let mut effects = shared.effects.lock();
        if effects.len() >= PER_CALL_AT_MOST {
            return Err(Error::internal(format!(
                "a call asked for more than {PER_CALL_AT_MOST} effects; make one event of them"
            )));
        }
        effects.push(Box::new(|shared| {
            let run = async move {
                let turn = place.turn().await;
                as_server_code(event, nesting, actor, &shared).await;
                drop(turn);
            };
            run.boxed()
        }));
        Ok(())
    }
}

impl Effects {
    /// Starts what was asked for, if the call has succeeded and is not only tried; forgets it otherwise.
    pub(crate) fn settle(shared: &Arc<Shared>, succeeded: bool) {
        let effects = std::mem::take(&mut *shared.effects.lock());
        let succeeded = succeeded && !shared.nesting.is_rehearsed();
        if succeeded && !effects.is_empty() {
            let run = run_in_order(effects, Arc::clone(shared));
            shared.engine.calls.spawn(run.in_current_span());
        }
    }

    /// How many were asked for so far.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Forgets what was asked for since there were this many.
    pub(crate) fn truncate(&self, len: usize) {
        self.lock().truncate(len);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Effect>> {
        // Each change leaves a sound list, so a poisoned lock holds one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run_in_order(effects: Vec<Effect>, shared: Arc<Shared>) {
    for effect in effects {
        effect(Arc::clone(&shared)).await;
    }
}

async fn as_server_code<E: CustomEvent>(event: E, nesting: Nesting, actor: Actor, shared: &Shared) {
    let call = Call {
        roles: vec![Role::ServerCodeUser],
        custom_roles: CustomRoles::default(),
        ..Call::clone(&shared.call)
    };
    let context = Context::new(Arc::clone(&shared.engine), call, nesting, Some(actor));
    let (outcome, _) = run(event, context, Handlers::All).await;
    // Internal errors were logged by the call itself; nobody else hears of a refusal.
    if let Err(error) = outcome.as_ref().map_err(Error::log) {
        tracing::warn!(event.name = E::NAME, error, "an effect failed");
    }
}
