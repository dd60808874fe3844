use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use vestibule_core::Engine;

/// The metrics of the engine, for an exposition.
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

pub(crate) fn counters<L: EncodeLabelSet>(
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
