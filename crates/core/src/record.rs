use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::task::TaskTracker;
use vestibule_model::Monotonic;

use crate::{
    Error,
    call::Call,
    engine::EngineInner,
    event::{Event, Outcome, describe_error},
    handler::{Observer, ObserverOfAll},
    handler_stats::FailureKind,
    json_text::JsonText,
    observer::{Ending, Seen, SeenAny, Witness},
    registry::{Entry, Running, entries},
    run_handler::run_handler,
};

/// Calls whose observers may run at once; when all are taken, calls wait before they are answered.
const AT_ONCE: u32 = 256;

/// Runs observers beside the calls that they observe, a bounded number at once.
pub(crate) struct ObserverPool {
    slots: Arc<Semaphore>,
    tasks: TaskTracker,
    waits: AtomicU64,
}

impl Default for ObserverPool {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_ONCE as usize)),
            tasks: TaskTracker::new(),
            waits: AtomicU64::new(0),
        }
    }
}

impl ObserverPool {
    /// How often a call had to wait for observers before it was answered.
    pub(crate) fn waits(&self) -> u64 {
        self.waits.load(Ordering::Relaxed)
    }

    /// Ends when no observer runs.
    pub(crate) async fn idle(&self) {
        // Whoever holds all slots knows that nobody else holds one.
        drop(self.slots.acquire_many(AT_ONCE).await);
    }

    /// Ends when every observer has ended, those included that still wait for a slot.
    pub(crate) async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Some(slot);
        }
        self.waits.fetch_add(1, Ordering::Relaxed);
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }
}

/// The memory of one call: whatever happens to the call, it is counted and its observers are told.
pub(crate) struct Record<E: Event> {
    engine: Arc<EngineInner>,
    /// What observers will want to know, if there are any.
    observed: Option<Box<Observed<E>>>,
    ended: bool,
}

struct Observed<E: Event> {
    call: Arc<Call>,
    began: Monotonic,
    event: E,
    observers: Observers<E>,
}

/// Those that were to be told when the call began.
struct Observers<E: Event> {
    of_event: Option<Running<dyn Observer<E>>>,
    of_all: Running<dyn ObserverOfAll>,
}

impl<E: Event> Observers<E> {
    fn any(&self, event: &E) -> bool {
        !self.of_all.is_empty() || self.of_event(event).next().is_some()
    }

    fn of_event(&self, event: &E) -> impl Iterator<Item = &Entry<dyn Observer<E>>> {
        let running = entries(self.of_event.as_ref()).iter();
        running.filter(|entry| entry.is_for(event))
    }
}

impl<E: Event> Record<E> {
    pub(crate) fn begin(engine: &Arc<EngineInner>, call: &Arc<Call>, event: &E) -> Self {
        let registry = &engine.registry;
        let observers = Observers {
            of_event: registry.chain().map(|chain| chain.observers.running()),
            of_all: registry.observers_of_all().running(),
        };
        let observed = observers.any(event).then(|| {
            Box::new(Observed {
                call: Arc::clone(call),
                began: engine.clock.monotonic(),
                event: event.clone(),
                observers,
            })
        });
        Self {
            engine: Arc::clone(engine),
            observed,
            ended: false,
        }
    }

    /// Tells no observers: the call is only tried.
    pub(crate) fn unobserved(&mut self) {
        self.observed = None;
    }

    /// Tells the observers. Returns when they run, not when they are done.
    pub(crate) async fn end(mut self, event: &E, outcome: &Outcome<E>, ending: Ending) {
        self.ended = true;
        self.engine.call_stats.count(E::NAME, ending);
        if outcome.is_ok() && ending == Ending::Performed {
            self.engine.guests.numbers.note_performed::<E>();
        }
        let Some(observed) = self.observed.take().map(|observed| *observed) else {
            return;
        };
        let engine = Arc::clone(&self.engine);
        let duration = engine.clock.monotonic().since(observed.began);
        let sight = observed.sight(event, outcome, ending, duration);
        let slot = engine.observers.slot().await;
        let observe = observe(Arc::clone(&engine), observed.observers, sight, slot);
        engine.observers.tasks.spawn(in_a_box(observe));
    }
}

