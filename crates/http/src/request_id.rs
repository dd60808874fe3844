use std::{
    fmt,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderMap, HeaderName, HeaderValue};
use vestibule_model::Randomness;

/// The header that brings a request's id along, and takes it back.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over.
const AT_MOST: usize = 128;

/// What ties a request, its answer and its lines in the log together.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header of the answer.
    pub(crate) fn to_header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where ids come from: the caller's own if it is sane, or else made here.
///
/// Ids made here are no secrets. They begin with what is random once per start, so that several
/// servers and several starts never make the same one, and go on with a number.
pub(crate) struct RequestIds {
    start: String,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 8];
        randomness.fill(&mut bytes);
        Self {
            start: format!("{:016x}", u64::from_le_bytes(bytes)),
            next: AtomicU64::new(0),
        }
    }

    /// The id of the request with these headers.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        let theirs = headers
            .get(&X_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| is_sane(id));
        match theirs {
            Some(id) => RequestId(Arc::from(id)),
            None => self.make(),
        }
    }

    fn make(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(self.start.len() + 9);
        id.push_str(&self.start);
        // Writing to a `String` cannot fail.
        let _ = write!(id, "-{number:08x}");
        RequestId(Arc::from(id))
    }
}

/// Whether an id from outside may stand in a log: short, and nothing that could be mistaken for
/// more than an id.
fn is_sane(id: &str) -> bool {
    let sane = |c: char| c.is_ascii_alphanumeric() || "-_.:=/+@".contains(c);
    !id.is_empty() && id.len() <= AT_MOST && id.chars().all(sane)
}

#[cfg(test)]
mod tests {
    use vestibule_model::SeededRandomness;

    use super::*;

    fn id_of(value: &'static str) -> String {
        let ids = RequestIds::new(&SeededRandomness::new(1));
        let headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_static(value))]);
        ids.of(&headers).to_string()
    }

    #[test]
    fn a_sane_id_is_taken_over() {
        assert_eq!("Root=1-67891233-abc", id_of("Root=1-67891233-abc"));
    }

    #[test]
    fn an_id_that_could_forge_a_log_line_is_replaced() {
        for value in ["", "a b", "a\"b", "{a}", "a\tb"] {
            assert_ne!(value, id_of(value));
        }
    }

    #[test]
    fn no_two_ids_are_the_same() {
        let ids = RequestIds::new(&SeededRandomness::new(1));
        assert_ne!(ids.make().as_str(), ids.make().as_str());
    }
}
