use schemars::JsonSchema;
use serde::Serialize;
use vestibule_model::Timestamp;

/// The answer to the removal of a record: when it was removed.
///
/// ```
/// use vestibule_model::Timestamp;
/// use vestibule_wire::DeletionBody;
///
/// let body = DeletionBody::at(Timestamp::from_millis(7));
/// assert_eq!(r#"{"deletionTime":7}"#, serde_json::to_string(&body)?);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DeletionBody {
    deletion_time: i64,
}

impl DeletionBody {
    /// It was removed at this time.
    pub fn at(removed: Timestamp) -> Self {
        Self {
            deletion_time: removed.as_millis(),
        }
    }
}
