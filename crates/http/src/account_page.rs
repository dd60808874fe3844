//! The pages that links in mails lead to: small, in plain HTML, without a script.
//!
//! Their URL is a secret. So they load nothing but their style, tell nobody where the reader came from,
//! and are kept by no cache.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::error::Refusal;

/// The style of the pages.
const STYLE: &str = include_str!("account_page.css");

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    ),
];

/// A page with this title, and this HTML below it. Texts of others in it have been
/// [escaped](escaped).
pub(crate) fn page(status: StatusCode, title: &str, html: &str) -> Response {
    let whole = format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"../style.css\">\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1>{title}</h1>\n\
         {html}\n\
         </main>\n\
         </body>\n\
         </html>\n"
    );
    let mut response = Response::new(Body::from(whole));
    *response.status_mut() = status;
    response.headers_mut().extend(HEADERS);
    response
}

/// A page that says why something did not work.
pub(crate) fn failure(refusal: Refusal) -> Response {
    let (status, message) = refusal.told();
    let html = format!("<p role=\"alert\">{}</p>", sentence(&message));
    page(status, "That did not work", &html)
}

/// `GET /account/style.css`: how the pages look.
pub(crate) async fn style() -> Response {
    let mut response = STYLE.into_response();
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, css);
    response
}

/// The message of an error as a sentence in HTML: a handler may have written it, with a full stop or
/// without.
pub(crate) fn sentence(message: &str) -> String {
    let message = message.trim();
    let stop = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    let mut rest = message.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    let capitalised: String = first.chain(rest.clone()).collect();
    format!("{}{stop}", escaped(&capitalised))
}

/// A text that stands in HTML as what it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_an_error_becomes_one_sentence() {
        for (message, said) in [
            ("a password needs a digit", "A password needs a digit."),
            ("Too short!", "Too short!"),
            ("it needs a digit. ", "It needs a digit."),
            ("<b>", "&lt;b&gt;."),
            ("", "."),
        ] {
            assert_eq!(said, sentence(message));
        }
    }

    #[test]
    fn a_text_cannot_become_html() {
        let text = "<b onclick='x' class=\"y\">&";
        let html = "&lt;b onclick=&#39;x&#39; class=&quot;y&quot;&gt;&amp;";
        assert_eq!(html, escaped(text));
    }
}
