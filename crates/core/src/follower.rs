//! How memory follows what changes: this server's own changes before it answers, those of other servers
//! as soon as it hears of them, and all the same when it does not.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};
use vestibule_storage::{News, Storage};

use crate::engine::EngineInner;

/// How often a server looks whether it still hears of the others; while it does not, what it keeps in
/// memory is read again as often. A storage notices a silence within a second, so nothing gets older than
/// two.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What an engine that has neighbours needs to follow them.
pub(crate) struct Follower {
    /// Rung when something is to be read again.
    bell: Arc<Notify>,
    /// Ends the tasks that follow; so does the end of the engine.
    is_over: CancellationToken,
    _ends_with_the_engine: DropGuard,
}

impl Default for Follower {
    fn default() -> Self {
        let is_over = CancellationToken::new();
        Self {
            bell: Arc::default(),
            _ends_with_the_engine: is_over.clone().drop_guard(),
            is_over,
        }
    }
}

impl EngineInner {
    /// Lets memory forget what is out of date, and notes what is to be
    /// [read again](Self::read_again); says whether anything is.
    pub(crate) fn follow(&self, news: &News) -> bool {
        if news.has_new_role || news.missed {
            self.sessions.expect_roles();
        }
        if news.missed {
            self.sessions.forget_all();
            self.doubt();
            return true;
        }
        self.sessions.forget(&news.sessions);
        self.sessions.forget_users(&news.users);
        for role in &news.dropped_roles {
            self.sessions.forget_role(role);
        }
        let permissions = self.permissions.are_outdated_by(news);
        let noted = [
            (news.settings, self.settings.outdated()),
            (permissions, self.permissions.outdated()),
            (news.app, &self.app.outdated),
            (news.handlers, &self.handler_settings.outdated),
        ];
        let noted = noted.into_iter().filter(|(is_outdated, _)| *is_outdated);
        noted.map(|(_, outdated)| outdated.note()).count() > 0
    }

    /// Reads what is kept in memory again, as far as it may be out of date.
    pub(crate) async fn read_again(&self) {
        let storage = &*self.storage;
        // All at once, so that none waits for another that cannot be read.
        tokio::join!(
            self.read_settings_again(),
            self.permissions.read_again(storage),
            self.app.read_again(storage),
            self.read_handler_settings_again(),
        );
    }

    /// Notes that everything is to be read again.
    fn doubt(&self) {
        self.settings.outdated().note();
        self.permissions.outdated().note();
        self.app.outdated.note();
        self.handler_settings.outdated.note();
    }

    async fn read_settings_again(&self) {
        if self.settings.read_again(&*self.storage).await {
            self.guests.bell.notify_one();
            self.outbox.warn_if_off(&self.settings.current());
        }
    }
}

/// Begins to follow the other servers, if there may be any.
pub(crate) fn follow_others(engine: &Arc<EngineInner>) {
    if !engine.storage.has_neighbours() {
        return;
    }
    let is_over = engine.follower.is_over.clone();
    let storage = Arc::clone(&engine.storage);
    tokio::spawn(hear(Arc::downgrade(engine), storage, is_over.clone()));
    tokio::spawn(keep_up(Arc::downgrade(engine), is_over));
}

/// Follows the news, until the storage is closed or the engine is gone. It never waits for the database:
/// sessions that ended must not have to wait behind anything.
async fn hear(engine: Weak<EngineInner>, storage: Arc<dyn Storage>, is_over: CancellationToken) {
    loop {
        let news = tokio::select! {
            news = storage.news() => news,
            () = is_over.cancelled() => None,
        };
        let (Some(news), Some(engine)) = (news, engine.upgrade()) else {
            is_over.cancel();
            return;
        };
        if engine.follow(&news) {
            engine.follower.bell.notify_one();
        }
    }
}

/// Reads again what is out of date: when the bell rings, again where that failed, and all the time while
/// the others are not heard.
async fn keep_up(engine: Weak<EngineInner>, is_over: CancellationToken) {
    while let Some(inner) = engine.upgrade() {
        if !inner.storage.hears() {
            inner.doubt();
        }
        inner.read_again().await;
        let look = inner.clock.monotonic().plus(LOOK_EVERY);
        let (sleep, bell) = (
            inner.clock.sleep_until(look),
            Arc::clone(&inner.follower.bell),
        );
        drop(inner);
        tokio::select! {
            () = sleep => {}
            () = bell.notified() => {}
            () = is_over.cancelled() => return,
        }
    }
}
