//! The cleanup: every few seconds, the guests who are gone go.

use std::{
    slice,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::MutexGuard;
use vestibule_model::{Clock, GuestSettings, Monotonic, ObjectId, Selector, Timestamp};
use vestibule_storage::{Change, Expiry, GonePlace, GoneQuery};

use super::{lease::For, purging::purge};
use crate::{
    Error, Result,
    engine::{Engine, EngineInner},
};

/// Candidates that are looked at in one page.
const PAGE: u64 = 250;

/// Guests that are removed in one step, and whose handlers run at once.
const AT_ONCE: usize = 50;

/// Pages without anybody who is gone after which a sweep rests all the same.
const PAGES_WITHOUT_REST: u32 = 4;

/// How long an engine that does not clean up waits before it looks whether it should: the settings may
/// have changed, or the server that cleans up may be gone.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// How often sessions of registered users that are dead are ended where guests are not removed. Then
/// all guests who are gone are walked over.
const SESSIONS_EVERY: Duration = Duration::from_secs(3600);

/// How long an operator waits for another server that sweeps, and how often it looks.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(30);
const LOOK_AT_OTHERS: Duration = Duration::from_millis(500);

/// What a sweep came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// The guests who went.
    pub purged: Vec<ObjectId>,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Guests who are gone, and dead sessions of others.
    All,
    /// Guests who are gone and were made before this moment.
    MadeBefore(Timestamp),
    /// Dead sessions of others.
    Sessions,
}

/// What became of one page of candidates.
struct Page {
    purged: Vec<ObjectId>,
    /// How many guests were gone, and how many sessions of others were dead, by the rows.
    found: usize,
    /// Whether there are further pages, or this one was not worked off.
    more: bool,
    /// Why somebody could not be removed, though the database answers.
    failure: Option<Error>,
}

impl Engine {
    /// Removes the guests who are gone now, rather than in a few seconds. `guests.cleanup` does not
    /// count: somebody asks for it.
    ///
    /// # Errors
    /// Fails when the database does not answer, when there is somebody whose rows cannot be read (the
    /// others have gone then; whoever did not go is tried again with every later sweep), and when
    /// another server has been sweeping for half a minute.
    pub async fn sweep_guests(&self) -> Result<Swept> {
        self.sweep(Scope::All).await
    }

    /// Removes the guests who are gone now and were made before a moment; never anybody by age alone.
    /// Handlers may keep some.
    ///
    /// # Errors
    /// As [`Engine::sweep_guests`].
    pub async fn purge_guests_made_before(&self, moment: Timestamp) -> Result<Swept> {
        self.sweep(Scope::MadeBefore(moment)).await
    }

    async fn sweep(&self, scope: Scope) -> Result<Swept> {
        let inner = &self.inner;
        let mut swept = Swept::default();
        let mut place = None;
        let mut failure = None;
        let mut waiting_since = None;
        loop {
            let one_page_at_a_time = inner.turn().await?;
            if !inner.may_sweep(For::Operator).await? {
                drop(one_page_at_a_time);
                wait_for_others(&*inner.clock, &mut waiting_since).await?;
                continue;
            }
            waiting_since = None;
            let page = inner.sweep_page(&mut place, scope);
            let page = inner.while_sweeping(page).await;
            if page.as_ref().is_ok_and(|page| page.more) {
                tokio::task::yield_now().await;
            } else {
                // What cannot be given up runs out by itself.
                let _ = inner.end_sweeping(None).await;
            }
            let page = page?;
            swept.purged.extend(page.purged);
            failure = failure.or(page.failure);
            if !page.more {
                return failure.map_or(Ok(swept), Err);
            }
        }
    }
}

/// Waits a moment for another server, but not for ever.
async fn wait_for_others(clock: &dyn Clock, since: &mut Option<Monotonic>) -> Result<()> {
    let now = clock.monotonic();
    if now.since(*since.get_or_insert(now)) >= WAIT_FOR_OTHERS {
        return Err(Error::unavailable(
            "another server is removing the guests who are gone; ask again in a while",
        ));
    }
    clock.sleep_until(now.plus(LOOK_AT_OTHERS)).await;
    Ok(())
}

