use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error, GuestNumbers, GuestsPlan, PlanPlace};
use vestibule_model::Timestamp;
use vestibule_wire::admin::{
    GuestCountsBody, GuestEventsBody, GuestNumbersBody, GuestsPlanBody, PlannedGuestBody,
};

use crate::{
    answer,
    error::Refusal,
    url_query::{NoQuery, UrlQuery},
};

/// What an operator may say about the page of a plan.
const KEYS: [&str; 2] = ["pageSize", "after"];

/// Guests on a page unless the operator says otherwise, and at most.
const PAGE: u64 = 100;
const PAGE_AT_MOST: u64 = 1000;

/// `GET /admin/api/guests`: guests in numbers.
pub(crate) async fn guests(State(engine): State<Engine>, _: NoQuery) -> Result<Response, Refusal> {
    let GuestNumbers {
        made,
        converted,
        purged,
        kept,
        counted,
        ..
    } = engine.count_guests().await?;
    let kept = kept.into_iter().map(|(by, times)| (by.as_str(), times));
    Ok(answer::json(&GuestNumbersBody {
        now: counted.map(|(counts, at)| GuestCountsBody {
            all: counts.all,
            active: counts.live,
            expired: counts.gone,
            kept: counts.kept,
            counted_at: at.as_millis(),
        }),
        since_start: GuestEventsBody {
            made,
            converted,
            purged,
            kept: kept.collect(),
        },
    }))
}

/// `GET /admin/api/guests/plan?pageSize=..&after=..`: who would go now and who would stay, and why.
/// Nothing is touched, and no handler is asked.
pub(crate) async fn guests_plan(
    State(engine): State<Engine>,
    query: UrlQuery,
) -> Result<Response, Refusal> {
    let (after, page_size) = page(&query)?;
    let plan = engine.guests_plan(after, page_size).await?;
    Ok(answer::json(&body(&plan)))
}

/// Which page is asked for.
fn page(query: &UrlQuery) -> Result<(Option<PlanPlace>, u64), Error> {
    query.only(&KEYS)?;
    let page_size = query.number("pageSize", 1..=PAGE_AT_MOST)?.unwrap_or(PAGE);
    let after = query.text("after").map(str::parse).transpose()?;
    Ok((after, page_size))
}

fn body(plan: &GuestsPlan) -> GuestsPlanBody<'_> {
    let guests = plan.guests.iter().map(|guest| PlannedGuestBody {
        object_id: guest.id.as_str(),
        created: guest.created.as_millis(),
        goes: guest.prospect.goes(),
        why: guest.prospect.as_str(),
        since: guest.prospect.since().map(Timestamp::as_millis),
        until: guest.prospect.until().map(Timestamp::as_millis),
    });
    GuestsPlanBody {
        cleanup: plan.settings.cleanup,
        sweep_seconds: plan.settings.sweep_seconds,
        owned_rows: plan.settings.owned_rows.as_str(),
        handlers: plan.handlers,
        now: GuestCountsBody {
            all: plan.counts.all,
            active: plan.counts.live,
            expired: plan.counts.gone,
            kept: plan.counts.kept,
            counted_at: plan.counted_at.as_millis(),
        },
        guests: guests.collect(),
        next: plan.next.as_ref().map(PlanPlace::to_string),
    }
}
