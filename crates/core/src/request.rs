use std::net::IpAddr;

use subtle::ConstantTimeEq;
use vestibule_model::KeyKind;

use crate::{call::Headers, engine::Engine, sessions::SessionProof};

/// Proof that somebody presented one of the app's keys. Only the engine makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentedKey(KeyKind);

impl PresentedKey {
    /// Which key it was.
    pub fn kind(self) -> KeyKind {
        self.0
    }
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
}

impl Engine {
    /// Recognises the app id and the API key of a URL. Both are compared in constant time.
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

/// Compares texts in a time that depends on their lengths alone.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