impl EngineInner {
    /// The right to work off a page; it is refused when the engine is closing.
    async fn turn(&self) -> Result<MutexGuard<'_, Option<GonePlace>>> {
        let place = self.guests.place.lock().await;
        if self.calls.is_closed() {
            return Err(Error::unavailable("the server is going down"));
        }
        Ok(place)
    }

    /// Ends when no page is being worked off. After the engine was closed, none will be.
    pub(crate) async fn swept(&self) {
        self.guests.bell.notify_one();
        let _no_page = self.guests.place.lock().await;
        self.leave_sweeping_to_others().await;
    }

    /// Removes those who are gone of one page of candidates. The place moves on if the database
    /// answered, and this server had the right to sweep to the end.
    async fn sweep_page(
        self: &Arc<Self>,
        place: &mut Option<GonePlace>,
        scope: Scope,
    ) -> Result<Page> {
        let query = GoneQuery {
            expiry: self.sessions.expiry(&self.settings.current().sessions),
            now: self.clock.now(),
            after: match scope {
                Scope::All | Scope::MadeBefore(_) => place.clone(),
                // Behind the guests who have none.
                Scope::Sessions => place.clone().or(Some(GonePlace::Unused(None))),
            },
            limit: PAGE,
        };
        let mut found = self.storage.gone_guests(&query).await?;
        if scope == Scope::Sessions {
            found.guests.clear();
        }
        let made_before = match scope {
            Scope::MadeBefore(moment) => Some(moment),
            Scope::All | Scope::Sessions => None,
        };
        let mut purged = Vec::new();
        let mut failure = None;
        for ids in found.guests.chunks(AT_ONCE) {
            if self.calls.is_closed() {
                return Err(Error::unavailable("the server is going down"));
            }
            if !self.still_sweeps() {
                return Ok(Page {
                    found: purged.len(),
                    purged,
                    more: true,
                    failure,
                });
            }
            match purge(self, ids, made_before).await {
                Ok(gone) => purged.extend(gone),
                Err(error) if is_down(&error) => return Err(error),
                // One of them whose rows cannot be read must not keep all the others here for good.
                Err(_) => {
                    for id in ids {
                        match purge(self, slice::from_ref(id), made_before).await {
                            Ok(gone) => purged.extend(gone),
                            Err(error) if is_down(&error) => return Err(error),
                            Err(error) => failure = Some(error),
                        }
                    }
                }
            }
        }
        if made_before.is_none() {
            let dead = &found.dead_sessions_of_others;
            self.end_dead_sessions(dead, query.expiry).await?;
        }
        let more = found.next.is_some();
        *place = found.next;
        let found = found.guests.len() + found.dead_sessions_of_others.len();
        Ok(Page {
            purged,
            found,
            more,
            failure,
        })
    }

    /// Ends sessions of registered users that died by themselves, or every sweep would walk over them
    /// anew. Memory is asked first: it knows of uses that are not written down yet. Whoever was used on
    /// another server since the rows were read stays by the step itself.
    async fn end_dead_sessions(&self, by_rows: &[Selector], expiry: Expiry) -> Result<()> {
        let settings = &self.settings.current().sessions;
        let is_dead = |selector: &&Selector| !self.sessions.is_alive_in_memory(selector, settings);
        let selectors: Vec<Selector> = by_rows.iter().filter(is_dead).copied().collect();
        if !selectors.is_empty() {
            let end = Change::EndDeadSessions { selectors, expiry };
            self.apply(vec![end]).await?;
        }
        Ok(())
    }
}

/// Whether the database or this server does not answer, which says nothing about a guest.
fn is_down(error: &Error) -> bool {
    error.chosen_status() == Some(503)
}

/// Who swept when a sweep was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sweeper {
    This,
    /// Another server sweeps, or has just swept.
    Another,
}

