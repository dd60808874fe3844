//! What the server can do, as an OpenAPI 3.1 document, and a page to try it.
//!
//! A request finds its way by `router.rs`; this folder says about each route of that table what it
//! takes, what it answers and why it may refuse:
//!
//! 1. `groups/`: one description a route, route by route;
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

use std::sync::LazyLock;

use bytes::Bytes;

/// The document as JSON. It says nothing about this app, so one is enough for the process.
///
/// # Errors
/// Fails if it cannot be written as JSON, which a test would have seen.
pub(crate) fn json() -> Result<Bytes, &'static str> {
    static JSON: LazyLock<Result<Bytes, String>> = LazyLock::new(|| {
        let document = assembly::assemble(groups::all());
        let json = serde_json::to_vec(&document);
        json.map(Bytes::from).map_err(|error| error.to_string())
    });
    JSON.as_ref().cloned().map_err(String::as_str)
}

/// Paths of the table that are no calls: pages for people.
#[cfg(test)]
pub(crate) const PAGES: [&str; 10] = [
    "/",
    "/account/confirm-email/{link}",
    "/account/restore-password/{link}",
    "/account/style.css",
    "/openapi",
    "/openapi.css",
    "/openapi.js",
    "/pages",
    "/pages/",
    "/pages/{*path}",
];

/// The path and the method of every description.
#[cfg(test)]
pub(crate) fn described() -> std::collections::BTreeSet<(&'static str, http::Method)> {
    let described = groups::all();
    described
        .into_iter()
        .flat_map(|(_, routes)| routes)
        .map(|route| (route.path, route.method))
        .collect()
}
