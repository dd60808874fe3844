use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use vestibule_core::{EVENT_NAMES, Engine, ListedHandler};
use vestibule_wire::admin::{EventBody, HandlerBody};

use crate::{answer, url_query::NoQuery};

/// The name under which observers of all events are listed.
const ALL_EVENTS: &str = "*";

/// `GET /admin/api/handlers`: the effective chain of each event, those of the app's own after the
/// built-in ones.
pub(crate) async fn handlers(State(engine): State<Engine>, _: NoQuery) -> Response {
    let listed = engine.handlers();
    let names: BTreeSet<_> = listed.iter().map(|handler| handler.event).collect();
    let is_custom = |event: &&str| *event != ALL_EVENTS && !EVENT_NAMES.contains(event);
    let custom = names.into_iter().filter(is_custom);
    let events = EVENT_NAMES.into_iter().chain(custom).chain([ALL_EVENTS]);
    let chains: Vec<_> = events.map(|event| chain(event, listed)).collect();
    answer::json(&chains)
}

fn chain<'a>(event: &'a str, listed: &'a [ListedHandler]) -> EventBody<'a> {
    let handlers = listed.iter().filter(|handler| handler.event == event);
    let access = handlers.clone().find_map(|handler| handler.access);
    EventBody {
        event,
        access: access.map(|access| access.to_string()),
        handlers: handlers.map(describe).collect(),
    }
}

fn describe(handler: &ListedHandler) -> HandlerBody<'_> {
    let (meta, stats) = (&handler.meta, &handler.stats);
    let millis = |share| Some(stats.quantile(share)?.as_secs_f64() * 1000.0);
    HandlerBody {
        path: meta.path,
        crate_name: meta.crate_name(),
        phase: meta.phase.as_str(),
        order: meta.order,
        table: meta.table,
        timeout: u64::try_from(meta.timeout.as_millis()).unwrap_or(u64::MAX),
        policy: meta.on_failure.as_str(),
        enabled: true,
        file: meta.file,
        line: meta.line,
        calls: stats.calls(),
        failures: stats.failures(),
        p50: millis(0.5),
        p99: millis(0.99),
    }
}
