use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use vestibule_core::{Engine, GuestNumbers};

/// The numbers of guests, for an exposition. Asks no database.
#[derive(Clone, Debug)]
pub(crate) struct GuestCollector(pub(crate) Engine);

impl Collector for GuestCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let GuestNumbers {
            made,
            converted,
            purged,
            kept,
            counted,
            ..
        } = self.0.guest_numbers();
        for (name, help, count) in [
            ("guests_made", "Guests who came in", made),
            ("guests_converted", "Guests who registered", converted),
            (
                "guests_purged",
                "Guests who were removed, since they were gone",
                purged,
            ),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        let help = "How often a guest who was gone was kept, by reason";
        let mut family =
            encoder.encode_descriptor("guests_kept", help, None, MetricType::Counter)?;
        for (by, times) in kept {
            let labels = [("reason", by.as_str())];
            ConstCounter::new(times).encode(family.encode_family(&labels)?)?;
        }
        // Guests are counted by the cleanup now and then: not before its first sweep, and by one
        // server of several.
        let Some((counts, at)) = counted else {
            return Ok(());
        };
        let help = "Guests by what becomes of them, when they were last counted";
        let mut family = encoder.encode_descriptor("guests", help, None, MetricType::Gauge)?;
        for (state, count) in [
            ("active", counts.live),
            ("expired", counts.gone),
            ("kept", counts.kept),
        ] {
            let gauge = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
            gauge.encode(family.encode_family(&[("state", state)])?)?;
        }
        let help = "When guests were last counted, in seconds since 1970";
        let gauge = ConstGauge::new(at.as_millis() / 1000);
        let name = "guests_counted_at";
        gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }
}
