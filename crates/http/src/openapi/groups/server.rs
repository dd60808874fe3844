use schemars::JsonSchema;

use crate::{
    openapi::described::{Described, get},
    routes::{Health, OPEN_METRICS},
};

pub(super) fn all() -> Vec<Described> {
    vec![
        get(
            "/healthz",
            "healthz",
            "The process is alive, whatever else is not.",
        )
        .answers::<Health>(),
        get(
            "/readyz",
            "readyz",
            "The engine takes calls and its database answers; 503 otherwise.",
        )
        .answers::<Health>(),
        get(
            "/metrics",
            "metrics",
            "What Prometheus collects. For the operator, and for callers on this machine.",
        )
        .answers_text(OPEN_METRICS),
        get(
            "/openapi.json",
            "openapi",
            "This document. For the operator, and for callers on this machine.",
        )
        .answers::<AnyObject>(),
    ]
}

/// A document of another specification.
#[derive(JsonSchema)]
struct AnyObject {}
