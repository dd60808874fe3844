use serde_json::{Map, Value as Json};

use crate::BadRequest;

/// Longest key of a client that is repeated in an error.
const KEY_AT_MOST: usize = 64;

/// The keys of a body that nobody has read yet.
pub(super) struct Keys(pub(super) Map<String, Json>);

impl Keys {
    /// What stands under this key; null is as good as absent.
    pub(super) fn given(&mut self, name: &str) -> Option<Json> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// The text under this key, which is required.
    pub(super) fn text(&mut self, name: &str) -> Result<String, BadRequest> {
        match self.given(name) {
            Some(Json::String(text)) => Ok(text),
            _ => Err(wrong(name, "is required, and must be a text")),
        }
    }

    /// The yes or no under this key; no if there is none.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, BadRequest> {
        match self.given(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(flag),
            Some(_) => Err(wrong(name, "must be true or false")),
        }
    }

    /// Refuses what nobody asked for.
    pub(super) fn done(self) -> Result<(), BadRequest> {
        let left = self.0.into_iter().find(|(_, value)| !value.is_null());
        match left {
            None => Ok(()),
            Some((name, _)) => {
                let shown: String = name.chars().take(KEY_AT_MOST).collect();
                Err(wrong(&shown, "does not belong here; leave it out"))
            }
        }
    }
}

/// The value under this key is not what it must be (8008).
pub(super) fn wrong(name: &str, what: &str) -> BadRequest {
    BadRequest::invalid(format!("'{name}' {what}"))
}
