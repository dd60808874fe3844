use axum::{extract::State, response::Response};
use http::StatusCode;
use vestibule_core::{ConfirmEmail, Engine};
use vestibule_model::{ErrorCode, LinkPurpose};

use crate::{
    account_page::{failure, page},
    error::Refusal,
    segments::Segments,
    visitor::PageVisitor,
};

/// `GET /account/confirm-email/{link}`: asks whether to confirm. It confirms nothing: programs that
/// look for viruses open every link in a mail.
pub(crate) async fn confirm_email_page(
    State(engine): State<Engine>,
    Segments([link]): Segments<1>,
) -> Response {
    match engine.link_works(LinkPurpose::ConfirmEmail, &link).await {
        Ok(true) => page(
            StatusCode::OK,
            "Confirm your email address",
            "<p>Press the button, and you can log in.</p>\n\
             <form method=\"post\">\n\
             <button>Confirm the address</button>\n\
             </form>",
        ),
        Ok(false) => dead_link(),
        Err(error) => failure(error.into()),
    }
}

/// `POST /account/confirm-email/{link}`: confirms the address.
pub(crate) async fn confirm_email(
    State(engine): State<Engine>,
    Segments([link]): Segments<1>,
    PageVisitor(request): PageVisitor,
) -> Response {
    let reply = engine.submit(request, ConfirmEmail::new(&link)).await;
    let error = match reply.outcome {
        Ok(_) => return confirmed(),
        Err(error) if error.code() == ErrorCode::AlreadyConfirmed => return confirmed(),
        Err(error) => error,
    };
    let refusal = Refusal::of_call(error, reply.response.status);
    if refusal.told().0 == StatusCode::GONE {
        return dead_link();
    }
    failure(refusal)
}

fn confirmed() -> Response {
    page(
        StatusCode::OK,
        "Your email address is confirmed",
        "<p>Go back to the app and log in.</p>",
    )
}

fn dead_link() -> Response {
    page(
        StatusCode::GONE,
        "This link works no more",
        "<p>It was used already, it is older than a day, or a newer one was sent to you.</p>\n\
         <p>Go back to the app and try to log in; if your address still has to be confirmed, ask \
         there for another mail.</p>",
    )
}
