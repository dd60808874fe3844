//! Links that were mailed to users and work once: made and found again here.

use subtle::ConstantTimeEq;
use vestibule_model::{
    ErrorCode, LinkPurpose, ObjectId, OneTimeLink, Randomness, Timestamp, USERS, User, UserStatus,
};
use vestibule_storage::{Change, Comparison, Condition, Operand, Precondition, Storage};

use crate::{Error, Result, engine::Engine, sessions::Token};

/// How long a link works that sets a new password, in milliseconds: an hour.
const RESTORE_PASSWORD_FOR: i64 = 60 * 60 * 1000;

/// How long a link works that confirms an address, in milliseconds: a day.
const CONFIRM_EMAIL_FOR: i64 = 24 * 60 * 60 * 1000;

impl Engine {
    /// Whether the page behind a mailed link has anything to ask. It changes nothing: programs that
    /// look for viruses open every link in a mail.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn link_works(&self, purpose: LinkPurpose, link: &str) -> Result<bool> {
        let inner = &self.inner;
        let token = Token::parse(link);
        let found = find(&*inner.storage, token.as_ref(), purpose, inner.clock.now());
        Ok(found.await?.is_some())
    }
}

/// The last part but one of a link's path.
pub(crate) fn page(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::RestorePassword => "restore-password",
        LinkPurpose::ConfirmEmail => "confirm-email",
    }
}

/// A new link of a user, and the changes that store it; earlier ones for the same purpose go, and so do
/// links of anybody that work no more. `None` if the user has no address.
pub(crate) fn make(
    user: &User,
    purpose: LinkPurpose,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Option<(Token, Vec<Change>)> {
    let email = user.email().filter(|email| !email.is_empty())?;
    let lasts = match purpose {
        LinkPurpose::RestorePassword => RESTORE_PASSWORD_FOR,
        LinkPurpose::ConfirmEmail => CONFIRM_EMAIL_FOR,
    };
    let token = Token::generate(now, randomness);
    let link = OneTimeLink {
        selector: token.selector(),
        verifier_hash: token.verifier_hash(),
        user_id: user.id().clone(),
        purpose,
        email: email.to_owned(),
        created: now,
        expires: Timestamp::from_millis(now.as_millis().saturating_add(lasts)),
    };
    let unchanged = Precondition::UserStatusIs(user.id().clone(), user.status);
    let changes = vec![
        Change::Require(unchanged),
        Change::RemoveExpiredOneTimeLinks { now },
        Change::PutOneTimeLink(link),
    ];
    Some((token, changes))
}

/// The change after which a user has no link for this purpose.
pub(crate) fn removal(user_id: &ObjectId, purpose: LinkPurpose) -> Change {
    Change::RemoveOneTimeLinks {
        user_id: user_id.clone(),
        purpose,
    }
}

/// The link that somebody presents, and whom it was mailed to; `None` if it does not work, whatever
/// the reason.
///
/// # Errors
/// Fails when the database does not answer.
pub(crate) async fn find(
    storage: &dyn Storage,
    presented: Option<&Token>,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<(OneTimeLink, User)>> {
    let Some(presented) = presented else {
        return Ok(None);
    };
    let Some(link) = storage.one_time_link(&presented.selector()).await? else {
        return Ok(None);
    };
    let (right, stored) = (presented.verifier_hash(), link.verifier_hash);
    let same: bool = right.as_bytes().ct_eq(stored.as_bytes()).into();
    if !same || link.purpose != purpose || link.expires < now {
        return Ok(None);
    }
    let user = storage.user(&link.user_id).await?;
    let user = user.filter(|user| user.email() == Some(&link.email));
    Ok(user.map(|user| (link, user)))
}

/// What must still be true when a link is used: it is there, and its user has the status and the
/// address that were looked at. So of two who use it at once one wins.
pub(crate) fn still_works(link: &OneTimeLink, user: &User) -> [Change; 3] {
    let same_address = Condition::Compare(
        Operand::Column("email".to_owned()),
        Comparison::Equal,
        Operand::Value(link.email.as_str().into()),
    );
    [
        Precondition::OneTimeLinkExists(link.selector),
        Precondition::UserStatusIs(user.id().clone(), user.status),
        Precondition::RecordIs {
            table: USERS.to_owned(),
            id: user.id().clone(),
            condition: Box::new(same_address),
        },
    ]
    .map(Change::Require)
}

/// Refuses a user who is disabled; to enable it again is for server code and the operator.
///
/// # Errors
/// 3090 if it is.
pub(crate) fn refuse_disabled(user: &User) -> Result<()> {
    if user.status == UserStatus::Disabled {
        let message = "this account is disabled; ask whoever runs this app";
        return Err(Error::new(ErrorCode::AccountDisabled, message));
    }
    Ok(())
}
