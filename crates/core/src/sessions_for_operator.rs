//! What the operator sees of a user's sessions, and how the operator ends them. These are no events:
//! no handler sees them, and no permission binds them.

use std::{fmt, time::Duration};

use sha2::{Digest, Sha256};
use vestibule_model::{
    Actor, AuditRecord, ErrorCode, ObjectId, Selector, Session, SessionSettings, Timestamp,
};
use vestibule_storage::{Change, Precondition, StorageError};

use crate::{
    Error, Result,
    engine::{Engine, EngineInner},
};

/// How the operator names a session: half of the SHA-256 of its selector, in hexadecimal digits.
///
/// It is no part of a token, and no part of a token can be had from it: who reads over the
/// operator's shoulder learns nothing that a client could send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionId(String);

impl SessionId {
    fn of(selector: Selector) -> Self {
        let hash = Sha256::digest(selector.as_bytes());
        Self(
            hash.iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A session as the operator sees it: never the token, nor anything that a token can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSession {
    /// By what it can be ended.
    pub id: SessionId,
    /// When the user logged in.
    pub created: Timestamp,
    /// When it was last used, by what memory knows. Time in which no server ran does not count, so
    /// this may be later than the last call was.
    pub last_used: Timestamp,
    /// When it ends if nobody uses it again; `None` is never. Of a dead one: when it ended.
    pub expires: Option<Timestamp>,
    /// Whether its token works, as far as the session is concerned; a disabled user's calls are
    /// refused all the same.
    pub alive: bool,
}

impl Engine {
    /// The sessions of a user that have not been ended, expired ones too, the latest login first. For
    /// the operator.
    ///
    /// # Errors
    /// 3057 if there is no such user.
    pub async fn sessions_for_operator(
        &self,
        user_id: &ObjectId,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<ListedSession>> {
        let engine = &self.inner;
        let sessions = engine.sessions_of(user_id).await?;
        let settings = engine.settings.current();
        Ok(sessions
            .iter()
            .rev()
            .skip(offset)
            .take(limit)
            .map(|session| engine.list(session, &settings.sessions))
            .collect())
    }

    /// Ends one session of a user, at once. For the operator.
    ///
    /// # Errors
    /// 3057 if there is no such user, 1000 if the user has no such session.
    pub async fn end_session_for_operator(&self, user_id: &ObjectId, id: &str) -> Result<()> {
        let (user_id, id) = (user_id.clone(), id.to_owned());
        self.as_operator(async move |engine| {
            let sessions = engine.sessions_of(&user_id).await?;
            let named = |session: &&Session| SessionId::of(session.selector).as_str() == id;
            let session = sessions.iter().find(named).ok_or_else(no_such_session)?;
            let end = Change::EndSessions(vec![session.selector]);
            engine.end(&user_id, "endSession", end).await
        })
        .await
    }

    /// Ends all sessions of a user, at once. For the operator.
    ///
    /// # Errors
    /// 3057 if there is no such user.
    pub async fn end_sessions_for_operator(&self, user_id: &ObjectId) -> Result<()> {
        let user_id = user_id.clone();
        self.as_operator(async move |engine| {
            let end = Change::EndSessionsOf {
                user_id: user_id.clone(),
                except: None,
            };
            engine.end(&user_id, "endSessions", end).await
        })
        .await
    }
}

impl EngineInner {
    /// The sessions of a user as they are stored, in ascending order of their selectors, which is
    /// that of the logins.
    async fn sessions_of(&self, user_id: &ObjectId) -> Result<Vec<Session>> {
        let sessions = self.storage.sessions_of(user_id).await?;
        // Whoever has a session exists: a user takes them along.
        if sessions.is_empty() && self.storage.user(user_id).await?.is_none() {
            return Err(no_such_user());
        }
        Ok(sessions)
    }

    fn list(&self, session: &Session, settings: &SessionSettings) -> ListedSession {
        let now = self.clock.now();
        let unused = self.sessions.unused_for(session, settings);
        // A clock that was set between the two does not make it older than itself.
        let last_used = earlier(now, unused).max(session.created);
        let by_timeout = self.sessions.timeout(settings).map(|timeout| {
            let left = timeout.checked_sub(unused).map(|left| now.plus(left));
            left.unwrap_or_else(|| earlier(now, unused.saturating_sub(timeout)))
        });
        let by_lifetime = duration(settings.absolute_lifetime_seconds)
            .map(|lifetime| session.created.plus(lifetime));
        ListedSession {
            id: SessionId::of(session.selector),
            created: session.created,
            last_used,
            expires: by_timeout.into_iter().chain(by_lifetime).min(),
            alive: self.sessions.is_stored_alive(session, settings),
        }
    }

    /// Ends what is to be ended, and writes down that the operator did.
    async fn end(&self, user_id: &ObjectId, action: &str, end: Change) -> Result<()> {
        let audit = AuditRecord {
            at: self.clock.now(),
            actor: Actor::Admin,
            action: action.to_owned(),
            subject: Some(user_id.clone()),
            caller: None,
        };
        let exists = Change::Require(Precondition::UserExists(user_id.clone()));
        let changes = vec![exists, end, Change::Audit(audit)];
        match self.apply(changes).await {
            Ok(_) => Ok(()),
            Err(StorageError::Refused { .. }) => Err(no_such_user()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A number of seconds in a setting, where 0 means never.
fn duration(seconds: u32) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

fn earlier(moment: Timestamp, by: Duration) -> Timestamp {
    let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(moment.as_millis().saturating_sub(millis))
}

fn no_such_user() -> Error {
    Error::new(
        ErrorCode::UserNotFound,
        "there is no user with this objectId; look it up among the rows of the table 'Users'",
    )
}

fn no_such_session() -> Error {
    Error::not_found(
        "this user has no session with this id, or it has ended; list the sessions to see their ids",
    )
}
