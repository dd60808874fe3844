use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use vestibule_core::Error;

use crate::{error::Refusal, operator::OperatorOrLocal, site::Site};

/// Everything that the page may load, and it comes from here; and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /openapi.json`: what the server can do. For the operator, and for callers on this machine.
pub(crate) async fn openapi_document(
    State(site): State<Site>,
    _: OperatorOrLocal,
) -> Result<Response, Refusal> {
    let json = site.openapi.json(&site.engine).map_err(Error::from)?;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(json),
    )
        .into_response())
}

/// `GET /openapi`: a page to try it. For the same people.
pub(crate) async fn openapi_page(_: OperatorOrLocal) -> Response {
    part(
        "text/html; charset=utf-8",
        include_str!("../openapi/page/page.html"),
    )
}

/// `GET /openapi.js`: what the page does.
pub(crate) async fn openapi_script(_: OperatorOrLocal) -> Response {
    part(
        "text/javascript; charset=utf-8",
        include_str!("../openapi/page/page.js"),
    )
}

/// `GET /openapi.css`: what the page looks like.
pub(crate) async fn openapi_style(_: OperatorOrLocal) -> Response {
    part(
        "text/css; charset=utf-8",
        include_str!("../openapi/page/page.css"),
    )
}

fn part(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}
