use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use ipnet::IpNet;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;
use vestibule_core::Engine;

use crate::{HttpOptions, http_metrics::HttpMetrics, openapi, request_id::RequestIds};

/// What every request needs: the engine, what the options say, and where requests are counted.
///
/// Clones share it.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    /// The app's static pages, if there are any.
    pub(crate) pages: Option<ServeDir>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) body_at_most: usize,
    pub(crate) request_timeout: Duration,
    pub(crate) request_ids: RequestIds,
    pub(crate) metrics: Arc<HttpMetrics>,
    pub(crate) openapi: openapi::Document,
    /// Bytes that bodies being received may still take, all together.
    pub(crate) room_for_bodies: Semaphore,
    /// Cancelled when the server stops.
    pub(crate) stopping: CancellationToken,
}

impl Site {
    /// The site of this engine; metrics get a place for each of these routes.
    pub(crate) fn new(engine: Engine, options: &HttpOptions, routes: &[&'static str]) -> Self {
        Self(Arc::new(Inner {
            pages: options.pages.as_ref().map(ServeDir::new),
            trusted_proxies: options.trusted_proxies.clone(),
            body_at_most: options.body_at_most,
            request_timeout: options.request_timeout,
            request_ids: RequestIds::new(&**engine.randomness()),
            metrics: Arc::new(HttpMetrics::new(routes)),
            openapi: openapi::Document::default(),
            room_for_bodies: Semaphore::new(options.bodies_at_most),
            stopping: CancellationToken::new(),
            engine,
        }))
    }
}

impl Deref for Site {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Most routes need nothing but the engine.
impl FromRef<Site> for Engine {
    fn from_ref(site: &Site) -> Self {
        site.engine.clone()
    }
}
