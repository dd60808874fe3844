use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use prometheus_client::{encoding::text::encode, registry::Registry};
use vestibule_core::Error;

use crate::{
    engine_metrics::EngineCollector, error::Refusal, guest_metrics::GuestCollector,
    handler_metrics::HandlerCollector, http_metrics::HttpCollector, operator::OperatorOrLocal,
    site::Site,
};

pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`: what Prometheus collects. For the operator, and for callers on this machine.
pub(crate) async fn metrics(
    _: OperatorOrLocal,
    State(site): State<Site>,
) -> Result<Response, Refusal> {
    let mut registry = Registry::with_prefix("vestibule");
    registry.register_collector(Box::new(EngineCollector(site.engine.clone())));
    registry.register_collector(Box::new(HandlerCollector(site.engine.clone())));
    registry.register_collector(Box::new(GuestCollector(site.engine.clone())));
    registry.register_collector(Box::new(HttpCollector(Arc::clone(&site.metrics))));
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::from)?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], Body::from(text)).into_response())
}