/// The task that sweeps, until the engine is gone or closed.
pub(crate) async fn sweep_until_closed(engine: Weak<EngineInner>) {
    let Some(mut last) = engine.upgrade().map(|engine| engine.clock.monotonic()) else {
        return;
    };
    let mut sweeper = Sweeper::This;
    let mut is_failing = false;
    while wait_until_due(&engine, last, sweeper).await {
        last = match engine.upgrade() {
            Some(engine) => engine.clock.monotonic(),
            None => return,
        };
        match sweep(&engine).await {
            Ok(by) => (sweeper, is_failing) = (by, false),
            Err(_)
                if engine
                    .upgrade()
                    .is_none_or(|engine| engine.calls.is_closed()) =>
            {
                return;
            }
            Err(error) => {
                if !is_failing {
                    tracing::warn!(
                        error = error.log(),
                        "guests who are gone could not be removed; trying again with every sweep"
                    );
                }
                is_failing = true;
            }
        }
    }
}

/// Whether the settings want a cleanup.
fn is_on(guests: &GuestSettings) -> bool {
    guests.cleanup && guests.sweep_seconds > 0
}

/// How long after the beginning of one sweep the next one begins.
fn interval(guests: &GuestSettings) -> Duration {
    if is_on(guests) {
        Duration::from_secs(guests.sweep_seconds.into())
    } else {
        SESSIONS_EVERY
    }
}

/// Waits for the next sweep. `false`: there will be none, since the engine is gone or closed.
async fn wait_until_due(engine: &Weak<EngineInner>, last: Monotonic, sweeper: Sweeper) -> bool {
    loop {
        let Some(inner) = engine.upgrade().filter(|inner| !inner.calls.is_closed()) else {
            return false;
        };
        let now = inner.clock.monotonic();
        let interval = interval(&inner.settings.current().guests);
        let due = last.plus(match sweeper {
            Sweeper::This => interval,
            Sweeper::Another => interval.min(LOOK_AGAIN),
        });
        if due <= now {
            return true;
        }
        let sleep = inner.clock.sleep_until(due.min(now.plus(LOOK_AGAIN)));
        let bell = Arc::clone(&inner.guests.bell);
        drop(inner);
        tokio::select! {
            () = sleep => {}
            () = bell.notified() => {}
        }
    }
}

/// One sweep: goes on where the last one was broken off, then from the beginning, until nobody is
/// left who is gone. It rests for as long as it works, so that it never has more than half of what
/// the server can do.
async fn sweep(engine: &Weak<EngineInner>) -> Result<Sweeper> {
    let mut purged = 0_usize;
    let mut failure = None;
    let mut whole = false;
    let mut pages = 0;
    loop {
        let Some(inner) = engine.upgrade() else {
            return Ok(Sweeper::This);
        };
        let began = inner.clock.monotonic();
        let page = {
            let mut place = inner.turn().await?;
            if !inner.may_sweep(For::Cleanup).await? {
                // Whoever sweeps begins at the beginning, and counts.
                *place = None;
                inner.guests.numbers.forget_count(began);
                return Ok(Sweeper::Another);
            }
            whole |= place.is_none();
            let scope = if is_on(&inner.settings.current().guests) {
                Scope::All
            } else {
                Scope::Sessions
            };
            let page = inner.sweep_page(&mut place, scope);
            let page = inner.while_sweeping(page).await?;
            if !page.more && whole {
                let rest = interval(&inner.settings.current().guests);
                inner.end_sweeping(Some(rest)).await?;
            }
            page
        };
        purged += page.purged.len();
        failure = failure.or(page.failure);
        if page.more {
            let now = inner.clock.monotonic();
            let rest = inner.clock.sleep_until(now.plus(now.since(began)));
            drop(inner);
            pages += 1;
            if page.found > 0 || pages > PAGES_WITHOUT_REST {
                rest.await;
            }
            // A clock that stands still lets nobody rest; others have their turn all the same.
            tokio::task::yield_now().await;
        } else if whole {
            if is_on(&inner.settings.current().guests) {
                inner.count_guests_now_and_then().await?;
            }
            if purged > 0 {
                tracing::info!(guests = purged, "guests who were gone have been removed");
            }
            return failure.map_or(Ok(Sweeper::This), Err);
        }
    }
}
