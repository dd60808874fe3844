use std::{fmt, sync::Arc};

use uuid::Builder;

use crate::{Randomness, Timestamp};

/// Longest id that a client may choose, in bytes; ours have 36.
const MAX_LENGTH: usize = 64;

/// The id of a record: opaque, unique in its table, safe in a URL.
///
/// ```
/// use vestibule_model::{ObjectId, SeededRandomness, Timestamp};
///
/// let id = ObjectId::generate(Timestamp::from_millis(1_700_000_000_000), &SeededRandomness::new(1));
/// assert_eq!(id.as_str().len(), 36);
/// assert_eq!(id, ObjectId::parse(id.as_str())?);
/// # Ok::<(), vestibule_model::InvalidObjectId>(())
/// ```
///
/// Ids that we make are upper-case UUIDs of version 7, so that new rows stay together as a table
/// grows. Ids that clients bring along may be any short text: do not take them apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Arc<str>);

impl ObjectId {
    /// Makes a new id whose order follows `now`.
    pub fn generate(now: Timestamp, randomness: &dyn Randomness) -> Self {
        let mut random = [0; 10];
        randomness.fill(&mut random);
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        let uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        Self(Arc::from(&*uuid.hyphenated().encode_upper(&mut buffer)))
    }

    /// Accepts an id that came from outside.
    ///
    /// # Errors
    /// Refuses the empty text, control characters, and more than 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidObjectId> {
        let valid =
            !text.is_empty() && text.len() <= MAX_LENGTH && !text.chars().any(char::is_control);
        if valid {
            Ok(Self(Arc::from(text)))
        } else {
            Err(InvalidObjectId)
        }
    }

    /// The id as it is written on the wire and in the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({})", self.0)
    }
}

/// A text that cannot be an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an objectId is a text of 1 to {MAX_LENGTH} bytes without control characters")]
pub struct InvalidObjectId;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandomness;

    #[track_caller]
    fn refused(text: &str) {
        assert_eq!(Err(InvalidObjectId), ObjectId::parse(text));
    }

    #[test]
    fn ids_are_upper_case_and_ordered_by_time() {
        let randomness = SeededRandomness::new(7);
        let older = ObjectId::generate(Timestamp::from_millis(1_000), &randomness);
        let newer = ObjectId::generate(Timestamp::from_millis(2_000), &randomness);
        assert!(older < newer, "{older} should come before {newer}");
        assert_eq!(older.as_str(), older.as_str().to_uppercase());
        assert_eq!(Some('7'), older.as_str().chars().nth(14), "version 7");
    }

    #[test]
    fn ids_of_clients_are_kept_as_they_are() {
        assert_eq!("1", ObjectId::parse("1").unwrap().as_str());
        assert_eq!(
            "non-existed",
            ObjectId::parse("non-existed").unwrap().as_str()
        );
    }

    #[test]
    fn impossible_ids_are_refused() {
        refused("");
        refused("a\0b");
        refused(&"x".repeat(65));
    }
}
