use std::{
    convert::Infallible,
    mem,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse, Response},
    routing::Route,
};
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderValue, Method, header};
use tower::Service;
use tracing::Instrument;
use vestibule_core::{Error, Explanation};
use vestibule_model::Monotonic;

use crate::{
    cors, deadline,
    error::Refusal,
    explained,
    operator::{NotOperator, brings_admin_token},
    receive::receive,
    request_id::X_REQUEST_ID,
    site::Site,
    url_forms::Application,
    visitor::wrong_application,
};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A route, and around it what every request has in common: an id, a span, a deadline, and a body of
/// bounded size.
///
/// It runs when the route is known, so that the route stands in logs and metrics. The path never
/// does: it holds the API key, or a token.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) site: Site,
    pub(crate) route: Route,
}

impl Service<Request> for Exchange {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routes always are.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { site, route } = self.clone();
        Box::pin(exchange(site, request, route).map(Ok))
    }
}

async fn exchange(site: Site, mut request: Request, next: Route) -> Response {
    let began = site.engine.clock().monotonic();
    let id = site.request_ids.of(request.headers());
    request.extensions_mut().insert(id.clone());
    let for_an_app = request.extensions().get::<Application>().is_some();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str);
    // An error span, since it ties even the last error message to its request.
    let span = tracing::error_span!(
        "request",
        request.id = id.as_str(),
        http.method = request.method().as_str(),
        http.route = route.unwrap_or("none"),
    );
    let answer = answer(&site, began, for_an_app, request, next);
    let mut response = answer.instrument(span).await;
    if for_an_app {
        cors::allow(&mut response);
    }
    let headers = response.headers_mut();
    if let Some(id) = id.to_header() {
        headers.insert(X_REQUEST_ID, id);
    }
    // Answers hold tokens and people; no cache may keep them unless a handler says so.
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    let took = site.engine.clock().monotonic().since(began);
    site.metrics.count(route, response.status(), took);
    response
}

async fn answer(
    site: &Site,
    began: Monotonic,
    for_an_app: bool,
    mut request: Request,
    mut next: Route,
) -> Response {
    if for_an_app && request.method() == Method::OPTIONS {
        return cors::preflight(request.headers());
    }
    let deadline = began.plus(site.request_timeout);
    if let Err(response) = admit(site, &mut request, deadline).await {
        return response;
    }
    let explanation = explained::is_wanted(&request).then(Explanation::default);
    if let Some(explanation) = &explanation {
        request.extensions_mut().insert(explanation.clone());
    }
    let clock = &**site.engine.clock();
    let response = match deadline::before(clock, deadline, next.call(request)).await {
        Some(Ok(response)) => response,
        None => {
            let log = format!("a request took longer than {:?}", site.request_timeout);
            let error = Error::unavailable(log).saying("the request took too long, try again");
            Refusal::from(error).into_response()
        }
    };
    match explanation {
        Some(explanation) => explained::wrap(response, &explanation).await,
        None => response,
    }
}

/// Lets a request in with its body read; or says why not.
///
/// Whatever the answer will be, the body is read first: a client that is still sending would take
/// an early answer for a broken connection. But nothing is kept of a body that nobody will look at.
async fn admit(site: &Site, request: &mut Request, deadline: Monotonic) -> Result<(), Response> {
    let refused = refuse_unseen(site, request);
    let at_most = if refused.is_some() {
        0
    } else {
        site.body_at_most
    };
    let body = mem::take(request.body_mut());
    let body = receive(site, body, at_most, deadline).await;
    if let Some(response) = refused {
        return Err(response);
    }
    let body = body.map_err(IntoResponse::into_response)?;
    if !body.is_empty() {
        *request.body_mut() = Body::from(body);
    }
    Ok(())
}

/// What is refused for its head alone: a wrong app or key, and the operator's paths and wishes
/// without the operator's token.
fn refuse_unseen(site: &Site, request: &Request) -> Option<Response> {
    if let Some(Application::Unknown) = request.extensions().get() {
        return Some(wrong_application().into_response());
    }
    let is_for_the_operator = is_admin(request.uri().path()) || explained::is_wanted(request);
    if is_for_the_operator && !brings_admin_token(request.headers(), &site.engine) {
        return Some(NotOperator.into_response());
    }
    None
}

fn is_admin(path: &str) -> bool {
    path.strip_prefix("/admin/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
