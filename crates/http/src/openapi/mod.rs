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

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use vestibule_core::Engine;

/// The document, once somebody has asked for it. Services are linked, so it stays true until the operator
/// switches one of their methods off or on.
#[derive(Debug, Default)]
pub(crate) struct Document(Mutex<Option<Made>>);

#[derive(Debug)]
struct Made {
    json: Bytes,
    /// The handlers that were switched off, by path.
    without: BTreeSet<&'static str>,
}

impl Document {
    /// The document of an engine as JSON: what every server can do, and the services of this app,
    /// without those that are switched off.
    ///
    /// # Errors
    /// Fails if it cannot be written as JSON, which a test would have seen.
    pub(crate) fn json(&self, engine: &Engine) -> serde_json::Result<Bytes> {
        let without = switched_off(engine);
        // What it holds is whole at any time.
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.as_ref().filter(|made| made.without == without) {
            return Ok(made.json.clone());
        }
        let json = written(engine, &without)?;
        let document = made.insert(Made { json, without });
        Ok(document.json.clone())
    }
}

fn switched_off(engine: &Engine) -> BTreeSet<&'static str> {
    let handlers = engine.handlers().into_iter();
    let off = handlers.filter(|handler| !handler.switch.is_on());
    off.map(|handler| handler.meta.path).collect()
}

fn written(engine: &Engine, without: &BTreeSet<&'static str>) -> serde_json::Result<Bytes> {
    let mut services = engine.services();
    for service in &mut services {
        let methods = &mut service.methods;
        methods.retain(|method| !without.contains(method.meta.path));
    }
    let document = assembly::assemble(groups::all(&services));
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
pub(crate) fn described(engine: &Engine) -> BTreeSet<(String, http::Method)> {
    let described = groups::all(&engine.services());
    described
        .into_iter()
        .flat_map(|(_, routes)| routes)
        .map(|route| (route.path.into_owned(), route.method))
        .collect()
}
