use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use vestibule_core::Engine;

use super::{find::require_users, read_user::one_user};
use crate::{error::Refusal, segments::Segments, visitor::Visitor};

/// `GET /data/{table}/{id}`: one record. So far of `Users` alone.
pub(crate) async fn find_by_id(
    State(engine): State<Engine>,
    Segments([table, id]): Segments<2>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    require_users(&table)?;
    one_user(&engine, &id, query.as_deref(), request).await
}
