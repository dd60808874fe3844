//! What a caller hears whose arguments do not fit. No text in here quotes a secret.

use serde_json::Value as Json;
use vestibule_model::ErrorCode;

use super::{ParameterInfo, ParameterPlace, table::Method};
use crate::{
    Error,
    masking::{holds_secret, is_secret},
    secret::MISFIT_OF_SECRET,
};

/// Longest text of a caller's own that is told back, in characters.
const QUOTED_AT_MOST: usize = 200;

/// An argument that must be there and is not (14009).
pub(super) fn missing(method: &Method, name: &str, place: &str) -> Error {
    wrong(format!(
        "the argument '{name}' of {} is missing; it is {place}",
        full_name(method)
    ))
}

/// A key of the body that is no argument, such as a misspelled one (14009).
pub(super) fn unknown(method: &Method, key: &str) -> Error {
    let key = shortened(key);
    let of_path = |one: &ParameterInfo| one.place == ParameterPlace::Path && one.name == key;
    if method.info.parameters.iter().any(of_path) {
        return wrong(format!(
            "the argument '{key}' of {} stands in the path, not in the body",
            full_name(method)
        ));
    }
    wrong(format!(
        "{} has no argument '{key}'; in its body it takes {}",
        full_name(method),
        names(method)
    ))
}

/// A body that is no object, of which nobody could say which argument it is (14009).
pub(super) fn no_object(method: &Method) -> Error {
    let wanted = match names(method).as_str() {
        "nothing" => "takes no body; leave it empty".to_owned(),
        names => format!("wants a JSON object as its body; the keys that it takes are {names}"),
    };
    wrong(format!("{} {wanted}", full_name(method)))
}

/// An argument that stands more than once in the query, though it is no list, or in the body (14009).
pub(super) fn repeated(method: &Method, name: &str, place: &str) -> Error {
    wrong(format!(
        "the argument '{name}' of {} stands more than once in the {place}",
        full_name(method)
    ))
}

/// An argument of the wrong type (8008), in serde's words unless they could quote a secret.
pub(super) fn misfit(
    method: &Method,
    name: &str,
    value: &Json,
    error: &serde_path_to_error::Error<serde_json::Error>,
) -> Error {
    let method = full_name(method);
    if is_secret(name) || holds_secret(value) {
        return Error::invalid(format!("the argument '{name}' of {method} does not fit"));
    }
    let path = error.path().to_string();
    let words = error.inner().to_string();
    let at = match path.as_str() {
        "." => String::new(),
        // The path goes on into the secret, and its keys are what somebody sent.
        _ if words.contains(MISFIT_OF_SECRET) => String::new(),
        path => format!(" at {}", shortened(path)),
    };
    Error::invalid(format!(
        "the argument '{name}' of {method} does not fit{at}: {}",
        shortened(&words)
    ))
}

/// The beginning of a text that a caller chose, without characters that could break a line or hide in
/// one.
pub(crate) fn shortened(text: &str) -> String {
    let mut short = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == QUOTED_AT_MOST {
            short.push_str("...");
            break;
        }
        let is_shown = "'\"\\".contains(character) || character.escape_debug().len() == 1;
        match is_shown {
            true => short.push(character),
            false => short.extend(character.escape_unicode()),
        }
    }
    short
}

fn wrong(message: String) -> Error {
    Error::new(ErrorCode::WrongArguments, message)
}

fn full_name(method: &Method) -> String {
    format!("{} of the service '{}'", method.label(), method.service)
}

/// The keys that a body may have.
fn names(method: &Method) -> String {
    let parameters = method.info.parameters.iter();
    let named = parameters.filter(|one| one.place == ParameterPlace::Named);
    let names: Vec<_> = named.map(|one| one.name).collect();
    match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    }
}
