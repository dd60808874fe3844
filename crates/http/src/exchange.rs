use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, header, request::Parts};
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
    let (mut parts, body) = match admit(site, request, deadline).await {
        Ok(request) => request.into_parts(),
        Err(response) => return response,
    };
    let explanation = explained::is_wanted(&parts).then(Explanation::default);
    if let Some(explanation) = &explanation {
        parts.extensions.insert(explanation.clone());
    }
    let request = Request::from_parts(parts, body);
    let clock = &**site.engine.clock();
    let response = match deadline::before(clock, deadline, next.run(request)).await {
        Some(response) => response,
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
async fn admit(site: &Site, request: Request, deadline: Monotonic) -> Result<Request, Response> {
    let (parts, body) = request.into_parts();
    let refused = refuse_unseen(site, &parts);
    let at_most = if refused.is_some() {
        0
    } else {
        site.body_at_most
    };
    let body = receive(site, body, at_most, deadline).await;
    match refused {
        Some(response) => Err(response),
        None => body
            .map(|body| Request::from_parts(parts, Body::from(body)))
            .map_err(IntoResponse::into_response),
    }
}

/// What is refused for its head alone: a wrong app or key, and the operator's paths and wishes
/// without the operator's token.
fn refuse_unseen(site: &Site, parts: &Parts) -> Option<Response> {
    if let Some(Application::Unknown) = parts.extensions.get() {
        return Some(wrong_application().into_response());
    }
    let is_for_the_operator = is_admin(parts.uri.path()) || explained::is_wanted(parts);
    if is_for_the_operator && !brings_admin_token(&parts.headers, &site.engine) {
        return Some(NotOperator.into_response());
    }
    None
}

fn is_admin(path: &str) -> bool {
    path.strip_prefix("/admin/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
