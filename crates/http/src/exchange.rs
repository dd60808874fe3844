use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, header};
use tracing::Instrument;
use vestibule_core::Error;
use vestibule_model::Monotonic;

use crate::{
    cors, deadline, error::Refusal, receive::receive, request_id::X_REQUEST_ID, site::Site,
    url_forms::Application, visitor::wrong_application,
};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What every request has in common: an id, a span, a deadline, and a body of bounded size.
///
/// It runs when the route is known, so that the route stands in logs and metrics. The path never
/// does: it holds the API key, or a token.
pub(crate) async fn exchange(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
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
    request: Request,
    next: Next,
) -> Response {
    if for_an_app && request.method() == Method::OPTIONS {
        return cors::preflight(request.headers());
    }
    let deadline = began.plus(site.request_timeout);
    let work = receive_and_run(site, request, next);
    let clock = &**site.engine.clock();
    match deadline::before(clock, deadline, work).await {
        Some(response) => response,
        None => {
            let log = format!("a request took longer than {:?}", site.request_timeout);
            let error = Error::unavailable(log).saying("the request took too long, try again");
            Refusal::from(error).into_response()
        }
    }
}

/// The body comes first, whatever the answer will be: a client that is still sending would take
/// an early answer for a broken connection.
async fn receive_and_run(site: &Site, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = receive(body, site.body_at_most).await;
    if let Some(Application::Unknown) = parts.extensions.get() {
        return wrong_application().into_response();
    }
    match body {
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(refusal) => refusal.into_response(),
    }
}
