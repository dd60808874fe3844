use std::{collections::BTreeMap, fmt, time::Duration};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
    registry::Unit,
};
use vestibule_core::{Engine, FailureKind, HandlerStats, ListedHandler};

use crate::engine_metrics::counters;

/// The shares of calls whose longest time is told.
const QUANTILES: [(&str, f64); 2] = [("0.5", 0.5), ("0.99", 0.99)];

/// The metrics of handlers, for an exposition.
///
/// A handler is a value of the label `handler`, never a part of a metric's name, and its path is its
/// own: the start refuses two handlers of one path. So no two of them can meet in one line.
#[derive(Clone, Debug)]
pub(crate) struct HandlerCollector(pub(crate) Engine);

/// A handler with its calls of all events.
struct Handler {
    path: &'static str,
    is_on: bool,
    stats: HandlerStats,
}

impl Collector for HandlerCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let handlers = by_path(&self.0.handlers());
        counters(
            &mut encoder,
            "handler_calls",
            "Calls of handlers",
            handlers.iter().map(|one| (label(one), one.stats.calls())),
        )?;
        let failures = handlers.iter().flat_map(|one| {
            FailureKind::ALL.map(|kind| {
                let labels = [("handler", one.path), ("kind", kind.as_str())];
                (labels, one.stats.failures_of(kind))
            })
        });
        counters(
            &mut encoder,
            "handler_failures",
            "Calls of handlers that panicked, missed their deadline or met an internal error",
            failures,
        )?;
        let seconds = handlers.iter().flat_map(|one| {
            QUANTILES.into_iter().filter_map(|(name, share)| {
                let labels = [("handler", one.path), ("quantile", name)];
                Some((labels, one.stats.quantile(share)?.as_secs_f64()))
            })
        });
        gauges(
            &mut encoder,
            "handler",
            "The time that this share of calls stayed below since the start, within a factor of two",
            Some(&Unit::Seconds),
            seconds,
        )?;
        let last = handlers.iter().filter_map(|one| {
            let at = one.stats.last_failure()?.at.as_millis();
            let since_1970 = Duration::from_millis(u64::try_from(at).unwrap_or_default());
            Some((label(one), since_1970.as_secs_f64()))
        });
        gauges(
            &mut encoder,
            "handler_last_failure_timestamp",
            "When the handler failed last",
            Some(&Unit::Seconds),
            last,
        )?;
        gauges(
            &mut encoder,
            "handler_enabled",
            "Whether the handler runs: 0 once the operator or its failures switched it off",
            None,
            handlers
                .iter()
                .map(|one| (label(one), f64::from(u8::from(one.is_on)))),
        )
    }
}

fn by_path(listed: &[ListedHandler]) -> Vec<Handler> {
    let mut by_path: BTreeMap<&'static str, Vec<&ListedHandler>> = BTreeMap::new();
    for handler in listed {
        by_path.entry(handler.meta.path).or_default().push(handler);
    }
    let handlers = by_path.into_iter().map(|(path, listed)| Handler {
        path,
        is_on: listed.iter().all(|handler| handler.switch.is_on()),
        stats: HandlerStats::together(listed.iter().map(|handler| &*handler.stats)),
    });
    handlers.collect()
}

fn label(handler: &Handler) -> [(&'static str, &'static str); 1] {
    [("handler", handler.path)]
}

fn gauges<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    values: impl IntoIterator<Item = ([(&'static str, &'static str); N], f64)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    for (labels, value) in values {
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}
