use std::collections::{BTreeSet, HashMap};

use axum::{extract::State, response::Response};
use vestibule_core::{
    EVENT_NAMES, Engine, FailureKind, HandlerChange, HandlerStats, ListedHandler, MethodInfo,
    Schedule,
};
use vestibule_wire::admin::{
    EventBody, FailuresBody, HandlerBody, HandlerChangeBody, LastFailureBody, parse_handler_change,
};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::NoQuery};

/// The name under which observers of all events are listed.
const ALL_EVENTS: &str = "*";

/// `GET /admin/api/handlers`: the effective chain of each event, those of the app's own after the
/// built-in ones.
pub(crate) async fn handlers(State(engine): State<Engine>, _: NoQuery) -> Response {
    let listed = engine.handlers();
    let particulars = Particulars::of(&engine);
    let names: BTreeSet<_> = listed.iter().map(|handler| handler.event).collect();
    let is_custom = |event: &&str| *event != ALL_EVENTS && !EVENT_NAMES.contains(event);
    let custom = names.into_iter().filter(is_custom);
    let events = EVENT_NAMES.into_iter().chain(custom).chain([ALL_EVENTS]);
    let chains: Vec<_> = events
        .map(|event| chain(event, &listed, &particulars))
        .collect();
    answer::json(&chains)
}

/// `PATCH /admin/api/handlers/{path}`: switches a handler on or off or moves it among the others, for
/// good; answers the effective chains of its events.
pub(crate) async fn change_handler(
    State(engine): State<Engine>,
    Segments([path]): Segments<1>,
    _: NoQuery,
    JsonObject(change): JsonObject,
) -> Result<Response, Refusal> {
    let HandlerChangeBody { enabled, order } = parse_handler_change(change)?;
    let change = HandlerChange { enabled, order };
    let changed = engine.change_handler(&path, change).await?;
    let events: BTreeSet<_> = changed.iter().map(|handler| handler.event).collect();
    let (listed, particulars) = (engine.handlers(), Particulars::of(&engine));
    let chains = events.into_iter();
    let chains: Vec<_> = chains
        .map(|event| chain(event, &listed, &particulars))
        .collect();
    Ok(answer::json(&chains))
}

/// What only methods of services and timers have, by their paths.
struct Particulars {
    methods: HashMap<&'static str, (&'static str, MethodInfo)>,
    schedules: HashMap<&'static str, Schedule>,
}

impl Particulars {
    fn of(engine: &Engine) -> Self {
        let services = engine.services().into_iter();
        let methods = services.flat_map(|service| {
            let methods = service.methods.into_iter();
            methods.map(move |method| (method.meta.path, (service.name, method.info)))
        });
        let timers = engine.declared_timers().into_iter();
        Self {
            methods: methods.collect(),
            schedules: timers
                .map(|timer| (timer.meta.path, timer.schedule))
                .collect(),
        }
    }
}

fn chain<'a>(
    event: &'a str,
    listed: &'a [ListedHandler],
    particulars: &Particulars,
) -> EventBody<'a> {
    let handlers = listed.iter().filter(|handler| handler.event == event);
    let access = handlers.clone().find_map(|handler| handler.access);
    EventBody {
        event,
        access: access.map(|access| access.to_string()),
        handlers: handlers
            .map(|handler| describe(handler, particulars))
            .collect(),
    }
}

fn describe<'a>(handler: &'a ListedHandler, particulars: &Particulars) -> HandlerBody<'a> {
    let (meta, stats, switch) = (&handler.meta, &handler.stats, &handler.switch);
    let method = particulars.methods.get(meta.path);
    let schedule = particulars.schedules.get(meta.path);
    let millis = |share| Some(stats.quantile(share)?.as_secs_f64() * 1000.0);
    HandlerBody {
        path: meta.path,
        crate_name: meta.crate_name(),
        phase: meta.phase.as_str(),
        method: method
            .map(|(service, method)| format!("{service} {} {}", method.verb, method.path)),
        access: method.map(|(_, method)| method.access.to_string()),
        schedule: schedule.map(Schedule::to_string),
        order: switch.order(),
        own_order: switch.own_order(),
        runs_before: meta.runs_before,
        runs_after: meta.runs_after,
        table: meta.table,
        timeout: u64::try_from(meta.timeout.as_millis()).unwrap_or(u64::MAX),
        policy: meta.on_failure.as_str(),
        disable_after: meta.disable_after,
        enabled: switch.is_on(),
        reason: switch.disabled().map(|why| why.to_string()),
        file: meta.file,
        line: meta.line,
        calls: stats.calls(),
        failures: stats.failures(),
        failures_by_kind: by_kind(stats),
        last_failure: last_failure(stats),
        p50: millis(0.5),
        p99: millis(0.99),
    }
}

fn by_kind(stats: &HandlerStats) -> FailuresBody {
    FailuresBody {
        panicked: stats.failures_of(FailureKind::Panicked),
        timed_out: stats.failures_of(FailureKind::TimedOut),
        failed: stats.failures_of(FailureKind::Failed),
    }
}

fn last_failure(stats: &HandlerStats) -> Option<LastFailureBody> {
    let last = stats.last_failure()?;
    Some(LastFailureBody {
        at: last.at.as_millis(),
        kind: last.kind.as_str(),
        error: last.error.clone(),
    })
}
