//! The cleanup: every few seconds, the guests who are gone go.

use std::{
    slice,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::MutexGuard;
use vestibule_model::{GuestSettings, Monotonic, ObjectId, Selector, Timestamp};
use vestibule_storage::{Change, GonePlace, GoneQuery};

use super::purging::purge;
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

/// How long an engine that does not clean up waits before it looks whether it should. It is told at
/// once when settings change here; this is for whatever else may change them.
const LOOK_AT_SETTINGS: Duration = Duration::from_secs(5);

/// What a sweep came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// The guests who went.
    pub purged: Vec<ObjectId>,
}

/// What became of one page of candidates.
struct Page {
    purged: Vec<ObjectId>,
    /// How many guests were gone, and how many sessions of others were dead, by the rows.
    found: usize,
    /// Whether there are further pages.
    more: bool,
    /// Why somebody could not be removed, though the database answers.
    failure: Option<Error>,
}

impl Engine {
    /// Removes the guests who are gone now, rather than in a few seconds. `guests.cleanup` does not
    /// count: somebody asks for it.
    ///
    /// # Errors
    /// Fails when the database does not answer, and when there is somebody whose rows cannot be read:
    /// the others have gone then. Whoever did not go is tried again with every later sweep.
    pub async fn sweep_guests(&self) -> Result<Swept> {
        self.sweep(None).await
    }

    /// Removes the guests who are gone now and were made before a moment; never anybody by age alone.
    /// Handlers may keep some.
    ///
    /// # Errors
    /// As [`Engine::sweep_guests`].
    pub async fn purge_guests_made_before(&self, moment: Timestamp) -> Result<Swept> {
        self.sweep(Some(moment)).await
    }

    async fn sweep(&self, made_before: Option<Timestamp>) -> Result<Swept> {
        let mut swept = Swept::default();
        let mut place = None;
        let mut failure = None;
        loop {
            let _one_page_at_a_time = self.inner.turn().await?;
            let page = self.inner.sweep_page(&mut place, made_before).await?;
            swept.purged.extend(page.purged);
            failure = failure.or(page.failure);
            if !page.more {
                return failure.map_or(Ok(swept), Err);
            }
        }
    }
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
        drop(self.guests.place.lock().await);
    }

    /// Removes those who are gone of one page of candidates. The place moves on if the database
    /// answered.
    async fn sweep_page(
        self: &Arc<Self>,
        place: &mut Option<GonePlace>,
        made_before: Option<Timestamp>,
    ) -> Result<Page> {
        let query = GoneQuery {
            expiry: self.sessions.expiry(&self.settings.current().sessions),
            now: self.clock.now(),
            after: place.clone(),
            limit: PAGE,
        };
        let found = self.storage.gone_guests(&query).await?;
        let mut purged = Vec::new();
        let mut failure = None;
        for ids in found.guests.chunks(AT_ONCE) {
            if self.calls.is_closed() {
                return Err(Error::unavailable("the server is going down"));
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
            self.end_dead_sessions(&found.dead_sessions_of_others)
                .await?;
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
    /// anew. Memory is asked first: it knows of uses that are not written down yet. Nobody can bring a
    /// session back that both take for dead.
    async fn end_dead_sessions(&self, by_rows: &[Selector]) -> Result<()> {
        let settings = &self.settings.current().sessions;
        let is_dead = |selector: &&Selector| !self.sessions.is_alive_in_memory(selector, settings);
        let dead: Vec<Selector> = by_rows.iter().filter(is_dead).copied().collect();
        if !dead.is_empty() {
            self.apply(vec![Change::EndSessions(dead)]).await?;
        }
        Ok(())
    }
}

/// Whether the database or this server does not answer, which says nothing about a guest.
fn is_down(error: &Error) -> bool {
    error.chosen_status() == Some(503)
}

/// The task that sweeps, until the engine is gone or closed.
pub(crate) async fn sweep_until_closed(engine: Weak<EngineInner>) {
    let Some(mut last) = engine.upgrade().map(|engine| engine.clock.monotonic()) else {
        return;
    };
    let mut is_failing = false;
    while wait_until_due(&engine, last).await {
        last = match engine.upgrade() {
            Some(engine) => engine.clock.monotonic(),
            None => return,
        };
        match sweep(&engine).await {
            Ok(()) => is_failing = false,
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

/// Waits for the next sweep. `false`: there will be none, since the engine is gone or closed.
async fn wait_until_due(engine: &Weak<EngineInner>, last: Monotonic) -> bool {
    loop {
        let Some(inner) = engine.upgrade().filter(|inner| !inner.calls.is_closed()) else {
            return false;
        };
        let now = inner.clock.monotonic();
        let guests = &inner.settings.current().guests;
        let is_on = is_on(guests);
        let due = last.plus(Duration::from_secs(guests.sweep_seconds.into()));
        if is_on && due <= now {
            return true;
        }
        let look_again = now.plus(LOOK_AT_SETTINGS);
        let wake = if is_on {
            due.min(look_again)
        } else {
            look_again
        };
        let sleep = inner.clock.sleep_until(wake);
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
async fn sweep(engine: &Weak<EngineInner>) -> Result<()> {
    let mut purged = 0_usize;
    let mut failure = None;
    let mut whole = false;
    let mut pages = 0;
    loop {
        let Some(inner) = engine.upgrade() else {
            return Ok(());
        };
        let began = inner.clock.monotonic();
        let page = {
            let mut place = inner.turn().await?;
            if !is_on(&inner.settings.current().guests) {
                return Ok(());
            }
            whole |= place.is_none();
            inner.sweep_page(&mut place, None).await?
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
            inner.count_guests_now_and_then().await?;
            if purged > 0 {
                tracing::info!(guests = purged, "guests who were gone have been removed");
            }
            return failure.map_or(Ok(()), Err);
        }
    }
}
