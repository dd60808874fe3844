//! What follows from a call of `/send`, and what server code may ask for by itself.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

use crate::link;

/// Where the page is, below the address of the server.
const PAGE: &str = "pages/magic-link.html";

/// Somebody is to get a link. Whoever has no account gets none, and nobody hears of it.
///
/// Server code asks for it with `ctx.cloud().dispatch(..)`, or as an effect; for it, too, a mailbox
/// gets one mail in five minutes. An error says that the mail was not sent.
///
/// ```
/// use magic_link::RequestMagicLink;
/// use vestibule::prelude::*;
///
/// #[after(collect = false)]
/// async fn welcome(_event: &Register, outcome: Outcome<Register>, ctx: &Context) -> Outcome<Register> {
///     let user = outcome?;
///     if let Some(email) = user.email() {
///         ctx.after_commit(RequestMagicLink::to(email))?;
///     }
///     Ok(user)
/// }
/// ```
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "requestMagicLink", access = server)]
pub struct RequestMagicLink {
    /// The address, as somebody wrote it.
    pub email: String,
}

impl RequestMagicLink {
    /// Asks for a link for whoever has this address.
    pub fn to(email: impl Into<String>) -> Self {
        Self {
            email: email.into(),
        }
    }
}

/// A link is made and on its way.
///
/// A before handler may lead it elsewhere, to an app on a phone, say, or send a mail of its own and
/// answer in our place. Of the token only the hash is stored; what is mailed must contain it.
///
/// ```
/// use magic_link::SendMagicLink;
/// use vestibule::prelude::*;
///
/// #[before(collect = false)]
/// async fn open_the_app(event: &mut SendMagicLink, _ctx: &Context) -> Result<Flow<SendMagicLink>> {
///     let url = format!("https://app.example.com/log-in#{}", event.token.reveal());
///     event.url = Secret::new(url);
///     Ok(Flow::Continue)
/// }
/// ```
///
/// The trap: put the token behind a `#`. In a path or a query it would reach the logs of proxies.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "sendMagicLink", access = server)]
#[serde(rename_all = "camelCase")]
pub struct SendMagicLink {
    /// Who is to log in.
    pub user_id: String,
    /// The user's address.
    pub email: String,
    /// What the page sends to `/redeem`.
    pub token: Secret<String>,
    /// Where the link leads.
    pub url: Secret<String>,
}

/// Makes a link and sends it, if the address is somebody's who has no new one yet.
///
/// Up to the mail itself it does the same for everybody: it looks once, and stores one link.
///
/// # Errors
/// Fails when the mail is not taken, or the database does not answer.
// Longer than the mail may take.
#[answer(timeout = "30s")]
pub async fn request_magic_link(event: RequestMagicLink, ctx: &Context) -> Result<()> {
    let addressee = link::addressee(&event.email, ctx).await?;
    let token = ctx.random_token();
    let is_kept = link::keep(&token, addressee.as_ref(), ctx).await?;
    let Some(addressee) = addressee.filter(|_| is_kept) else {
        return Ok(());
    };
    let url = format!("{}/{PAGE}#{}", ctx.public_url(), token.reveal());
    let letter = SendMagicLink {
        user_id: addressee.user_id,
        email: addressee.email,
        token: token.clone(),
        url: Secret::new(url),
    };
    let sent = ctx.cloud().dispatch(letter).await;
    if sent.is_err() {
        link::take_back(&token, ctx).await?;
    }
    sent
}

/// Mails a link.
///
/// # Errors
/// As [`send_mail`](CloudCode::send_mail).
#[answer(timeout = "25s")]
pub async fn send_magic_link(event: SendMagicLink, ctx: &Context) -> Result<()> {
    let url = ctx.public_url();
    let site = url.split_once("://").map_or(url, |(_, site)| site);
    ctx.cloud().send_mail(letter(event, site)).await
}

/// Nothing in it was written by a user, the address apart: whoever could write a word into it could send
/// mails in our name.
fn letter(event: SendMagicLink, site: &str) -> Mail {
    let (to, url) = (event.email, event.url.reveal());
    Mail {
        subject: format!("Log in to {site}"),
        text: format!(
            "Hello,\n\
             \n\
             somebody, most likely you, wants to log in to {site} as {to}.\n\
             To do so, open this page within 15 minutes:\n\
             \n\
             {url}\n\
             \n\
             It works once. If you ask again, only the newest link works.\n\
             \n\
             If it was not you, you need not do anything: nobody gets in without this link.\n\
             Do not pass it on: whoever has it can log in as you.\n"
        ),
        to,
    }
}
