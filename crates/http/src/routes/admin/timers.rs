use std::time::Duration;

use axum::{extract::State, response::Response};
use vestibule_core::{Engine, ListedTimer};
use vestibule_model::Timestamp;
use vestibule_wire::admin::{
    LastRunBody, RunningBody, TimerBody, parse_timer_change, parse_timer_run,
};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::NoQuery};

/// `GET /admin/api/timers`: every timer and how it stands, by path.
pub(crate) async fn timers(State(engine): State<Engine>, _: NoQuery) -> Result<Response, Refusal> {
    let timers = engine.timers().await?;
    let bodies: Vec<_> = timers.iter().map(body).collect();
    Ok(answer::json(&bodies))
}

/// `PATCH /admin/api/timers/{path}`: switches a timer on or off, for good; answers how it stands.
pub(crate) async fn enable_timer(
    State(engine): State<Engine>,
    Segments([path]): Segments<1>,
    _: NoQuery,
    JsonObject(change): JsonObject,
) -> Result<Response, Refusal> {
    let enabled = parse_timer_change(change)?;
    let timer = engine.enable_timer(&path, enabled).await?;
    Ok(answer::json(&body(&timer)))
}

/// `POST /admin/api/timers/{path}/run`: runs a timer now; answers how it stands when it has begun.
pub(crate) async fn run_timer(
    State(engine): State<Engine>,
    Segments([path]): Segments<1>,
    _: NoQuery,
    JsonObject(nothing): JsonObject,
) -> Result<Response, Refusal> {
    parse_timer_run(nothing)?;
    let timer = engine.run_timer(&path).await?;
    Ok(answer::json(&body(&timer)))
}

fn body(timer: &ListedTimer) -> TimerBody<'_> {
    let ListedTimer {
        meta,
        schedule,
        state,
    } = timer;
    TimerBody {
        path: meta.path,
        crate_name: meta.crate_name(),
        schedule: schedule.to_string(),
        overlap: schedule.overlap.as_str(),
        missed: schedule.missed.as_str(),
        jitter: millis(schedule.jitter),
        timeout: millis(meta.timeout),
        file: meta.file,
        line: meta.line,
        enabled: state.enabled,
        due: state.due.map(Timestamp::as_millis),
        running: state.lease.as_ref().map(|lease| RunningBody {
            since: lease.since.as_millis(),
            until: lease.until.as_millis(),
        }),
        last_run: state.last_run.as_ref().map(|run| LastRunBody {
            began: run.began.as_millis(),
            ended: run.ended.as_millis(),
            error: run.error.as_deref(),
        }),
        runs: state.runs,
        failures: state.failures,
        skipped: state.skipped,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
