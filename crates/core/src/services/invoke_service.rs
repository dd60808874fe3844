use std::{any::Any, fmt, sync::Arc};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{ServiceMethod, routing::check_still_there, table::Method};
use crate::{
    Error, Result,
    context::Context,
    event::{
        Event, Operation,
        sealed::{Power, Sealed},
    },
    masking::{mask, masked},
    permissions::permit_call,
    pipeline::run_answer,
    settlement::Performed,
};

/// A method of an API service is called.
///
/// Backendless: an API service, which has no event there. Before handlers of it stand before every
/// method of every service; they may refuse the call or answer in its place.
#[derive(Clone)]
pub struct InvokeService {
    method: Arc<Method>,
    arguments: Arc<dyn BoundArguments>,
}

/// The arguments of a call, of whatever type they are.
pub(super) trait BoundArguments: Any + Send + Sync {
    fn describe(&self) -> Json;
}

/// The arguments of a call of this method.
pub(super) struct Bound<M: ServiceMethod>(pub(super) M::Arguments);

impl<M: ServiceMethod> BoundArguments for Bound<M> {
    fn describe(&self) -> Json {
        M::describe(&self.0)
    }
}

impl InvokeService {
    pub(super) fn new(method: Arc<Method>, arguments: Arc<dyn BoundArguments>) -> Self {
        Self { method, arguments }
    }

    /// The name of the service.
    pub fn service(&self) -> &'static str {
        self.method.service
    }

    /// The method, by its verb and path: `POST /links/{id}`.
    pub fn method(&self) -> &str {
        self.method.label()
    }

    /// The arguments of the method that is to run. For the macro.
    ///
    /// # Errors
    /// Fails if they are of another method, which nobody can bring about.
    #[doc(hidden)]
    pub fn arguments<M: ServiceMethod>(&self) -> Result<&M::Arguments> {
        let arguments: &dyn Any = &*self.arguments;
        let bound = arguments.downcast_ref::<Bound<M>>();
        bound.map(|bound| &bound.0).ok_or_else(|| {
            let instance = &self.method.instance;
            Error::internal(format!(
                "the arguments of {instance} are wanted as another's"
            ))
        })
    }
}

/// The answer of a method as JSON. For the macro.
///
/// # Errors
/// Fails if it cannot be written as JSON.
#[doc(hidden)]
pub fn service_answer(answer: Result<impl Serialize>) -> Result<Json> {
    Ok(serde_json::to_value(answer?)?)
}

impl fmt::Debug for InvokeService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeService")
            .field("service", &self.service())
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}

impl Event for InvokeService {
    const NAME: &'static str = "invokeService";
    type Output = Json;

    fn instance(&self) -> Option<&str> {
        Some(&self.method.instance)
    }

    fn describe(&self) -> impl Serialize {
        let mut arguments = self.arguments.describe();
        // An argument may be a secret by its name.
        mask(&mut arguments);
        json!({
            "service": self.service(),
            "method": self.method(),
            "arguments": arguments,
        })
    }

    fn describe_output(output: &Json) -> impl Serialize {
        masked(output)
    }
}

impl Sealed for InvokeService {}

impl Operation for InvokeService {
    fn check_answered(&self, ctx: &Context) -> Result<()> {
        check_still_there(ctx.shared.engine.registry.services(), &self.method)
    }

    fn permit(&self, ctx: &Context) -> Result<()> {
        let (engine, method) = (&ctx.shared.engine, &self.method);
        permit_call(engine, ctx.call(), method.callable(), method.info.access)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Json>> {
        let method = Arc::clone(&self.method);
        run_answer(&method.entry, self, ctx)
            .await
            .map(Performed::done)
    }
}
