//! The texts of requests.

/// A `GET`.
pub(crate) fn get(path: &str) -> String {
    request("GET", path, "", "")
}

/// A `GET` of somebody who is logged in.
pub(crate) fn get_as(path: &str, token: &str) -> String {
    request("GET", path, &format!("user-token: {token}\r\n"), "")
}

/// A `POST` of JSON.
pub(crate) fn post(path: &str, body: &str) -> String {
    request("POST", path, "content-type: application/json\r\n", body)
}

/// A request with these lines in its head beside what every one has.
pub(crate) fn request(method: &str, path: &str, head: &str, body: &str) -> String {
    let length = match (method, body.len()) {
        ("GET", 0) => String::new(),
        (_, length) => format!("content-length: {length}\r\n"),
    };
    format!("{method} {path} HTTP/1.1\r\nhost: speed\r\n{head}{length}\r\n{body}")
}
