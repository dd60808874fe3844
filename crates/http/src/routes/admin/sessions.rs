use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error};
use vestibule_model::{ErrorCode, ObjectId, Timestamp};
use vestibule_wire::admin::SessionBody;

use super::place::place;
use crate::{
    answer,
    error::Refusal,
    segments::Segments,
    url_query::{NoQuery, UrlQuery},
};

/// `GET /admin/api/users/{objectId}/sessions?pageSize=..&offset=..`: the sessions of a user, the
/// latest login first.
pub(crate) async fn sessions(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    query: UrlQuery,
) -> Result<Response, Refusal> {
    let (offset, limit) = place(&query)?;
    let as_count = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let (offset, limit) = (as_count(offset), as_count(limit));
    let sessions = engine
        .sessions_for_operator(&user_id(&id)?, offset, limit)
        .await?;
    let sessions: Vec<_> = sessions
        .iter()
        .map(|session| SessionBody {
            id: session.id.as_str(),
            created: session.created.as_millis(),
            last_used: session.last_used.as_millis(),
            expires: session.expires.map(Timestamp::as_millis),
            alive: session.alive,
        })
        .collect();
    Ok(answer::json(&sessions))
}

/// `DELETE /admin/api/users/{objectId}/sessions`: all sessions of a user end.
pub(crate) async fn end_sessions(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    engine.end_sessions_for_operator(&user_id(&id)?).await?;
    Ok(answer::empty())
}

/// `DELETE /admin/api/users/{objectId}/sessions/{id}`: one session ends.
pub(crate) async fn end_session(
    State(engine): State<Engine>,
    Segments([id, session]): Segments<2>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    engine
        .end_session_for_operator(&user_id(&id)?, &session)
        .await?;
    Ok(answer::empty())
}

/// The id of a user as the operator wrote it. What can be no id is the id of nobody.
pub(super) fn user_id(id: &str) -> Result<ObjectId, Error> {
    ObjectId::parse(id).map_err(|_| {
        let message = "there is no user with this objectId; an id is a short text, look it up among \
                       the rows of the table 'Users'";
        Error::new(ErrorCode::UserNotFound, message)
    })
}
