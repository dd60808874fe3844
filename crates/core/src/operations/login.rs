use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use vestibule_model::{
    ActivityTime, ErrorCode, ObjectId, Password, PermissionOperation, Properties, User, UserStatus,
    Value,
};
use vestibule_storage::{Account, Change, Precondition, StorageError};

use super::description::describe_user;
use super::user_properties::{PASSWORD_AT_MOST, identity_size};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::masked,
    permissions,
    sessions::{Opened, Token, open_session},
};

/// A registered user logs in with identity and password.
///
/// Backendless: `beforeLogin` and `afterLogin`, event 200. Before handlers run before the password
/// is checked; after handlers see failed logins too.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// The identity, as a text or a number; null if none was sent.
    pub login: Value,
    /// The password, if one was sent.
    pub password: Option<Password>,
}

/// What every login comes to: the user, and the token of the new session.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedIn {
    /// Who logged in.
    pub user: User,
    /// The token; only the client may see it.
    pub token: Token,
}

impl LoggedIn {
    /// The user; the token is nobody else's business.
    pub(crate) fn describe(&self) -> impl Serialize {
        describe_user(&self.user)
    }
}

impl Login {
    /// A login with this identity and this password.
    pub fn new(login: impl Into<Value>, password: impl Into<String>) -> Self {
        Self {
            login: login.into(),
            password: Some(Password::new(password)),
        }
    }

    /// The identity and the password, if both can be looked at. `size` is how long an identity can
    /// be, in characters.
    fn credentials(&self, size: usize) -> Result<(String, &str)> {
        let missing = |name: &str| {
            let message = format!("the parameter '{name}' is required and cannot be null");
            Error::new(ErrorCode::ParameterRequired, message)
        };
        let no_text = |name: &str| Error::invalid(format!("the parameter '{name}' must be a text"));
        let login = match &self.login {
            Value::Null => return Err(missing("login")),
            Value::Text(text) => text.clone(),
            Value::Integer(integer) => integer.to_string(),
            Value::Double(double) => double.to_string(),
            Value::Boolean(_) | Value::Json(_) => return Err(no_text("login")),
        };
        let password = self
            .password
            .as_ref()
            .filter(|password| !password.is_null());
        let password = password.ok_or_else(|| missing("password"))?;
        let password = password.text().ok_or_else(|| no_text("password"))?;
        if login.is_empty() || password.is_empty() {
            let message = "login and password cannot be empty";
            return Err(Error::new(ErrorCode::EmptyLoginOrPassword, message));
        }
        if login.chars().count() > size || password.len() > PASSWORD_AT_MOST {
            let message = format!(
                "a login has at most {size} characters and a password at most \
                 {PASSWORD_AT_MOST} bytes"
            );
            return Err(Error::new(ErrorCode::ValueTooLong, message));
        }
        Ok((login, password))
    }
}

impl Event for Login {
    const NAME: &'static str = "login";
    type Output = LoggedIn;

    fn describe(&self) -> impl Serialize {
        json!({ "login": masked(&self.login.to_json()) })
    }

    fn describe_output(output: &LoggedIn) -> impl Serialize {
        output.describe()
    }
}

impl FromInput for Login {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            login: input.value("login"),
            password: input.password(&mut Properties::new()),
        })
    }
}

impl Sealed for Login {}
impl ClientEvent for Login {}

impl Operation for Login {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit_users(ctx, PermissionOperation::Login)?;
        if ctx.settings().login.enabled {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::LoginDisabled,
            "logins are switched off for this app",
        ))
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Opened> {
        let engine = &ctx.shared.engine;
        let size = identity_size(&*engine.storage.catalogue().await?);
        let (login, password) = self.credentials(size)?;
        let account = engine.storage.account_by_identity(&login).await?;
        let hash = account
            .as_ref()
            .and_then(|account| account.password.as_ref());
        // Always one computation, whether the login is known, locked or neither.
        let right = engine.passwords.verify(password, hash).await?;
        let lock = Lock::of(ctx);
        let Some(account) = account else {
            lock.write_as_much(ctx).await?;
            return Err(invalid());
        };
        if lock.is_shut(&account) {
            return Err(locked());
        }
        if !right {
            lock.count_failure(ctx, &account).await?;
            return Err(invalid());
        }
        refuse_by_status(&account.user)?;
        let id = account.user.id().clone();
        // What was checked above must still hold when the session is opened: of many guesses at
        // once none may win after the lock has shut, nor an old password after its change.
        let mut changes = vec![Change::Require(Precondition::PasswordIs(
            id.clone(),
            account.password,
        ))];
        changes.extend(lock.still_open(&id));
        if account.failed_logins.count > 0 {
            changes.push(Change::ForgetFailedLogins { user_id: id });
        }
        open_session(ctx, account.user, changes).await
    }
}

