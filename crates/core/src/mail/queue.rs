use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;
use vestibule_model::Clock;

use super::MailError;

/// Mails that are handed on at once.
const AT_ONCE: usize = 4;

/// Mails that may wait for their turn; with more, new ones are not sent.
const WAITING_AT_MOST: usize = 1_000;

/// How long a mail may take: less than a request over HTTP may, so that whoever asked for it, and waits
/// for its turn too, hears that it failed.
const LIMIT: Duration = Duration::from_secs(20);

/// Mails that wait for one another, each a task of its own: a mailer that panics takes no call with it.
pub(super) struct Queue {
    clock: Arc<dyn Clock>,
    turns: Semaphore,
    /// Closed from the beginning: that only means that one can wait for its tasks.
    tasks: TaskTracker,
    given_up: CancellationToken,
}

impl Queue {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let tasks = TaskTracker::new();
        tasks.close();
        Self {
            clock,
            turns: Semaphore::new(AT_ONCE),
            tasks,
            given_up: CancellationToken::new(),
        }
    }

    /// How many mails wait or are on their way.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= WAITING_AT_MOST
    }

    /// Sends a mail that somebody waits for: the wait for its turn is part of the time it may take.
    pub(super) fn send_in_time(
        self: &Arc<Self>,
        work: impl Future<Output = Result<(), MailError>> + Send + 'static,
    ) -> JoinHandle<Result<(), MailError>> {
        let queue = Arc::clone(self);
        self.spawn(async move {
            let in_turn = async {
                let _turn = queue.turns.acquire().await;
                work.await
            };
            queue.in_time(in_turn).await
        })
    }

    /// Sends a mail that nobody waits for: what counts is how long it takes once it has its turn.
    pub(super) fn send_in_turn(
        self: &Arc<Self>,
        work: impl Future<Output = Result<(), MailError>> + Send + 'static,
        on_failure: impl FnOnce(MailError) + Send + 'static,
    ) {
        let queue = Arc::clone(self);
        self.spawn(async move {
            let _turn = queue.turns.acquire().await;
            if let Err(error) = queue.in_time(work).await {
                on_failure(error);
            }
        });
    }

    fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.tasks.spawn(work.instrument(tracing::Span::current()))
    }

    /// Does the work, until it has taken too long or the server is about to end.
    async fn in_time(
        &self,
        work: impl Future<Output = Result<(), MailError>>,
    ) -> Result<(), MailError> {
        let clock = &self.clock;
        let late = clock.sleep_until(clock.monotonic().plus(LIMIT));
        tokio::select! {
            biased;
            sent = work => sent,
            () = late => Err(MailError::new(format!(
                "the mail server did not take it within {} seconds",
                LIMIT.as_secs()
            ))),
            () = self.given_up.cancelled() => Err(MailError::new("the server is going down")),
        }
    }

    /// Lets go of all mails that are still there.
    pub(super) fn give_up(&self) {
        self.given_up.cancel();
    }

    /// Ends when no mail is on its way.
    pub(super) async fn idle(&self) {
        self.tasks.wait().await;
    }
}
