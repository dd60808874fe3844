//! Both URL forms become one (wire contract, section 1).

use std::{
    borrow::Cow,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router, body::Body, extract::Request, response::Response, routing::future::RouteFuture,
};
use http::{Uri, uri::PathAndQuery};
use percent_encoding::percent_decode_str;
use tokio_util::sync::CancellationToken;
use tower::Service;
use vestibule_core::{Engine, PresentedKey};
use vestibule_model::KeyKind;

use crate::site::Site;

/// Paths of one segment that belong to the server itself, and are no app's.
const OWN: [&str; 7] = [
    "healthz",
    "readyz",
    "metrics",
    "openapi",
    "openapi.css",
    "openapi.js",
    "openapi.json",
];

/// Which app a request is for. A request without one is for the server itself.
#[derive(Clone)]
pub(crate) enum Application {
    /// This one: the URL names its id and one of its keys, or neither.
    This(AppKey),
    /// None: the app id or the key is wrong.
    Unknown,
}

/// Proof of an API key. It has no `Debug`: the text of a key is a secret.
#[derive(Clone)]
pub(crate) struct AppKey {
    pub(crate) presented: PresentedKey,
    /// The text of the CodeRunner key, which has a power of its own; not kept of other keys.
    code_runner: Option<Arc<str>>,
}

impl AppKey {
    /// The CodeRunner key, if it was this one.
    pub(crate) fn code_runner(&self) -> Option<&str> {
        self.code_runner.as_deref()
    }

    /// The key of requests whose URL names neither app nor key.
    fn of_domain(engine: &Engine) -> Self {
        Self {
            presented: engine.key_of_domain(),
            code_runner: None,
        }
    }

    fn identify(engine: &Engine, app_id: &str, key: &str) -> Option<Self> {
        // Split first, decoded afterwards: a slash in a key is written `%2F`.
        let (app_id, key) = (decoded(app_id)?, decoded(key)?);
        let presented = engine.identify(&app_id, &key)?;
        let code_runner = (presented.kind() == KeyKind::Bl).then(|| Arc::from(&*key));
        Some(Self {
            presented,
            code_runner,
        })
    }
}

/// A part of a path, decoded: most have nothing to decode.
fn decoded(part: &str) -> Option<Cow<'_, str>> {
    if !part.contains('%') {
        return Some(part.into());
    }
    percent_decode_str(part).decode_utf8().ok()
}

/// The router behind a door that turns `/{appId}/{apiKey}/...` into `/api/...`.
///
/// So there is one table of routes, and neither logs nor metrics ever see a path with a key in it.
/// The trap: an app whose id is `api`, or `admin` with the key `api`, can be reached without ids
/// only; and so can one whose id is `account`, or `pages` where pages are served.
#[derive(Clone)]
pub(crate) struct UrlForms {
    site: Site,
    router: Router,
}

impl UrlForms {
    pub(crate) fn new(site: Site, router: Router) -> Self {
        Self { site, router }
    }

    /// Cancelled by whoever stops the server.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.site.stopping.clone()
    }
}

impl Service<Request> for UrlForms {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.router, cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        recognise(&self.site, &mut request);
        self.router.call(request)
    }
}

/// Finds out which app a request is for, and rewrites its path to the form of the table.
fn recognise(site: &Site, request: &mut Request) {
    let engine = &site.engine;
    let path = request.uri().path();
    // A base URL with a slash at its end gives `//api/...`.
    let trimmed = path.trim_start_matches('/');
    let (first, after_first) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    let (second, rest) = match after_first.find('/') {
        Some(slash) => after_first.split_at(slash),
        None => (after_first, ""),
    };
    let is_own = OWN.contains(&trimmed)
        || (first == "admin" && second == "api")
        || first == "account"
        || (first == "pages" && site.pages.is_some());
    let application = if is_own {
        None
    } else if first == "api" {
        Some(Application::This(AppKey::of_domain(engine)))
    } else if !second.is_empty() {
        let key = AppKey::identify(engine, first, second);
        Some(key.map_or(Application::Unknown, Application::This))
    } else {
        None
    };
    let by_ids = application.is_some() && first != "api";
    let of_api = if by_ids {
        rest
    } else {
        trimmed.get(first.len()..).unwrap_or_default()
    };
    if application.is_some() && (by_ids || of_api.starts_with("//")) {
        // A second slash after the root comes from a base URL with one at its end, too.
        let rewritten = ["/api/", of_api.trim_start_matches('/')].concat();
        rewrite(request, rewritten);
    } else if path.len() > trimmed.len() + 1 {
        let rewritten = ["/", trimmed].concat();
        rewrite(request, rewritten);
    }
    if let Some(application) = application {
        request.extensions_mut().insert(application);
    }
}

/// Replaces the path and keeps the query. Pieces of a valid path make a valid one; should they
/// not, the request keeps its path and finds no route.
fn rewrite(request: &mut Request, mut path: String) {
    let uri = request.uri();
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let Ok(path_and_query) = PathAndQuery::try_from(path) else {
        return;
    };
    if uri.authority().is_none() {
        // What HTTP/1 says of a URI is its path and its query.
        *request.uri_mut() = Uri::from(path_and_query);
        return;
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}
