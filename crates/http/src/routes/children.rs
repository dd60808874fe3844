use vestibule_core::{Children, Error};
use vestibule_model::{ErrorCode, ObjectId};
use vestibule_wire::parse_ids;

use crate::{error::Refusal, receive::RawBody, url_query::UrlQuery};

/// Which records a change of a relation is about: those whose ids are in the body, or those that
/// the clause in the URL is true for.
///
/// What can be no id is the id of nothing, and unknown ids do not count.
///
/// # Errors
/// 8008 if neither is there, or both.
pub(super) fn children(query: &UrlQuery, body: &RawBody) -> Result<Children, Refusal> {
    match (parse_ids(&body.0)?, query.text("whereClause")) {
        (Some(ids), None) => {
            let ids = ids.iter().filter_map(|id| ObjectId::parse(id).ok());
            Ok(Children::Ids(ids.collect()))
        }
        (None, Some(clause)) => Ok(Children::Matching(clause.to_owned())),
        (None, None) => Err(invalid(
            "say which records are meant: their ids in the body, or 'whereClause' in the URL",
        )),
        (Some(_), Some(_)) => Err(invalid(
            "send ids in the body or 'whereClause' in the URL, not both",
        )),
    }
}

fn invalid(message: &str) -> Refusal {
    Error::new(ErrorCode::InvalidParameter, message).into()
}
