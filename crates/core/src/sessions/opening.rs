use vestibule_model::{ErrorCode, LoginSettings, Selector, Session, User, UserStatus};
use vestibule_storage::{Change, NewUser, Precondition, StorageError};

use crate::{
    Error, Result,
    context::Context,
    operations::{LoggedIn, refusal, refuse_by_status},
    sessions::{Live, Token},
    settlement::Performed,
};

/// Times a login starts over because another login of the same user came first.
const ATTEMPTS: usize = 16;

/// A login that has its session, but has not yet ended the sessions that it displaces.
pub(crate) type Opened = Performed<LoggedIn>;

/// Makes a guest and its session in one step, behind what the schema needs for it.
pub(crate) async fn open_guest(
    ctx: &Context,
    mut user: User,
    mut changes: Vec<Change>,
) -> Result<Opened, StorageError> {
    let engine = &ctx.shared.engine;
    let (token, session) = new_session(ctx, &user);
    user.last_login = Some(ctx.now());
    changes.push(Change::InsertUser(NewUser {
        user: user.clone(),
        password: None,
    }));
    changes.push(Change::OpenSession(session.clone()));
    let generation = engine.sessions.generation(&session.selector);
    engine.apply(changes).await?;
    let live = Live::new(&session, UserStatus::Guest);
    engine.sessions.insert_opened(live, generation);
    Ok(Performed {
        on_success: Vec::new(),
        on_failure: vec![Change::RemoveUser {
            id: user.id().clone(),
        }],
        output: LoggedIn { user, token },
    })
}

/// Opens a session for a user whose right to it has been proved.
///
/// `changes` are made in the same step; they come first, so that their preconditions count.
///
/// # Errors
/// Refuses by the settings for several logins (3002, 3044); what a precondition in `changes`
/// refuses comes back as that error.
pub(crate) async fn open_session(
    ctx: &Context,
    mut user: User,
    changes: Vec<Change>,
) -> Result<Opened> {
    let engine = &ctx.shared.engine;
    let settings = engine.settings.current();
    for _ in 0..ATTEMPTS {
        let mut changes = changes.clone();
        // Whoever may log in now may not if somebody disables the account this very moment.
        changes.push(Change::Require(Precondition::UserStatusIs(
            user.id().clone(),
            user.status,
        )));
        let mut displaced: Vec<Selector> = Vec::new();
        if is_limited(&settings.login) {
            let others = engine.storage.sessions_of(user.id()).await?;
            let (alive, expired): (Vec<_>, Vec<_>) = others
                .iter()
                .partition(|session| engine.sessions.is_stored_alive(session, &settings.sessions));
            refuse_by_number(&settings.login, alive.len())?;
            // Expired sessions are of no use to anybody; live ones end if only one is allowed.
            let ended_too = if settings.login.multiple_logins {
                Vec::new()
            } else {
                alive
            };
            displaced = expired
                .iter()
                .chain(&ended_too)
                .map(|session| session.selector)
                .collect();
            let all = others.iter().map(|session| session.selector).collect();
            changes.push(Change::Require(Precondition::SessionsAre(
                user.id().clone(),
                all,
            )));
        }
        let (token, session) = new_session(ctx, &user);
        changes.push(Change::OpenSession(session.clone()));
        let generation = engine.sessions.generation(&session.selector);
        match engine.apply(changes).await {
            Ok(_) => {}
            Err(StorageError::Refused {
                precondition: Precondition::SessionsAre(..),
            }) => continue,
            Err(StorageError::Refused {
                precondition: Precondition::UserStatusIs(..),
            }) => {
                user = reread(ctx, &user).await?;
                continue;
            }
            Err(error) => return Err(refusal(error)),
        }
        let live = Live::new(&session, user.status);
        engine.sessions.insert_opened(live, generation);
        user.last_login = Some(ctx.now());
        return Ok(Performed {
            on_success: vec![
                Change::RecordLogin {
                    id: user.id().clone(),
                    at: ctx.now(),
                },
                Change::EndSessions(displaced),
            ],
            on_failure: vec![Change::EndSessions(vec![session.selector])],
            output: LoggedIn { user, token },
        });
    }
    Err(Error::unavailable("a user logs in too often at once"))
}

/// The user as it is now, if it may still log in.
async fn reread(ctx: &Context, user: &User) -> Result<User> {
    let user = ctx.shared.engine.storage.user(user.id()).await?;
    let user = user.ok_or_else(|| Error::new(ErrorCode::LoginFailed, "this user is gone"))?;
    refuse_by_status(&user)?;
    Ok(user)
}

/// Whether the number of sessions matters at all.
pub(super) fn is_limited(settings: &LoginSettings) -> bool {
    !settings.multiple_logins || settings.max_concurrent_logins > 0
}

pub(super) fn refuse_by_number(settings: &LoginSettings, alive: usize) -> Result<()> {
    let cap = usize::try_from(settings.max_concurrent_logins).unwrap_or(usize::MAX);
    if settings.multiple_logins && cap > 0 && alive >= cap {
        let message = "the limit of concurrent logins of this user is reached; log out elsewhere";
        return Err(Error::new(ErrorCode::TooManyLogins, message));
    }
    if !settings.multiple_logins && settings.reject_second_login && alive > 0 {
        let message = "this user is logged in already, and a second login is not allowed";
        return Err(Error::new(ErrorCode::AlreadyLoggedIn, message));
    }
    Ok(())
}

fn new_session(ctx: &Context, user: &User) -> (Token, Session) {
    let engine = &ctx.shared.engine;
    let token = Token::generate(ctx.now(), &*engine.randomness);
    let session = Session {
        selector: token.selector(),
        verifier_hash: token.verifier_hash(),
        user_id: user.id().clone(),
        created: ctx.now(),
        last_used: engine.sessions.activity().now(),
    };
    (token, session)
}
