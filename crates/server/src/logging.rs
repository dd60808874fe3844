use std::io::{self, IsTerminal};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{Targets, filter_fn},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::log_fields::LogFields;

/// Something else that wants to know what happens.
pub(crate) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Libraries whose traces hold whole requests, headers and their tokens included.
const NEVER_IN_DETAIL: [&str; 3] = ["axum", "h2", "hyper"];

/// Logs to standard error what passes the filter; in colour when somebody is looking. The other layer
/// has a filter of its own.
///
/// A second call in one process changes nothing.
pub(crate) fn start(filter: EnvFilter, other: Option<BoxedLayer>) {
    let registry = tracing_subscriber::registry();
    // Fails only when there is a subscriber already, and then that one is as good.
    let _ = match other {
        // A filter for everything is asked once about each place in the code, that of a layer about
        // each span.
        None => registry.with(whole(filter).and_then(lines())).try_init(),
        Some(other) => {
            let lines = lines().with_filter(filter);
            let lines = lines.with_filter(filter_fn(shows_no_request));
            registry.with(other).with(lines).try_init()
        }
    };
}

/// What writes the lines.
fn lines<S: Subscriber + for<'span> LookupSpan<'span>>() -> impl Layer<S> {
    tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        // When standard error is gone, complaining about it there would be a panic.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .fmt_fields(LogFields)
}

/// The operator's filter and ours. Most need not hear of spans; whoever does takes a lock at each that all
/// requests share. Only a filter that asks for spans, as in `shop[cart]=debug`, must.
fn whole(filter: EnvFilter) -> BoxedLayer {
    let written = filter.to_string();
    match written.parse::<Targets>() {
        // What lets nothing pass is written as nothing, which read again would let everything pass.
        Ok(targets) if !written.is_empty() && !written.contains('[') => {
            let shows = move |metadata: &Metadata<'_>| {
                shows_no_request(metadata)
                    && targets.would_enable(metadata.target(), metadata.level())
            };
            let shows = filter_fn(shows);
            match filter.max_level_hint() {
                Some(most) => shows.with_max_level_hint(most).boxed(),
                None => shows.boxed(),
            }
        }
        _ => filter.and_then(filter_fn(shows_no_request)).boxed(),
    }
}

/// Whatever the operator's filter says: a log with tokens in it is nobody's wish.
fn shows_no_request(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || !NEVER_IN_DETAIL.contains(&library)
}

#[cfg(test)]
mod tests {
    use tracing::{enabled, subscriber::with_default};

    use super::*;

    /// Whether lines of all sorts pass, outside a span and in one.
    fn passing(layer: BoxedLayer) -> Vec<bool> {
        let subscriber = tracing_subscriber::registry().with(layer);
        with_default(subscriber, || {
            let lines = || {
                vec![
                    enabled!(target: "shop", Level::TRACE),
                    enabled!(target: "shop", Level::INFO),
                    enabled!(target: "shop::cart", Level::DEBUG),
                    enabled!(target: "shop::cart", Level::ERROR),
                    enabled!(target: "hyper::client", Level::DEBUG),
                    enabled!(target: "hyper", Level::INFO),
                    enabled!(target: "vestibule_http", Level::DEBUG),
                    enabled!(target: "vestibule_http", Level::WARN),
                ]
            };
            let mut passing = lines();
            let span = tracing::error_span!(target: "shop", "cart", id = 7);
            passing.extend(span.in_scope(lines));
            passing
        })
    }

    #[test]
    fn what_need_not_hear_of_spans_lets_the_same_pass() {
        let written = [
            "",
            "off",
            "info,refinery_core=warn",
            "trace",
            "shop",
            "warn,shop=trace",
            "shop::cart=off,shop=debug,info",
            "hyper=trace,h2",
            "5",
            "warn,shop[cart]=trace",
            "shop[{id}]=trace,error",
            "[cart]=debug",
        ];
        for written in written {
            let filter: EnvFilter = written.parse().unwrap();
            let both = filter.clone().and_then(filter_fn(shows_no_request));
            assert_eq!(passing(both.boxed()), passing(whole(filter)), "{written}");
        }
    }
}
