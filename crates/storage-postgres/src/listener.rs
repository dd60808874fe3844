//! One connection that hears: what other servers changed, and the own heartbeat.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{Stream, StreamExt, stream};
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Notification, types::ToSql};
use vestibule_model::{Clock, Monotonic};
use vestibule_storage::News;

use crate::{
    advice::told,
    catalogue::SharedCatalogue,
    clock::Offset,
    connect::Way,
    news::{self, CHANNEL},
    pool::Pool,
    waits,
};

/// How often the own heartbeat is sent.
const BEAT: Duration = Duration::from_millis(250);

/// How old the last heartbeat that was heard may be. Everything that was sent before it has been heard
/// as well, since notifications come in the order of their commits.
const FRESH: Duration = Duration::from_secs(1);

/// How long an attempt to connect may wait after so many that failed.
const PAUSE: Duration = Duration::from_millis(50);

/// Longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// News that wait to be followed, at most; if there are more, everything may have changed.
const NEWS_AT_MOST: usize = 4_096;

/// What was heard, and since when nothing was.
pub(crate) struct Listener {
    heard: Arc<Heard>,
    server: String,
    task: tokio::task::JoinHandle<()>,
}

struct Heard {
    clock: Arc<dyn Clock>,
    offset: Offset,
    inbox: Mutex<Inbox>,
    /// Until when everything counts as heard, in milliseconds of the clock. Read in every call, and so
    /// without a lock; written with the inbox locked.
    hears_until: AtomicU64,
    arrived: Notify,
    closed: AtomicBool,
}

#[derive(Default)]
struct Inbox {
    news: VecDeque<News>,
    /// When the last heartbeat that was heard had been sent; none since the connection was lost.
    beat: Option<Monotonic>,
    missed: Missed,
}

/// Whether something may have been missed that nobody has been told of, or has followed, yet.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Missed {
    No,
    /// Whoever asks for news is to be told. So it is at the start: others may change what this server
    /// reads before it hears.
    #[default]
    Untold,
    /// Told, and not followed before the next news are asked for.
    Told,
}

impl Listener {
    /// Begins to listen, and goes on whatever becomes of the connection.
    pub(crate) fn start(
        way: Way,
        server: String,
        clock: Arc<dyn Clock>,
        catalogue: SharedCatalogue,
        pool: Pool,
    ) -> Self {
        let heard = Arc::new(Heard {
            clock,
            offset: Offset::default(),
            inbox: Mutex::default(),
            hears_until: AtomicU64::new(0),
            arrived: Notify::new(),
            closed: AtomicBool::new(false),
        });
        let listening = listen(way, server.clone(), Arc::clone(&heard), catalogue, pool);
        Self {
            heard,
            server,
            task: tokio::spawn(listening),
        }
    }

    /// What this server calls itself.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn offset(&self) -> Offset {
        self.heard.offset.clone()
    }

    /// Whether everything has been heard, and what was missed is followed.
    pub(crate) fn hears(&self) -> bool {
        let now = self.heard.clock.monotonic().elapsed();
        now < Duration::from_millis(self.heard.hears_until.load(Ordering::Acquire))
    }

    /// The next news.
    pub(crate) async fn next(&self) -> Option<News> {
        loop {
            let arrived = self.heard.arrived.notified();
            if self.heard.closed.load(Ordering::Acquire) {
                return None;
            }
            if let Some(news) = self.heard.take() {
                return Some(news);
            }
            arrived.await;
        }
    }

    pub(crate) fn close(&self) {
        self.heard.closed.store(true, Ordering::Release);
        self.task.abort();
        self.heard.arrived.notify_waiters();
        self.heard.arrived.notify_one();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.close();
    }
}

impl Heard {
    fn inbox(&self) -> std::sync::MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<News> {
        let mut inbox = self.inbox();
        if inbox.missed == Missed::Told {
            // Whoever was told has come back.
            inbox.missed = Missed::No;
            self.note(&inbox);
        }
        // Told only once there is a connection that hears: what is read then is not missed again.
        if inbox.missed == Missed::Untold && inbox.beat.is_some() {
            inbox.missed = Missed::Told;
            inbox.news.clear();
            return Some(News::missed());
        }
        inbox.news.pop_front()
    }

    fn put(&self, news: News) {
        let mut inbox = self.inbox();
        if inbox.missed == Missed::Untold {
            return;
        }
        if inbox.news.len() >= NEWS_AT_MOST || news.missed {
            inbox.news.clear();
            inbox.missed = Missed::Untold;
            self.note(&inbox);
        } else {
            inbox.news.push_back(news);
        }
        drop(inbox);
        self.arrived.notify_one();
    }

    /// Whether a heartbeat was heard on this connection before.
    fn has_beaten(&self) -> bool {
        self.inbox().beat.is_some()
    }

    fn beats(&self, sent: Monotonic) {
        let mut inbox = self.inbox();
        inbox.beat = Some(sent);
        self.note(&inbox);
        drop(inbox);
        self.arrived.notify_one();
    }

    fn lost(&self) {
        let mut inbox = self.inbox();
        inbox.beat = None;
        inbox.missed = Missed::Untold;
        self.note(&inbox);
    }

