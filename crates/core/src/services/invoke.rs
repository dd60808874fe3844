use std::fmt;

use serde_json::Value as Json;

use super::{Verb, routing::route};
use crate::{
    call::Call,
    engine::Engine,
    execution::{Dispatched, Execution, run_of},
    permissions::permit_call,
    request::ClientRequest,
};

/// A call of a service, as it came over the wire.
///
/// ```
/// use vestibule_core::{ServiceBody, ServiceRequest, Verb};
///
/// let call = ServiceRequest::new(Verb::Post, "magic-link", "/send")
///     .with_body(ServiceBody::Text("ann@example.com".to_owned()));
/// assert_eq!(vec!["send"], call.path);
/// ```
#[derive(Clone)]
pub struct ServiceRequest {
    /// The service.
    pub service: String,
    /// How it is called.
    pub verb: Verb,
    /// The segments of the path below the service, decoded.
    pub path: Vec<String>,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: ServiceBody,
}

/// The body of a call of a service.
#[derive(Clone, Default, PartialEq)]
pub enum ServiceBody {
    /// There is none.
    #[default]
    Empty,
    /// JSON of any kind.
    Json(Json),
    /// Something that is no JSON, or does not say so.
    Text(String),
}

impl ServiceRequest {
    /// A call of this path below a service, without a query and without a body. The path is taken as it
    /// is: nothing in it is decoded.
    pub fn new(verb: Verb, service: impl Into<String>, path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let segments = path.split('/').map(str::to_owned);
        Self {
            service: service.into(),
            verb,
            path: segments.collect(),
            query: Vec::new(),
            body: ServiceBody::Empty,
        }
    }

    /// The same call, with this key in its query besides.
    pub fn with_query(mut self, key: &str, value: &str) -> Self {
        self.query.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same call, with this body.
    pub fn with_body(mut self, body: ServiceBody) -> Self {
        self.body = body;
        self
    }
}

/// Paths, queries and bodies may hold secrets.
impl fmt::Debug for ServiceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceRequest")
            .field("service", &self.service)
            .field("verb", &self.verb)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ServiceBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Json(_) => "Json(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}

impl Engine {
    /// Calls a method of an API service, as clients do; the answer is `null` if it is `()`.
    ///
    /// A POST reaches the only method of another verb, too, since the SDK knows no other. Nor does an
    /// empty segment of the path mean anything: of `/send` the SDK makes `//send`.
    ///
    /// With [`Execution::Async`] this returns as [`dispatch`](Engine::dispatch) does: as soon as it is
    /// known that there is such a method, that this caller may call it, that the arguments fit, and that
    /// there is room for it. What was accepted is run even if the engine is shut down meanwhile.
    pub async fn invoke(
        &self,
        request: ClientRequest,
        mut call: ServiceRequest,
        execution: Execution,
    ) -> Dispatched {
        let inner = &self.inner;
        call.path.retain(|segment| !segment.is_empty());
        let method = match route(inner.registry.services(), &call) {
            Ok(method) => method,
            Err(astray) => {
                let error = match inner.reader(request) {
                    Ok(caller) => astray.told(|method| method.permits(inner, &caller)),
                    Err(refused) => refused,
                };
                return Dispatched::failed(error);
            }
        };
        let (name, access) = (method.label(), method.info.access);
        let permit = |caller: &Call| permit_call(inner, caller, method.callable(), access);
        let read = || {
            let event = method.event(call)?;
            Ok(run_of(event, |answer| Ok(Some(answer))))
        };
        self.execute(name, request, execution, permit, read).await
    }
}
