use axum::{
    extract::{FromRequest, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde_json::Value as Json;
use vestibule_core::{Engine, Error, ResponseParts, ServiceBody, ServiceRequest, Verb};
use vestibule_model::ErrorCode;
use vestibule_wire::parse_json;

use crate::{
    answer, error::Refusal, execution_type::ExecutionType, media_type::is_json, receive::RawBody,
    segments::BelowServices, url_query::UrlQuery, visitor::Visitor,
};

/// `GET`, `POST`, `PUT`, `PATCH` and `DELETE /services/{service}/{*path}`: calls a method of an API
/// service of the app's own. The SDK knows `POST` only.
pub(crate) async fn invoke_service(
    State(engine): State<Engine>,
    method: Method,
    BelowServices { service, path }: BelowServices,
    query: UrlQuery,
    visitor: Visitor,
    ExecutionType(execution): ExecutionType,
    Given(body): Given,
) -> Result<Response, Refusal> {
    let call = ServiceRequest {
        service,
        verb: verb(&method)?,
        path,
        query: query.pairs().to_vec(),
        body,
    };
    let request = visitor.checked(&engine).await?;
    let invoked = engine.invoke(request, call, execution).await;
    let wants_text = wants_text(&invoked.response);
    let write = |answer: &Option<Json>| match answer {
        Some(Json::String(text)) if wants_text => answer::text(text),
        // Nothing is null, and a client that does not wait hears nothing.
        answer => answer::json(answer.as_ref().unwrap_or(&Json::Null)),
    };
    Ok(answer::outcome(invoked.outcome, invoked.response, write))
}

fn verb(method: &Method) -> Result<Verb, Error> {
    match *method {
        Method::GET => Ok(Verb::Get),
        Method::POST => Ok(Verb::Post),
        Method::PUT => Ok(Verb::Put),
        Method::PATCH => Ok(Verb::Patch),
        Method::DELETE => Ok(Verb::Delete),
        _ => Err(Error::internal("the router let a strange method in")),
    }
}

/// The body of a call.
pub(crate) struct Given(ServiceBody);

impl<S: Sync> FromRequest<S> for Given {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Refusal> {
        let headers = std::mem::take(request.headers_mut());
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        body(&headers, bytes).map(Self)
    }
}

/// What does not say that it is JSON is text, whatever it looks like: the SDK sends texts so, and a
/// text may well look like JSON. A method that wants no text reads it as JSON.
fn body(headers: &HeaderMap, bytes: Bytes) -> Result<ServiceBody, Refusal> {
    if bytes.is_empty() {
        return Ok(ServiceBody::Empty);
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    if content_type.is_some_and(|value| value.to_str().is_ok_and(is_json)) {
        let json = parse_json(&bytes)?;
        return Ok(json.map_or(ServiceBody::Empty, ServiceBody::Json));
    }
    let text = String::from_utf8(bytes.into()).map_err(|_| {
        let message = "the body is neither JSON nor a text in UTF-8";
        Error::new(ErrorCode::MalformedBody, message)
    })?;
    if text.contains('\0') {
        let message = "the body holds a NUL character; leave it out";
        return Err(Error::new(ErrorCode::InvalidParameter, message).into());
    }
    Ok(ServiceBody::Text(text))
}

/// Whether handlers chose a type for the answer that is not JSON.
fn wants_text(chosen: &ResponseParts) -> bool {
    let mut headers = chosen.headers.iter();
    headers.any(|(name, value)| name == header::CONTENT_TYPE.as_str() && !is_json(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: Option<&'static str>, body_text: &str, expected: ServiceBody) {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        }
        let bytes = Bytes::copy_from_slice(body_text.as_bytes());
        let Ok(read) = body(&headers, bytes) else {
            panic!("refused: {body_text:?}")
        };
        assert_eq!(expected, read);
    }

    #[test]
    fn a_body_is_json_only_if_it_says_so() {
        let json = || ServiceBody::Json(serde_json::json!({ "a": 1 }));
        for content_type in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/json",
            "application/merge-patch+json",
        ] {
            check(Some(content_type), " {\"a\":1} ", json());
            check(Some(content_type), " \n", ServiceBody::Empty);
        }
        let text = "{\"a\":1}";
        for content_type in [
            None,
            Some("text/plain;charset=UTF-8"),
            Some("application/x-www-form-urlencoded"),
            Some("json"),
            Some("application/jsonp"),
        ] {
            check(content_type, text, ServiceBody::Text(text.to_owned()));
            check(content_type, "", ServiceBody::Empty);
        }
    }
}