/// Whether a password is that of an account, found out as a login would: a wrong one counts as a
/// failed login, a locked account proves nothing, and right and wrong take the same time. Answers
/// what must still hold when something is done about it, and `None` if nothing was proved.
pub(super) async fn prove(
    ctx: &Context,
    account: &Account,
    password: &str,
) -> Result<Option<Vec<Change>>> {
    let engine = &ctx.shared.engine;
    let right = engine.passwords.verify(password, account.password.as_ref());
    let right = right.await?;
    let lock = Lock::of(ctx);
    let may_log_in = ctx.settings().login.enabled
        && !lock.is_shut(account)
        && refuse_by_status(&account.user).is_ok();
    if may_log_in && !right {
        return match lock.count_failure(ctx, account).await {
            Err(error) if error.code() != ErrorCode::AccountLocked => Err(error),
            Ok(()) | Err(_) => Ok(None),
        };
    }
    lock.write_as_much(ctx).await?;
    if !may_log_in {
        return Ok(None);
    }
    let id = account.user.id().clone();
    let mut changes = vec![Change::Require(Precondition::PasswordIs(
        id.clone(),
        account.password.clone(),
    ))];
    changes.extend(lock.still_open(&id));
    if account.failed_logins.count > 0 {
        changes.push(Change::ForgetFailedLogins { user_id: id });
    }
    Ok(Some(changes))
}

/// Whether this user's status allows a login at all.
pub(crate) fn refuse_by_status(user: &User) -> Result<()> {
    match user.status {
        UserStatus::Enabled | UserStatus::Guest => Ok(()),
        UserStatus::Disabled => Err(Error::new(
            ErrorCode::AccountDisabled,
            "this account is disabled",
        )),
        UserStatus::EmailConfirmationPending => Err(Error::new(
            ErrorCode::EmailNotConfirmed,
            "confirm the email address first: a link was sent to it",
        )),
    }
}

fn invalid() -> Error {
    Error::new(
        ErrorCode::InvalidLoginOrPassword,
        "Invalid login or password",
    )
}

fn locked() -> Error {
    let message = "this account is locked after too many failed logins; try again later";
    Error::new(ErrorCode::AccountLocked, message)
}

/// The lock of accounts after failed logins, as the settings have it.
struct Lock {
    after: u32,
    now: ActivityTime,
    since: ActivityTime,
}

impl Lock {
    fn of(ctx: &Context) -> Self {
        let settings = ctx.settings();
        let now = ctx.shared.engine.sessions.activity().now();
        let lasts = Duration::from_secs(settings.login.lock_seconds.into());
        Self {
            after: settings.login.lock_after_failed_logins,
            now,
            since: now.minus(lasts),
        }
    }

    fn is_shut(&self, account: &Account) -> bool {
        let failed = account.failed_logins;
        self.after > 0 && failed.count >= self.after && failed.last >= self.since
    }

    fn still_open(&self, user_id: &ObjectId) -> Option<Change> {
        (self.after > 0).then(|| {
            Change::Require(Precondition::FewerFailedLogins {
                user_id: user_id.clone(),
                than: self.after,
                since: self.since,
            })
        })
    }

    /// Counts a failure, unless nothing ever locks.
    ///
    /// # Errors
    /// 3036 if other failures have shut the lock meanwhile: of many guesses at once the right one
    /// must get the same answer as the wrong ones.
    async fn count_failure(&self, ctx: &Context, account: &Account) -> Result<()> {
        let user_id = account.user.id().clone();
        let Some(still_open) = self.still_open(&user_id) else {
            return Ok(());
        };
        let (at, since) = (self.now, self.since);
        let count = Change::CountFailedLogin { user_id, at, since };
        ctx.shared
            .engine
            .apply(vec![still_open, count])
            .await
            .map_err(refusal)?;
        Ok(())
    }

    /// Writes as much as counting a failure would, so that an unknown login takes as long.
    async fn write_as_much(&self, ctx: &Context) -> Result<()> {
        if self.after > 0 {
            ctx.shared
                .engine
                .apply(vec![Change::RecordHeartbeat {
                    at: self.now,
                    wall: ctx.now(),
                }])
                .await?;
        }
        Ok(())
    }
}

/// What a precondition of a login refuses, in the words of the client.
pub(crate) fn refusal(error: StorageError) -> Error {
    match error {
        StorageError::Refused {
            precondition: Precondition::PasswordIs(..),
        } => invalid(),
        StorageError::Refused {
            precondition: Precondition::FewerFailedLogins { .. },
        } => locked(),
        other => other.into(),
    }
}