    fn note(&self, inbox: &Inbox) {
        let until = match (inbox.missed, inbox.beat) {
            (Missed::No, Some(beat)) => beat.plus(FRESH).elapsed().as_millis(),
            _ => 0,
        };
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        self.hears_until.store(until, Ordering::Release);
    }
}

/// Listens until it is stopped.
async fn listen(
    way: Way,
    server: String,
    heard: Arc<Heard>,
    catalogue: SharedCatalogue,
    pool: Pool,
) {
    let mut failures = 0_u32;
    loop {
        let ended = listen_once(&way, &server, &heard, &catalogue, &pool).await;
        // Whatever ended a connection that was heard on, there is one to be had.
        failures = if heard.has_beaten() {
            0
        } else {
            failures.saturating_add(1)
        };
        match ended {
            Ok(()) => {
                tracing::warn!(
                    failures,
                    "news of other servers are not heard, the database says nothing; connecting again"
                );
            }
            Err(error) => {
                let error = told(&error);
                tracing::warn!(
                    error,
                    failures,
                    "news of other servers are not heard; connecting again"
                );
            }
        }
        heard.lost();
        let most = PAUSE
            .saturating_mul(2_u32.saturating_pow(failures.min(8)))
            .min(LONGEST_PAUSE);
        waits::pause(most).await;
    }
}

/// Listens for as long as the connection lasts and is heard on.
async fn listen_once(
    way: &Way,
    server: &str,
    heard: &Heard,
    catalogue: &SharedCatalogue,
    pool: &Pool,
) -> Result<(), tokio_postgres::Error> {
    let mut config = way.config.clone();
    config.application_name("vestibule-listener");
    let late = heard.clock.monotonic().plus(CONNECT);
    let (client, mut connection) = tokio::select! {
        connected = config.connect(way.tls.clone()) => connected?,
        () = heard.clock.sleep_until(late) => return Ok(()),
    };
    let messages = stream::poll_fn(move |context| connection.poll_message(context));
    let mut messages = std::pin::pin!(messages.fuse());
    let own = format!("{CHANNEL}_{server}");
    let began = format!(
        "SET synchronous_commit = off; SET statement_timeout = 5000; LISTEN {CHANNEL}; LISTEN \"{own}\""
    );
    let mut beats = std::pin::pin!(beat(&client, &began, &own, heard));
    loop {
        tokio::select! {
            message = next_notification(&mut messages) => match message {
                Some(Ok(notification)) => {
                    take(&notification, server, &own, heard, catalogue, pool).await;
                }
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
            ended = &mut beats => return ended,
        }
    }
}

/// The next notification; everything else that a connection says is for others.
async fn next_notification(
    messages: &mut (impl Stream<Item = Result<AsyncMessage, tokio_postgres::Error>> + Unpin),
) -> Option<Result<Notification, tokio_postgres::Error>> {
    loop {
        match messages.next().await? {
            Ok(AsyncMessage::Notification(notification)) => return Some(Ok(notification)),
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Sends the heartbeat again and again; ends when it is not answered.
async fn beat(
    client: &Client,
    began: &str,
    own: &str,
    heard: &Heard,
) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(began).await?;
    let send = "SELECT pg_notify($1::text, $2::text), \
                (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let send = client.prepare(send).await?;
    loop {
        let sent = heard.clock.monotonic();
        let before = heard.clock.now();
        let text = sent.elapsed().as_millis().to_string();
        let parameters: [&(dyn ToSql + Sync); 2] = [&own, &text];
        let late = heard.clock.sleep_until(sent.plus(FRESH * 2));
        let answered = tokio::select! {
            answered = client.query_one(&send, &parameters) => answered?,
            // A connection that says nothing for so long is as good as lost.
            () = late => return Ok(()),
        };
        let there: i64 = answered.try_get(1)?;
        heard.offset.measured(before, there, heard.clock.now());
        heard.clock.sleep_until(sent.plus(BEAT)).await;
    }
}

async fn take(
    notification: &Notification,
    server: &str,
    own: &str,
    heard: &Heard,
    catalogue: &SharedCatalogue,
    pool: &Pool,
) {
    if notification.channel() == own {
        if !heard.has_beaten() && !reload(catalogue, pool).await {
            return;
        }
        let sent = notification.payload().parse().unwrap_or_default();
        heard.beats(Monotonic::from_start(Duration::from_millis(sent)));
        return;
    }
    let Some(mut news) = news::heard(notification.payload(), server) else {
        return;
    };
    // The first permission on a record of a table makes a table for them.
    let is_known = |table: &String| {
        let known = catalogue.current();
        known
            .table(table)
            .is_some_and(|table| table.record_permissions)
    };
    if news.schema || news.missed || !news.record_permissions.iter().all(is_known) {
        news.missed |= !reload(catalogue, pool).await;
    }
    heard.put(news);
}

/// Reads the tables again; whether that worked.
async fn reload(catalogue: &SharedCatalogue, pool: &Pool) -> bool {
    match catalogue.reload(pool, &catalogue.current()).await {
        Ok(_) => true,
        // Whoever compiles for the former ones finds out, and reads them again.
        Err(error) => {
            tracing::warn!(%error, "the tables may have changed and cannot be read");
            false
        }
    }
}
