//! A call of the API, as it goes over the wire: nothing of ours is tested against itself.

use serde_json::Value as Json;

use crate::{cluster::Map, server::ADMIN_TOKEN};

/// One call of the API.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: &'static str,
    path: String,
    token: Option<String>,
    door: Door,
    body: Option<Json>,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    App,
    Admin,
    Server,
}

impl Call {
    /// A call of the app; `path` goes on behind its root.
    pub(crate) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            token: None,
            door: Door::App,
            body: None,
        }
    }

    /// A call of the admin API; `path` goes on behind its root.
    pub(crate) fn admin(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            door: Door::Admin,
            ..Self::new(method, path)
        }
    }

    /// Whether a server says that it is ready.
    pub(crate) fn ready() -> Self {
        Self {
            door: Door::Server,
            ..Self::new("GET", "readyz")
        }
    }

    pub(crate) fn by(self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self
        }
    }

    pub(crate) fn with(self, body: Json) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// What goes over the wire.
    pub(crate) fn bytes(&self, map: &Map) -> Vec<u8> {
        let root = match self.door {
            Door::App => map.root(),
            Door::Admin => "/admin/api",
            Door::Server => "",
        };
        let (method, path) = (self.method, &self.path);
        let mut head = format!("{method} {root}/{path} HTTP/1.1\r\nhost: localhost\r\n");
        if let Some(token) = &self.token {
            head += &format!("user-token: {token}\r\n");
        }
        if self.door == Door::Admin {
            head += &format!("authorization: Bearer {ADMIN_TOKEN}\r\n");
        }
        let body = self.body.as_ref().map(Json::to_string).unwrap_or_default();
        if self.body.is_some() {
            head += "content-type: application/json\r\n";
        }
        format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }
}
