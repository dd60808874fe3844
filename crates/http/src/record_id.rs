use vestibule_core::Error;
use vestibule_model::ObjectId;

use crate::error::Refusal;

/// Longest part of an id that is repeated in an error; ids that can exist are no longer.
const SHOWN_AT_MOST: usize = 64;

/// The id of a record as a client wrote it. What can be no id is the id of nothing.
///
/// # Errors
/// 1000 with the id, in the platform's own words.
pub(crate) fn record_id(id: &str) -> Result<ObjectId, Refusal> {
    ObjectId::parse(id).map_err(|_| {
        let shown: String = id.chars().take(SHOWN_AT_MOST).collect();
        Error::not_found(format!("Entity with ID {shown} not found")).into()
    })
}
