use serde_json::{Map, Value as Json};
use vestibule_model::ErrorCode::*;

use crate::openapi::{
    codes::{BAD_BODY, HANDLED, TOKEN},
    described::{Described, Header, post},
    requests,
};

pub(super) const EXECUTION_TYPE: Header = Header {
    name: "bl-execution-type",
    values: &["sync", "async", "async-low-priority"],
    about: "Whether the client waits for the answer: it does with `sync`, and without the header. \
            Otherwise the answer is null, once it is known, allowed and has a place to wait.",
};

pub(super) fn all() -> Vec<Described> {
    vec![
        post(
            "/api/servercode/events/{name}",
            "dispatchEvent",
            "Runs an event of the app's own. An object is answered as it is, anything else under the \
             key `result`, and nothing as {}.",
        )
        .with_header(EXECUTION_TYPE)
        .may_take(requests::arguments)
        .answers::<Option<Map<String, Json>>>()
        .refuses(&[BAD_BODY, HANDLED, TOKEN, &[EventNotFound, InvocationDenied]]),
    ]
}
