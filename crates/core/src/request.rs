use std::net::IpAddr;

use subtle::ConstantTimeEq;
use vestibule_model::KeyKind;

use crate::{call::Headers, engine::Engine, explanation::Explanation, sessions::SessionProof};

/// Proof that somebody presented one of the app's keys. Only the engine makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentedKey(KeyKind);

impl PresentedKey {
    /// Which key it was.
    pub fn kind(self) -> KeyKind {
        self.0
    }
}

/// What whoever holds a `CodeRunner` has presented.
pub(crate) fn key_of_the_code_runner() -> PresentedKey {
    PresentedKey(KeyKind::Bl)
}

/// What a token that came with a request is worth.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// It belongs to a live session.
    Live(SessionProof),
    /// It belongs to a live session of a user who is disabled; only logout may go on.
    Disabled(SessionProof),
    /// It belongs to no live session.
    Dead,
}

/// A request of a client, as far as the engine must know it.
///
/// Key and session are proofs that only the engine makes, so a request cannot claim to come from
/// somebody whom it does not come from.
#[derive(Clone, Debug)]
pub struct ClientRequest {
    pub(crate) key: PresentedKey,
    pub(crate) session: Option<SessionProof>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) headers: Headers,
    pub(crate) request_id: Option<String>,
    pub(crate) explanation: Option<Explanation>,
}

impl ClientRequest {
    /// An anonymous request with this key.
    pub fn new(key: PresentedKey) -> Self {
        Self {
            key,
            session: None,
            address: None,
            headers: Headers::default(),
            request_id: None,
            explanation: None,
        }
    }

    /// The same request, made in this session.
    pub fn with_session(mut self, session: SessionProof) -> Self {
        self.session = Some(session);
        self
    }

    /// The same request, from this address.
    pub fn from_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The same request, with these headers.
    pub fn with_headers(mut self, headers: Headers) -> Self {
        self.headers = headers;
        self
    }

    /// The same request, with this id in the log.
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// The same request, which writes down what it does, for the operator.
    ///
    /// The trap: it takes time and memory, and tells what handlers see. Only the operator may ask for
    /// it.
    pub fn explained_by(mut self, explanation: Explanation) -> Self {
        self.explanation = Some(explanation);
        self
    }
}

impl Engine {
    /// Recognises the app id and the API key of a URL. What is presented is compared with the app's id
    /// and with all of its keys, whichever fits and whether any does, in constant time.
    pub fn identify(&self, app_id: &str, key: &str) -> Option<PresentedKey> {
        let app = self.inner.app.load();
        let same_app = same(&app.id, app_id);
        let mut found = None;
        for (kind, stored) in &app.keys {
            if same(stored, key) && !stored.is_empty() {
                found = Some(PresentedKey(*kind));
            }
        }
        found.filter(|_| same_app)
    }

    /// The key that a request carries when its URL names neither app nor key: the JS key.
    pub fn key_of_domain(&self) -> PresentedKey {
        PresentedKey(KeyKind::Js)
    }
}

/// Whether what somebody presents is the secret, in a time that depends on what is presented alone:
/// every byte of it is compared, with as much as there is of the secret, over and over. So the time
/// says neither where the two differ nor how long the secret is.
pub(crate) fn same(secret: &str, presented: &str) -> bool {
    let same_length = secret.len().ct_eq(&presented.len());
    let secret = secret.as_bytes();
    let (mut differences, mut place) = (0, 0);
    for byte in presented.bytes() {
        // An empty secret is compared with something, too.
        let other = secret.get(place).copied().unwrap_or_default();
        differences |= difference(byte, other);
        place = if place < secret.len() { place + 1 } else { 0 };
    }
    (same_length & differences.ct_eq(&0)).into()
}

/// One step of [`same`], which the tests count: the bits in which two bytes differ.
fn difference(one: u8, other: u8) -> u8 {
    #[cfg(test)]
    tests::COMPARED.with(|compared| compared.set(compared.get() + 1));
    one ^ other
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// Bytes that were compared in this test.
        pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// How many bytes are compared when somebody presents this.
    fn compared(secret: &str, presented: &str) -> usize {
        COMPARED.with(|compared| compared.set(0));
        assert_eq!(secret == presented, same(secret, presented));
        COMPARED.with(Cell::get)
    }

    #[test]
    fn the_effort_of_a_comparison_depends_on_what_is_presented_alone() {
        let secrets = [
            "",
            "k",
            "key",
            "the-key",
            "the-kez",
            "The-key",
            "the-key-and-more",
        ];
        let long = "x".repeat(10_000);
        for presented in secrets.iter().copied().chain(["\0", "keyk", &long]) {
            for secret in secrets {
                assert_eq!(presented.len(), compared(secret, presented), "{secret:?}");
            }
        }
    }
}
