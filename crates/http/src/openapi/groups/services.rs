use std::borrow::Cow;

use http::Method;
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json, json};
use vestibule_core::{
    ListedService, MethodInfo, ParameterInfo, ParameterKind, ParameterPlace, Verb,
};
use vestibule_model::ErrorCode::{self, *};

use super::server_code::EXECUTION_TYPE;
use crate::openapi::{
    codes::{BAD_BODY, HANDLED, TOKEN},
    described::{Answer, Body, Described, Kind, QueryKey, argument},
};

/// What any method may refuse before it runs, and how it may fail; its own codes it alone knows.
const INVOKED: &[ErrorCode] = &[
    ServiceMethodNotFound,
    InvocationDenied,
    WrongArguments,
    InvocationFailed,
    InvocationTimedOut,
];

/// Every method of the app's own services.
pub(super) fn all(services: &[ListedService]) -> Vec<Described> {
    let methods = services.iter().flat_map(|service| {
        let methods = service.methods.iter();
        methods.map(|method| described(service.name, &method.info))
    });
    methods.collect()
}

fn described(service: &str, method: &MethodInfo) -> Described {
    let path = format!("/api/services/{service}{}", method.path);
    let id = format!("{service} {} {}", method.verb, method.path);
    let (summary, rest) = summary(method);
    let mut described = Described::new(http_method(method.verb), path.into(), id.into(), summary)
        .with_header(EXECUTION_TYPE)
        .refuses(&[BAD_BODY, HANDLED, TOKEN, INVOKED]);
    let access = format!("Who may call it: {}.", method.access);
    described.description = [rest, access].join("\n\n").trim_start().to_owned();
    described.answer = Answer::Anything;
    described.segments = keys(method, ParameterPlace::Path);
    if has_body(method.verb) {
        described.body = body(method);
    } else {
        described.query = keys(method, ParameterPlace::Named);
    }
    described
}

/// The first paragraph of the doc comment as one line, and what follows it.
fn summary(method: &MethodInfo) -> (Cow<'static, str>, String) {
    let text = method.description.trim();
    if text.is_empty() {
        return ("It is not described.".into(), String::new());
    }
    let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let line = first.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    (line.into(), rest.trim().to_owned())
}

fn http_method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
    }
}

fn has_body(verb: Verb) -> bool {
    matches!(verb, Verb::Post | Verb::Put | Verb::Patch)
}

fn parameters(
    method: &MethodInfo,
    place: ParameterPlace,
) -> impl Iterator<Item = &'static ParameterInfo> {
    let all = method.parameters.iter();
    all.filter(move |parameter| parameter.place == place)
}

/// Arguments that are texts on the wire.
fn keys(method: &MethodInfo, place: ParameterPlace) -> Vec<QueryKey> {
    let key = |parameter: &ParameterInfo| QueryKey {
        name: parameter.name,
        kind: Kind::Argument(parameter.kind),
        required: parameter.required,
        about: "An argument of the method.",
    };
    parameters(method, place).map(key).collect()
}

/// The body as a whole, or an object with the named arguments; none if the method takes nothing.
fn body(method: &MethodInfo) -> Option<Body> {
    if let Some(whole) = parameters(method, ParameterPlace::Body).next() {
        return Some(Body {
            schema: schema_of(argument(whole.kind)),
            required: whole.required,
        });
    }
    let named: Vec<_> = parameters(method, ParameterPlace::Named).collect();
    let required: Vec<_> = named
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.name)
        .collect();
    let properties: Map<_, _> = named.iter().map(|parameter| property(parameter)).collect();
    let example: Map<_, _> = named.iter().map(|parameter| example(parameter)).collect();
    (!named.is_empty()).then(|| Body {
        required: !required.is_empty(),
        schema: json_schema!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
            "examples": [example]
        }),
    })
}

/// An argument that a call may leave out may be null as well.
fn property(parameter: &ParameterInfo) -> (String, Json) {
    let schema = argument(parameter.kind);
    let schema = match schema.get("type") {
        Some(kind) if !parameter.required => json!({"type": [kind, "null"]}),
        _ => schema,
    };
    (parameter.name.to_owned(), schema)
}

/// Something to begin with on the page to try it.
fn example(parameter: &ParameterInfo) -> (String, Json) {
    let value = match parameter.kind {
        ParameterKind::Text => json!("text"),
        ParameterKind::Integer | ParameterKind::Number => json!(1),
        ParameterKind::Boolean => json!(true),
        ParameterKind::List => json!([]),
        ParameterKind::Any => Json::Null,
    };
    (parameter.name.to_owned(), value)
}

fn schema_of(json: Json) -> Schema {
    Schema::try_from(json).unwrap_or_default()
}
