//! What the operator of a server asks of it.

use serde_json::Value as Json;

use crate::server::Server;

/// The admin token of servers that are started with it.
pub(crate) const ADMIN_TOKEN: &str = "the-operator-of-this-test";

/// A call of the admin API, which must be a success; `path` goes on behind its root.
#[track_caller]
pub(crate) fn ask(server: &Server, method: &str, path: &str, body: &Json) -> Json {
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/admin/api/{path}");
    let answer = server.client().call(method, &path, &headers, Some(body));
    let answer = answer.unwrap();
    assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
    answer.json()
}
