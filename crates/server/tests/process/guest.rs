//! Guests, as clients know them.

use std::io;

use serde_json::Value as Json;

use crate::client::Client;

/// A guest that the server has acknowledged.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Guest {
    /// Logs a new guest in; `root` is the path of the app.
    pub(crate) fn log_in(client: &mut Client, root: &str) -> io::Result<Self> {
        let answer = client.call("POST", &format!("{root}/users/register/guest"), &[], None)?;
        Ok(Self::of(&answer.ok()))
    }

    /// The guest in the answer to a guest login.
    pub(crate) fn of(answer: &Json) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let (id, token) = (text("objectId"), text("user-token"));
        assert!(!id.is_empty() && !token.is_empty(), "{answer}");
        Self { id, token }
    }

    /// Whether the server takes the token for a live one.
    pub(crate) fn is_logged_in(&self, client: &mut Client, root: &str) -> bool {
        let path = format!("{root}/users/isvalidusertoken/{}", self.token);
        client.call("GET", &path, &[], None).unwrap().ok() == Json::Bool(true)
    }

    /// The guest's own row, read with the guest's own token.
    pub(crate) fn row(&self, client: &mut Client, root: &str) -> Json {
        let path = format!("{root}/data/Users/{}", self.id);
        let headers = [("user-token", self.token.as_str())];
        client.call("GET", &path, &headers, None).unwrap().ok()
    }
}
