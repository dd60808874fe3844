//! The links as they are stored: never the token, only its SHA-256.

use std::{fmt::Write as _, time::Duration};

use sha2::{Digest, Sha256};
use vestibule::prelude::*;

/// How long a link works.
pub(crate) const LIVES: Duration = Duration::from_secs(15 * 60);

/// Whose link is stored for an address that nobody has. No user has such an id: a link of it leads
/// nowhere, and its token is thrown away.
const NOBODY: &str = "nobody";

const TABLE: &str = "MagicLink";

table! {
    server_only;
    /// The newest link of each user. The `objectId` is the user's, so a new link ends the old one.
    MagicLink {
        /// The SHA-256 of the token.
        hash: String(size = 64, required, unique),
        /// Where it was mailed to.
        email: String(size = 500, required),
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
    let text = |user: &Record, column| {
        let value = user.properties.get(column).and_then(Value::as_text);
        value.map(str::to_owned)
    };
    let is_enabled =
        |user: &&Record| text(user, "userStatus").as_deref() == Some(UserStatus::Enabled.as_str());
    let user = users.iter().find(is_enabled);
    Ok(user.and_then(|user| {
        let (user_id, email) = (user.id().to_string(), text(user, "email")?);
        Some(Addressee { user_id, email })
    }))
}

/// Keeps the hash of a token, in the place of the one before. Without an addressee it does the same
/// for nobody, so that the storage has as much to do.
pub(crate) async fn keep(
    token: &Secret<String>,
    addressee: Option<&Addressee>,
    ctx: &Context,
) -> Result<()> {
    let (user_id, email) = addressee.map_or((NOBODY, NOBODY), |addressee| {
        (&*addressee.user_id, &*addressee.email)
    });
    let link = record! {
        "objectId" => user_id,
        "hash" => hash(token),
        "email" => email,
        "expires" => ctx.now().plus(LIVES),
    };
    ctx.cloud().data(TABLE).upsert(link).await?;
    Ok(())
}

/// Uses a link up and says whose it is; nobody's, if it does not work, whatever the reason.
pub(crate) async fn use_up(token: &Secret<String>, ctx: &Context) -> Result<Option<User>> {
    let links = ctx.cloud().data(TABLE);
    let this = format!("hash = {}", quoted(&hash(token)));
    let Some(link) = links.find(Query::matching(&*this)).await?.pop() else {
        return Ok(None);
    };
    // Of several who come this far at once, one removes it.
    if links.bulk_remove(this).await? == 0 || has_expired(&link, ctx.now()) {
        return Ok(None);
    }
    let user = ctx.cloud().find_user(link.id()).await?;
    let mailed_to = link.properties.get("email").and_then(Value::as_text);
    // Whoever has the address now need not be who it was mailed to.
    Ok(user.filter(|user| user.email().is_some() && user.email() == mailed_to))
}

/// Removes links that work no more, and says how many there were.
pub(crate) async fn forget_expired(ctx: &Context) -> Result<u64> {
    let expired = format!("expires <= {}", ctx.now().as_millis());
    ctx.cloud().data(TABLE).bulk_remove(expired).await
}

fn has_expired(link: &Record, now: Timestamp) -> bool {
    let expires = link.properties.get("expires").and_then(Value::as_integer);
    expires.is_none_or(|expires| expires <= now.as_millis())
}

fn hash(token: &Secret<String>) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(token.reveal()) {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
