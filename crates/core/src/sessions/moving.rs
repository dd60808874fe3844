use vestibule_model::{LoginSettings, ObjectId, Selector, Session, User};
use vestibule_storage::{Change, Precondition};

use super::opening::{is_limited, refuse_by_number};
use crate::{Result, context::Context};

/// How the sessions of a guest become those of another user.
pub(crate) struct SessionMove {
    /// What to do in the same step as everything else.
    pub(crate) changes: Vec<Change>,
    /// What to do if the whole call succeeds, as after a login.
    pub(crate) on_success: Vec<Change>,
    /// What to do if it fails, as after a login.
    pub(crate) on_failure: Vec<Change>,
    /// Whether any session moves.
    pub(crate) any: bool,
}

/// Moves the sessions of a guest to another user, as if that user had logged in.
///
/// Where the user's sessions are limited, the one that makes the call comes first; what has no room
/// ends.
///
/// # Errors
/// Refuses by the settings for several logins (3002, 3044).
pub(crate) async fn move_sessions(
    ctx: &Context,
    guest: &ObjectId,
    to: &User,
) -> Result<SessionMove> {
    let engine = &ctx.shared.engine;
    let settings = engine.settings.current();
    let split = |sessions: Vec<Session>| -> (Vec<Session>, Vec<Session>) {
        let is_alive = |session: &Session| {
            let sessions = &engine.sessions;
            sessions.is_stored_alive(session, &settings.sessions)
        };
        sessions.into_iter().partition(is_alive)
    };
    let of_guest = engine.storage.sessions_of(guest).await?;
    let own = engine.storage.sessions_of(to.id()).await?;
    let mut changes = vec![
        Change::Require(Precondition::SessionsAre(
            guest.clone(),
            selectors(&of_guest),
        )),
        // Memory is about to forget these sessions; what it knows better is kept.
        Change::RecordActivity(engine.sessions.last_uses_of(guest)),
    ];
    let (mut moving, mut ending) = split(of_guest);
    if moving.is_empty() {
        return Ok(SessionMove {
            changes,
            on_success: Vec::new(),
            on_failure: Vec::new(),
            any: false,
        });
    }
    let mut displaced = Vec::new();
    if is_limited(&settings.login) {
        changes.push(Change::Require(Precondition::SessionsAre(
            to.id().clone(),
            selectors(&own),
        )));
        let (alive, expired) = split(own);
        refuse_by_number(&settings.login, alive.len())?;
        moving.sort_by_key(|session| {
            let is_of_call = Some(session.selector) == ctx.call().session;
            (!is_of_call, std::cmp::Reverse(session.last_used))
        });
        let room = room(&settings.login, alive.len()).min(moving.len());
        ending.extend(moving.split_off(room));
        displaced = selectors(&expired);
        if !settings.login.multiple_logins {
            displaced.extend(selectors(&alive));
        }
    }
    changes.push(Change::EndSessions(selectors(&ending)));
    changes.push(Change::MoveSessions {
        from: guest.clone(),
        to: to.id().clone(),
    });
    let record = Change::RecordLogin {
        id: to.id().clone(),
        at: ctx.now(),
    };
    Ok(SessionMove {
        changes,
        on_success: vec![record, Change::EndSessions(displaced)],
        on_failure: vec![Change::EndSessions(selectors(&moving))],
        any: true,
    })
}

/// How many sessions may come to those that are alive.
fn room(settings: &LoginSettings, alive: usize) -> usize {
    if !settings.multiple_logins {
        return 1;
    }
    let cap = usize::try_from(settings.max_concurrent_logins).unwrap_or(usize::MAX);
    cap.saturating_sub(alive)
}

fn selectors(sessions: &[Session]) -> Vec<Selector> {
    sessions.iter().map(|session| session.selector).collect()
}
