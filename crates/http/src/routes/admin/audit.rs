use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::AuditBody;

use super::place::place;
use crate::{answer, error::Refusal, url_query::UrlQuery};

/// `GET /admin/api/audit?pageSize=..&offset=..`: who used which power, newest first.
pub(crate) async fn audit(
    State(engine): State<Engine>,
    query: UrlQuery,
) -> Result<Response, Refusal> {
    let (offset, limit) = place(&query)?;
    let records = engine.audit_trail(offset, limit).await?;
    let records: Vec<_> = records.iter().map(AuditBody::of).collect();
    Ok(answer::json(&records))
}
