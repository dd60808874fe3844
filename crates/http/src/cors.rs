//! What browsers want to hear (wire contract, section 2): any origin may call, without credentials.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE, PATCH, OPTIONS");
const USUAL_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, user-token, bl-execution-type");
const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id, retry-after");
const A_DAY: HeaderValue = HeaderValue::from_static("86400");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// The answer to the question that browsers ask before a call. It needs neither key nor token.
pub(crate) fn preflight(request: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        asked.cloned().unwrap_or(USUAL_HEADERS),
    );
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, A_DAY);
    let varies = HeaderValue::from_name(header::ACCESS_CONTROL_REQUEST_HEADERS);
    headers.insert(header::VARY, varies);
    response
}

/// Lets scripts of any origin read this answer. What a handler said about it stands.
pub(crate) fn allow(response: &mut Response) {
    let headers = response.headers_mut();
    headers
        .entry(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        .or_insert(ANY);
    // Added, not replaced: a handler may expose headers of its own.
    headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}
