//! What handlers are made of, without the pipeline: ten boxed futures, and layers around each.

use std::{
    hint::black_box,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tracing::Instrument;
use vestibule::prelude::*;
use vestibule_model::{Clock, SystemClock};

/// How many of them a call has.
pub(crate) const FUTURES: u32 = 10;

/// As the engine has it unless a handler asks for another one.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What is around each future; each of the first four has those before it around it, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Boxed,
    Caught,
    Counted,
    InSpan,
    /// Its first poll is pending.
    Late,
    LateWithDeadline,
}

/// What the layers need.
pub(crate) struct Needs {
    clock: Arc<dyn Clock>,
    calls: AtomicU64,
    took: AtomicU64,
}

impl Default for Needs {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::start()),
            calls: AtomicU64::new(0),
            took: AtomicU64::new(0),
        }
    }
}

/// Ten futures, one after the other.
pub(crate) async fn ten(layer: Layer, needs: &Needs) {
    for _ in 0..FUTURES {
        match layer {
            Layer::Boxed => drop(ready().await),
            Layer::Caught => drop(caught().await),
            Layer::Counted => counted(needs).await,
            Layer::InSpan => {
                let span = tracing::debug_span!(
                    target: "vestibule::handler",
                    "handler",
                    handler.name = "bench::bare",
                    handler.phase = "before",
                    event.name = "logout",
                );
                counted(needs).instrument(span).await;
            }
            Layer::Late => drop(late().await),
            Layer::LateWithDeadline => with_deadline(needs).await,
        }
    }
}

type Answer = Result<Flow<Logout>>;

/// What `#[before]` makes of an empty function.
fn ready() -> BoxFuture<'static, Answer> {
    black_box(Box::pin(async { Ok(Flow::Continue) }))
}

fn late() -> BoxFuture<'static, Answer> {
    black_box(Box::pin(async {
        tokio::task::yield_now().await;
        Ok(Flow::Continue)
    }))
}

async fn caught() -> Option<Answer> {
    AssertUnwindSafe(ready()).catch_unwind().await.ok()
}

async fn counted(needs: &Needs) {
    let is_timed = needs
        .calls
        .fetch_add(1, Ordering::Relaxed)
        .is_multiple_of(16);
    let began = is_timed.then(|| needs.clock.monotonic());
    drop(caught().await);
    if let Some(began) = began {
        let took = needs.clock.monotonic().since(began).as_micros();
        let took = u64::try_from(took).unwrap_or(u64::MAX);
        needs.took.fetch_add(took, Ordering::Relaxed);
    }
}

/// Armed by the first poll that is pending, as the pipeline does it.
async fn with_deadline(needs: &Needs) {
    let (mut future, mut deadline) = (late(), None);
    std::future::poll_fn(|cx| {
        if future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let clock = &needs.clock;
        let deadline =
            deadline.get_or_insert_with(|| clock.sleep_until(clock.monotonic().plus(TIMEOUT)));
        deadline.as_mut().poll(cx)
    })
    .await;
}
