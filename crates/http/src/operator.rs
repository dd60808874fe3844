//! The operator: whoever holds the admin token.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use vestibule_core::{Engine, Error};
use vestibule_model::ErrorCode;

use crate::{client_address::ClientAddress, error::Refusal, site::Site};

/// Proof that the admin token came with the request, or that it was sent on this very machine.
pub(crate) struct OperatorOrLocal;

/// The admin token did not come with the request.
pub(crate) struct NotOperator;

impl FromRequestParts<Site> for OperatorOrLocal {
    type Rejection = NotOperator;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, NotOperator> {
        let address = ClientAddress::of(parts, &site.trusted_proxies);
        let is_local = address.is_some_and(|address| address.is_local);
        if is_local || brings_admin_token(&parts.headers, &site.engine) {
            Ok(Self)
        } else {
            Err(NotOperator)
        }
    }
}

impl IntoResponse for NotOperator {
    fn into_response(self) -> Response {
        let message = "send the admin token in the header `authorization: Bearer <token>`";
        let error = Error::new(ErrorCode::OperationNotAllowed, message).status(401);
        let mut response = Refusal::from(error).into_response();
        let scheme = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
        response
    }
}

/// Whether the admin token came with the request. Any text takes the same time: the engine compares
/// hashes. All of `/admin/api` is behind this, in `exchange`; no route has to ask again.
pub(crate) fn brings_admin_token(headers: &HeaderMap, engine: &Engine) -> bool {
    let presented = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    engine.is_admin_token(presented.unwrap_or_default())
}
