use axum::{extract::State, response::Response};
use http::StatusCode;
use vestibule_core::{Engine, SetPasswordByLink};
use vestibule_model::{ErrorCode, LinkPurpose, Password};

use crate::{
    account_page::{failure, page, sentence},
    error::Refusal,
    receive::RawBody,
    segments::Segments,
    visitor::PageVisitor,
};

const TITLE: &str = "Set a new password";

/// `GET /account/restore-password/{link}`: asks for the new password. It uses nothing up: programs
/// that look for viruses open every link in a mail.
pub(crate) async fn set_password_page(
    State(engine): State<Engine>,
    Segments([link]): Segments<1>,
) -> Response {
    match engine.link_works(LinkPurpose::RestorePassword, &link).await {
        Ok(true) => form(StatusCode::OK, None),
        Ok(false) => dead_link(),
        Err(error) => failure(error.into()),
    }
}

/// `POST /account/restore-password/{link}`: sets the password that was typed twice.
pub(crate) async fn set_password(
    State(engine): State<Engine>,
    Segments([link]): Segments<1>,
    PageVisitor(request): PageVisitor,
    body: Result<RawBody, Refusal>,
) -> Response {
    let RawBody(body) = match body {
        Ok(body) => body,
        Err(refusal) => return failure(refusal),
    };
    let (password, again) = (field(&body, "password"), field(&body, "again"));
    if password != again {
        let message = "the two passwords are not the same; type the new one twice";
        return form(StatusCode::BAD_REQUEST, Some(message));
    }
    let event = SetPasswordByLink::new(&link, Some(Password::new(password)));
    let reply = engine.submit(request, event).await;
    match reply.outcome {
        Ok(()) => page(
            StatusCode::OK,
            "Your new password is set",
            "<p>You have been logged out everywhere. Go back to the app and log in with the new \
             password.</p>",
        ),
        Err(error) => {
            let refusal = Refusal::of_call(error, reply.response.status);
            let (status, message) = refusal.told();
            let disabled = refusal.code() == ErrorCode::AccountDisabled;
            match status {
                StatusCode::GONE => dead_link(),
                // A password that will not do; another one can be typed.
                status if status.is_client_error() && !disabled => form(status, Some(&message)),
                _ => failure(refusal),
            }
        }
    }
}

fn form(status: StatusCode, complaint: Option<&str>) -> Response {
    let complaint = complaint.map(|complaint| {
        let complaint = sentence(complaint);
        format!("<p role=\"alert\">{complaint}</p>\n")
    });
    let complaint = complaint.unwrap_or_default();
    let html = format!(
        "{complaint}<form method=\"post\">\n\
         <label for=\"password\">New password</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" \
         autocomplete=\"new-password\" required>\n\
         <label for=\"again\">The same once more</label>\n\
         <input id=\"again\" name=\"again\" type=\"password\" autocomplete=\"new-password\" \
         required>\n\
         <button>Set the password</button>\n\
         </form>"
    );
    page(status, TITLE, &html)
}

fn dead_link() -> Response {
    page(
        StatusCode::GONE,
        "This link works no more",
        "<p>It was used already, it is older than an hour, or a newer one was sent to you.</p>\n\
         <p>If you still want to set a new password, go back to the app and ask for another \
         mail.</p>",
    )
}

/// The value of a field of the form; the empty text if it is missing.
fn field(body: &[u8], name: &str) -> String {
    let mut fields = form_urlencoded::parse(body);
    fields
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
