//! Logs users in by a mailed link, without a password.
//!
//! Somebody types an email address, gets a mail, opens its link, presses a button, and is logged in.
//! A server of yours has it by a line in `server/Cargo.toml`, with the path to your clone of Vestibule,
//!
//! ```toml
//! magic-link = { path = "../../vestibule/handlers/magic-link" }
//! ```
//!
//! and by its name in `server/src/main.rs`:
//!
//! ```
//! use magic_link as _;
//! ```
//!
//! It needs mail (`--mail-smtp`, or `--mail-folder` for development), the address at which users reach
//! the server (`--public-url`), and a page. Without the page, and with the root that the server prints
//! when it starts:
//!
//! ```sh
//! cargo run -- --mail-folder mails
//! root=http://127.0.0.1:9000/<app id>/<js key>
//! curl $root/users/register -d '{"email": "ann@example.com", "password": "correct horse"}'
//! curl $root/services/magic-link/send -d '{"email": "ann@example.com"}'       # null, and a mail in mails/
//! curl $root/services/magic-link/redeem -d '{"token": "<what is behind the # of its link>"}'
//! ```
//!
//! # The page
//!
//! The link leads to `/pages/magic-link.html#TOKEN`. [`pages/`] in the folder of this crate has such a
//! page, with its script and its style: copy the three into the folder that your server serves with
//! `--pages`, and have the published SDK beside them (`npm install backendless@8.0.0` there). A page of
//! your own has to do this:
//!
//! ```js
//! // To get a mail. The answer is always the same, so say: if there is such an account, look into your mail.
//! await Backendless.APIServices.invoke('magic-link', 'send', { email })
//!
//! // Behind the link. The token leaves the address bar, and so what is copied, shared or kept.
//! const token = location.hash.slice(1)
//! history.replaceState(null, '', location.pathname)
//!
//! // When the button is pressed, and never before: programs open the links of mails, and press nothing.
//! const login = await Backendless.APIServices.invoke('magic-link', 'redeem', { token })
//! Backendless.UserService.setCurrentUser(login, true)
//! ```
//!
//! Then say who is logged in: see *What remains*. The trap: a token that the SDK still has of a session
//! that is over makes the server refuse both calls (3064). Then
//! `Backendless.UserService.setCurrentUser(null)`, and call again.
//!
//! | call | answers | refuses with |
//! |---|---|---|
//! | `POST /services/magic-link/send {email}` | `null`, always | 999 (429): too many from here; 5050: mail is not configured; 8008: no address |
//! | `POST /services/magic-link/redeem {token}` | `objectId`, `userStatus`, `user-token` | [20300](LINK_IS_DEAD) (410): the link does not work; 3090: the account is disabled; 3002, 3044: as any login |
//!
//! A before handler of [`SendMagicLink`] leads the link elsewhere, or sends another mail. Server code
//! sends links, too: [`RequestMagicLink`].
//!
//! # Limits
//!
//! - A link works once, for 15 minutes. A mailbox has one: a new one ends the old one.
//! - A link is left alone for five minutes: whoever asks again before hears `null` as usual, and gets no
//!   mail. Whoever has used it gets another one at once. The database counts, for all servers.
//! - From an IPv4 address, or an IPv6 /56, come twenty calls of `/send` a minute. Each server counts for
//!   itself, in memory that is bounded; in a flood it forgets, so nobody can lock others out. The trap:
//!   behind a proxy all calls seem to come from the proxy, unless the server knows it
//!   (`--trusted-proxy`).
//!
//! # Why it is safe
//!
//! - **A token cannot be guessed, nor read.** It has 256 random bits. The database has its SHA-256, in a
//!   table that server code alone sees, whatever permissions and profile say. It is behind the `#` of the
//!   link, which browsers send to nobody; it is a [`Secret`] on its way, so logs and
//!   observers have `***`.
//! - **Whoever opens a link has the mailbox.** The mail goes to the address as the user has it. A link is
//!   dead once the address has changed, the user is gone or disabled, or a newer link is there; one that
//!   is unknown, used, old or of somebody else's address is refused in the same words.
//! - **Of two who use a link at once, one wins**: whoever removes it.
//! - **A look uses nothing up.** What opens the links in a mail to look for viruses neither logs in nor
//!   spoils the link.
//! - **Nobody hears whether there is an account.** `/send` answers before it has looked. What it does
//!   afterwards is the same for every address, one look and one link that is stored, until the mail
//!   itself.
//! - **Strangers cannot keep users out** by asking for links in their name: a link is left alone for five
//!   minutes and works for fifteen, so whoever gets no mail has one that works.
//! - **Power is borrowed**: the login is `ctx.cloud().login_by_object_id(..)`, which leaves an audit record
//!   and keeps to the settings for several logins.
//!
//! # What remains
//!
//! - Whoever reads the mailbox is the user. So is whoever is sent the link on by them.
//! - Somebody can send *their own* link to others, who are then logged in as that somebody, and save
//!   what is theirs in the wrong account. So the page says who is logged in.
//! - An address that was never confirmed may be somebody else's: a stranger who registered with it knows
//!   the password, and the owner of the mailbox gets into the stranger's account. Where that matters,
//!   switch on `registration.emailConfirmationRequired` (who has yet to confirm gets no link), and refuse
//!   changes of `email` in a before handler of `UpdateUser`.
//! - A mail takes work, though not the caller's: whoever measures how busy the server is just then, or
//!   reads the mailbox, may learn of an account. Registration tells of one anyway (3033).
//! - A stranger can have a dozen mails an hour sent to a user, and ends the link before with each. Several
//!   addresses of one mailbox (`ann+shop@example.com`) are as many, if each has an account.
//! - A mail that is refused by the mail server is told to the log, and not to whoever asked, who can ask
//!   again at once. One that is lost with a server that is killed is missed for five minutes.
//!
//! [`pages/`]: https://github.com/vestibule/vestibule/tree/main/handlers/magic-link/pages

mod events;
mod limits;
mod link;
mod service;

use vestibule::prelude::*;

pub use crate::{
    events::{RequestMagicLink, SendMagicLink, request_magic_link, send_magic_link},
    service::{LINK_IS_DEAD, MagicLinks},
};

/// Removes links that work no more.
///
/// # Errors
/// Fails when the database does not answer; the next run has them too.
#[timer(every = "15m")]
pub async fn forget_expired_links(_tick: RunTimer, ctx: &Context) -> Result<()> {
    // Told to the operator, even if nobody asks for a link.
    if !ctx.cloud().can_mail() {
        service::warn_of_no_mail(ctx);
    }
    link::forget_expired(ctx).await?;
    Ok(())
}
