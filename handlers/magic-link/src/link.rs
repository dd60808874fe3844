//! The links as they are stored: never the token, only its SHA-256.

use std::{fmt::Write as _, time::Duration};

use sha2::{Digest, Sha256};
use vestibule::prelude::*;

/// How long a link works.
const LIVES: Duration = Duration::from_secs(15 * 60);

/// How long a link is left alone before another one takes its place. So no mailbox gets more mails
/// than that, and strangers cannot end a link faster: whoever gets no mail has one with a link that works.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// Whose link is stored for an address that nobody has. It leads nowhere, and its token is thrown away.
const NOBODY: &str = "nobody";

const TABLE: &str = "MagicLink";

table! {
    server_only;
    /// The newest link that was mailed to each address.
    MagicLink {
        /// The SHA-256 of the token.
        hash: String(size = 64, required, unique),
        /// Where it was mailed to, in small letters. Unique, so a new link ends the old one.
        email: String(size = 500, required, unique),
        /// The id of whoever had this address then.
        user: String(required),
        expires: DateTime(required, indexed),
    }
}

/// Whom a link is made for.
pub(crate) struct Addressee {
    pub(crate) user_id: String,
    /// As the user has it, which need not be how somebody wrote it.
    pub(crate) email: String,
}

/// The user who can be mailed a link to this address, if there is one. Users who are disabled, or
/// who have yet to confirm the address, could not use it.
pub(crate) async fn addressee(email: &str, ctx: &Context) -> Result<Option<Addressee>> {
    let same = Query::matching(format!("email = {}", quoted(email)));
    let users = ctx.cloud().data("Users").find(same).await?;
    let is_enabled =
        |user: &&Record| user.get("userStatus").as_text() == Some(UserStatus::Enabled.as_str());
    let user = users.iter().find(is_enabled);
    Ok(user.and_then(|user| {
        let (user_id, email) = (
            user.id().to_string(),
            user.get("email").as_text()?.to_owned(),
        );
        Some(Addressee { user_id, email })
    }))
}

/// Keeps the hash of a token in the place of the one before; not if that one is too new, or if somebody
/// else does so just now. Without an addressee it does the same for nobody, so that the storage has as
/// much to do.
pub(crate) async fn keep(
    token: &Secret<String>,
    addressee: Option<&Addressee>,
    ctx: &Context,
) -> Result<bool> {
    let expires = ctx.now().plus(LIVES);
    let (user_id, email, old) = match addressee {
        Some(user) => (&*user.user_id, &*user.email, ctx.now().plus(LIVES - PAUSE)),
        None => (NOBODY, NOBODY, expires),
    };
    let email = email.to_ascii_lowercase();
    let links = ctx.cloud().data(TABLE);
    let (this, old) = (quoted(&email), old.as_millis());
    links
        .bulk_remove(format!("email = {this} and expires <= {old}"))
        .await?;
    let link = record! {
        // It would be the caller's otherwise, and go with a guest who is removed.
        "ownerId" => Value::Null,
        "hash" => hash(token),
        "email" => email,
        "user" => user_id,
        "expires" => expires,
    };
    match links.create(link).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == ErrorCode::DuplicateColumnValue => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes a link that was not mailed, so that there can be another one at once.
pub(crate) async fn take_back(token: &Secret<String>, ctx: &Context) -> Result<()> {
    ctx.cloud().data(TABLE).bulk_remove(with(token)).await?;
    Ok(())
}

/// Uses a link up and says whose it is; nobody's, if it does not work, whatever the reason.
pub(crate) async fn use_up(token: &Secret<String>, ctx: &Context) -> Result<Option<User>> {
    let links = ctx.cloud().data(TABLE);
    let found = links.find(Query::matching(with(token))).await?;
    let Some(link) = found.first() else {
        return Ok(None);
    };
    // Of several who come this far at once, one removes it.
    if links.bulk_remove(with(token)).await? == 0 || has_expired(link, ctx.now()) {
        return Ok(None);
    }
    let (user_id, mailed_to) = (link.get("user").as_text(), link.get("email").as_text());
    let user_id = ObjectId::parse(user_id.unwrap_or_default());
    let Some(user) = ctx.cloud().find_user(&user_id?).await? else {
        return Ok(None);
    };
    // Whoever has the address now need not be who it was mailed to.
    let has_it_still = user.email().map(str::to_ascii_lowercase).as_deref() == mailed_to;
    Ok(has_it_still.then_some(user))
}

/// Removes links that work no more, and says how many there were.
pub(crate) async fn forget_expired(ctx: &Context) -> Result<u64> {
    let expired = format!("expires <= {}", ctx.now().as_millis());
    ctx.cloud().data(TABLE).bulk_remove(expired).await
}

fn has_expired(link: &Record, now: Timestamp) -> bool {
    let expires = link.get("expires").as_integer();
    expires.is_none_or(|expires| expires <= now.as_millis())
}

/// The clause that finds the link with this token.
fn with(token: &Secret<String>) -> String {
    format!("hash = {}", quoted(&hash(token)))
}

fn hash(token: &Secret<String>) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(token.reveal()) {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
