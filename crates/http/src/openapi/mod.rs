//! What the server can do, as an OpenAPI 3.1 document, and a page to try it.
//!
//! A request finds its way by `router.rs`; this folder says about each route of that table what it
//! takes, what it answers and why it may refuse:
//!
//! 1. `groups/`: one description a route, route by route; and one a method of the app's services;
//! 2. `described.rs`: the words that those are written in;
//! 3. `codes.rs`: the error codes that routes have in common;
//! 4. `requests.rs`: bodies that are read without a type (answers describe themselves, in `wire`);
//! 5. `document.rs`: the document as OpenAPI has it, and `assembly.rs`, which makes it.
//!
//! A test compares the descriptions with the table, both ways, by path and method: a route without
//! one fails it. `./tests/run openapi` compares them with what the server really answers.

mod assembly;
mod codes;
mod described;
mod document;
mod groups;
mod requests;

use bytes::Bytes;
use vestibule_core::Engine;

/// The document of an engine as JSON: what every server can do, and the services of this app.
///
/// # Errors
/// Fails if it cannot be written as JSON, which a test would have seen.
pub(crate) fn json(engine: &Engine) -> serde_json::Result<Bytes> {
    let document = assembly::assemble(groups::all(&engine.services()));
    serde_json::to_vec(&document).map(Bytes::from)
}

/// Paths of the table that are no calls: pages for people, and services without a method's path,
/// which are there for what they say of the methods.
#[cfg(test)]
pub(crate) const PAGES: [&str; 12] = [
    "/",
    "/account/confirm-email/{link}",
    "/account/restore-password/{link}",
    "/account/style.css",
    "/api/services/{service}",
    "/api/services/{service}/",
    "/openapi",
    "/openapi.css",
    "/openapi.js",
    "/pages",
    "/pages/",
    "/pages/{*path}",
];

/// The path and the method of every description.
#[cfg(test)]
pub(crate) fn described(engine: &Engine) -> std::collections::BTreeSet<(String, http::Method)> {
    let described = groups::all(&engine.services());
    described
        .into_iter()
        .flat_map(|(_, routes)| routes)
        .map(|route| (route.path.into_owned(), route.method))
        .collect()
}
