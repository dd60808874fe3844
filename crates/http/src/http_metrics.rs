use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet},
    metrics::{MetricType, counter::ConstCounter},
};

/// Upper bounds of the buckets of the histogram, in seconds; the last bucket has none.
const BOUNDS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// The statuses that an answer can have: 100 to 599.
const STATUSES: std::ops::Range<u16> = 100..600;

/// How many requests each route answered with which status, and how long they took.
///
/// The routes are known from the start and never change, so that counting takes no lock.
pub(crate) struct HttpMetrics {
    by_route: HashMap<&'static str, RouteMetrics>,
    unmatched: RouteMetrics,
}

/// A place for each status, made when it is first seen.
struct RouteMetrics([OnceLock<Box<Timings>>; STATUSES.end as usize - STATUSES.start as usize]);

#[derive(Default)]
struct Timings {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl HttpMetrics {
    pub(crate) fn new(routes: &[&'static str]) -> Self {
        Self {
            by_route: routes
                .iter()
                .map(|route| (*route, RouteMetrics::default()))
                .collect(),
            unmatched: RouteMetrics::default(),
        }
    }

    /// Counts an answer of this route; `None` is a request for which there is no route.
    pub(crate) fn count(&self, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = route.and_then(|route| self.by_route.get(route));
        let RouteMetrics(by_status) = route.unwrap_or(&self.unmatched);
        let at = usize::from(status.as_u16().saturating_sub(STATUSES.start));
        if let Some(timings) = by_status.get(at) {
            timings.get_or_init(Box::default).count(took);
        }
    }

    /// Route, status and timings of everything that was ever answered, in a fixed order.
    fn all(&self) -> Vec<(&'static str, u16, &Timings)> {
        let named = self
            .by_route
            .iter()
            .map(|(route, metrics)| (*route, metrics));
        let routes = named.chain([("none", &self.unmatched)]);
        let mut all: Vec<_> = routes
            .flat_map(|(route, RouteMetrics(by_status))| {
                let seen = STATUSES.zip(by_status);
                seen.filter_map(move |(status, timings)| Some((route, status, &**timings.get()?)))
            })
            .collect();
        all.sort_by_key(|(route, status, _)| (*route, *status));
        all
    }
}

impl Default for RouteMetrics {
    fn default() -> Self {
        Self(std::array::from_fn(|_| OnceLock::new()))
    }
}

impl Timings {
    fn count(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn buckets(&self) -> Vec<(f64, u64)> {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let counts = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed));
        bounds.zip(counts).collect()
    }

    fn seconds(&self) -> f64 {
        Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64()
    }
}

/// The metrics of HTTP, for an exposition.
#[derive(Clone)]
pub(crate) struct HttpCollector(pub(crate) Arc<HttpMetrics>);

impl fmt::Debug for HttpCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCollector").finish_non_exhaustive()
    }
}

impl Collector for HttpCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let all: Vec<_> = self
            .0
            .all()
            .into_iter()
            .map(|(route, status, timings)| {
                let labels = [("route", route.to_owned()), ("status", status.to_string())];
                (labels, timings)
            })
            .collect();
        let mut requests = encoder.encode_descriptor(
            "http_requests",
            "Requests answered, by route and status",
            None,
            MetricType::Counter,
        )?;
        for (labels, timings) in &all {
            let count: u64 = timings.buckets().iter().map(|(_, count)| count).sum();
            ConstCounter::new(count).encode(requests.encode_family(labels)?)?;
        }
        let mut durations = encoder.encode_descriptor(
            "http_request_duration_seconds",
            "Time from the head of a request to its answer, by route and status",
            None,
            MetricType::Histogram,
        )?;
        for (labels, timings) in &all {
            let buckets = timings.buckets();
            let count = buckets.iter().map(|(_, count)| count).sum();
            durations
                .encode_family(labels)?
                .encode_histogram::<NoLabelSet>(timings.seconds(), count, &buckets, None)?;
        }
        Ok(())
    }
}
