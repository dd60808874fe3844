use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use vestibule::prelude::*;

use crate::{
    RequestMagicLink,
    limits::{Callers, Neighbourhood},
    link,
};

/// Longest address that mail can go to, in bytes (RFC 5321, 4.5.3.1.3, less its angle brackets).
const ADDRESS_AT_MOST: usize = 254;

/// What a link is refused with that does not work: unknown, used, expired, replaced by a newer one, or
/// mailed to an address that the user has no more.
pub const LINK_IS_DEAD: i32 = 20_300;

/// The service that clients call.
#[derive(Debug, Default)]
pub struct MagicLinks;

#[service("magic-link")]
impl MagicLinks {
    /// Mails a link that logs in, to whoever has this address. It says nothing of whether anybody does.
    #[post("/send", access = anyone)]
    async fn send(&self, email: String, ctx: &Context) -> Result<()> {
        let email = mailable(&email)?;
        limit_caller(ctx)?;
        if !ctx.cloud().can_mail() {
            return Err(no_mail(ctx));
        }
        // Once the answer is on its way, so that the time it takes tells nothing of the account.
        ctx.after_commit(RequestMagicLink::to(email))
    }

    /// Logs in with the token of a link, and uses it up.
    #[post("/redeem", access = anyone)]
    async fn redeem(&self, token: Secret<String>, ctx: &Context) -> Result<Redeemed> {
        let Some(user) = link::use_up(&token, ctx).await? else {
            return Err(link_is_dead());
        };
        let login = ctx.cloud().login_by_object_id(user.id()).await;
        let login = login.map_err(|error| match error.code() {
            // Removed just now, which is none of a stranger's business.
            ErrorCode::UserNotFound => link_is_dead(),
            _ => error,
        })?;
        Ok(Redeemed {
            object_id: login.user.id().to_string(),
            user_status: login.user.status.as_str(),
            user_token: login.token.reveal(),
        })
    }
}

/// What a login answers, as far as a client needs it to be logged in.
#[derive(Serialize)]
struct Redeemed {
    #[serde(rename = "objectId")]
    object_id: String,
    #[serde(rename = "userStatus")]
    user_status: &'static str,
    #[serde(rename = "user-token")]
    user_token: String,
}

/// The address without spaces around it.
fn mailable(email: &str) -> Result<&str> {
    let email = email.trim();
    let parts = email.rsplit_once('@');
    let has_parts = parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    if !has_parts || email.len() > ADDRESS_AT_MOST || email.contains(is_odd) {
        return Err(Error::invalid(
            "'email' is no email address; it looks like ann@example.com",
        ));
    }
    Ok(email)
}

/// Server code knows what it does, and has no address of its own.
fn limit_caller(ctx: &Context) -> Result<()> {
    let address = ctx.call().address.filter(|_| !ctx.call().is_server_code());
    let Some(address) = address else {
        return Ok(());
    };
    let callers = ctx.state::<Callers>();
    let counted = callers.count(Neighbourhood::of(address), ctx.monotonic());
    counted.map_err(|wait| {
        Error::refused(999)
            .status(429)
            .retry_after(wait)
            .saying("too many links were asked for from here; try again in a minute")
    })
}

/// Told to whoever asks, and to the operator.
fn no_mail(ctx: &Context) -> Error {
    warn_of_no_mail(ctx);
    let message = "mail is not configured, so no link can be sent; ask whoever runs this app";
    Error::new(ErrorCode::MailNotConfigured, message)
}

/// Says in the log, once, that nobody can log in by a link.
pub(crate) fn warn_of_no_mail(ctx: &Context) {
    #[derive(Default)]
    struct Told(AtomicBool);

    if !ctx.state::<Told>().0.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "mail is not configured, so nobody logs in by a mailed link: each call that asks for one is \
             refused (5050) until it is (--mail-smtp or --mail-folder)"
        );
    }
}

fn link_is_dead() -> Error {
    let message = "this link does not work: a link works once, for 15 minutes, and only the newest \
                   one; ask for a new one";
    Error::refused(LINK_IS_DEAD).status(410).saying(message)
}