/// The call was dropped or panicked before it could say how it ended.
impl<E: Event> Drop for Record<E> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let ending = if thread::panicking() {
            Ending::Panicked { handler: None }
        } else {
            Ending::Abandoned
        };
        self.engine.call_stats.count(E::NAME, ending);
        let Some(observed) = self.observed.take().map(|observed| *observed) else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let engine = Arc::clone(&self.engine);
        let duration = engine.clock.monotonic().since(observed.began);
        let outcome = Err(Error::internal(format!("the call was {}", ending.as_str())));
        let tasks = engine.observers.tasks.clone();
        // Described there and not here, lest two panics meet.
        let observe = async move {
            let slot = engine.observers.slot().await;
            let sight = observed.sight(&observed.event, &outcome, ending, duration);
            observe(Arc::clone(&engine), observed.observers, sight, slot).await;
        };
        tasks.spawn_on(in_a_box(observe), &runtime);
    }
}

/// What observers get to see of a call: a copy of it only if somebody asks for this event.
struct Sight<E: Event> {
    call: Arc<Call>,
    of_event: Option<Seen<E>>,
    of_all: Option<SeenAny>,
}

impl<E: Event> Observed<E> {
    fn sight(
        &self,
        event: &E,
        outcome: &Outcome<E>,
        ending: Ending,
        duration: Duration,
    ) -> Sight<E> {
        let any_of_event = self.observers.of_event(event).next().is_some();
        let of_event = any_of_event.then(|| Seen {
            event: event.clone(),
            outcome: outcome.clone(),
            ending,
            duration,
            call: Arc::clone(&self.call),
        });
        let of_all = (!self.observers.of_all.is_empty()).then(|| {
            let (output, error_code) = match outcome {
                Ok(output) => (JsonText::of(E::describe_output(output)), None),
                Err(error) => (JsonText::of(describe_error(error)), Some(error.code())),
            };
            SeenAny {
                event: E::NAME,
                input: JsonText::of(event.describe()),
                output,
                error_code,
                ending,
                duration,
                call: Arc::clone(&self.call),
            }
        });
        Sight {
            call: Arc::clone(&self.call),
            of_event,
            of_all,
        }
    }
}

async fn observe<E: Event>(
    engine: Arc<EngineInner>,
    observers: Observers<E>,
    sight: Sight<E>,
    slot: Option<OwnedSemaphorePermit>,
) {
    let witness = Witness::new(Arc::clone(&engine), sight.call);
    if let Some(seen) = sight.of_event {
        for entry in observers.of_event(&seen.event) {
            let future = entry.handler.observe(&seen, &witness);
            watch(E::NAME, entry, future, &engine).await;
        }
    }
    if let Some(seen) = sight.of_all {
        for entry in observers.of_all.iter() {
            let future = entry.handler.observe(&seen, &witness);
            watch(E::NAME, entry, future, &engine).await;
        }
    }
    drop(slot);
}

/// The task of it is the same for every event: else a server would have the code of tasks some hundred
/// times over.
fn in_a_box(observe: impl Future<Output = ()> + Send + 'static) -> BoxFuture<'static, ()> {
    Box::pin(observe)
}

/// Runs an observer, and tells the operator if it failed.
async fn watch<H: ?Sized + Send + Sync>(
    event: &'static str,
    entry: &Entry<H>,
    future: BoxFuture<'_, crate::Result<()>>,
    engine: &EngineInner,
) {
    let (kind, why) = match run_handler(event, entry, future, engine).await {
        Ok(Ok(())) => return entry.succeeded(),
        Ok(Err(error)) => (FailureKind::Failed, error.log()),
        Err(failure) => (failure.kind(), failure.log(&entry.meta)),
    };
    entry.failed(kind, &why, engine);
    let path = entry.meta.path;
    tracing::warn!(handler.name = path, error = why, "an observer failed");
}
