use std::{collections::BTreeMap, fmt};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use vestibule_core::{Engine, ListedHandler};

/// The metrics of the engine and of its handlers, for an exposition.
#[derive(Clone, Debug)]
pub(crate) struct EngineCollector(pub(crate) Engine);

impl Collector for EngineCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let statistics = self.0.statistics();
        let by_ending = statistics
            .calls
            .iter()
            .map(|(event, ending, count)| ([("event", *event), ("ending", *ending)], *count));
        counters(
            &mut encoder,
            "calls",
            "Calls, by event and ending",
            by_ending,
        )?;
        let handlers = self.0.handlers();
        counters(
            &mut encoder,
            "handler_calls",
            "Calls of handlers",
            by_handler(handlers, |handler| handler.stats.calls()),
        )?;
        counters(
            &mut encoder,
            "handler_failures",
            "Calls of handlers that panicked, missed their deadline or met an internal error",
            by_handler(handlers, |handler| handler.stats.failures()),
        )?;
        let totals = [
            (
                "password_hashes",
                "Password hashes computed",
                statistics.password_hashes,
            ),
            (
                "observer_waits",
                "Calls that waited for observers before they were answered",
                statistics.observer_waits,
            ),
            (
                "blocked_handlers",
                "Handlers reported for blocking their thread",
                statistics.blocked_handlers,
            ),
        ];
        for (name, help, count) in totals {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        let gauges = [
            (
                "sessions_in_memory",
                "Sessions in memory",
                statistics.sessions_in_memory,
            ),
            (
                "calls_running",
                "Calls that run now",
                statistics.calls_running,
            ),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}

fn counters<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    counts: impl IntoIterator<Item = (L, u64)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, count) in counts {
        ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

/// A handler of several events is counted once, with all its calls.
fn by_handler(
    handlers: &[ListedHandler],
    count: impl Fn(&ListedHandler) -> u64,
) -> impl Iterator<Item = ([(&'static str, &'static str); 1], u64)> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for handler in handlers {
        *counts.entry(handler.meta.path).or_default() += count(handler);
    }
    let labelled = counts.into_iter();
    labelled.map(|(path, count)| ([("handler", path)], count))
}
