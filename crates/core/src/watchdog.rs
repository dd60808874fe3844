use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use vestibule_model::Clock;

/// How often the watchdog looks, in real time.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Seconds in one poll after which a handler counts as blocking its thread. A poll ought to take
/// microseconds; the clock is read in whole seconds, so the shortest block reported is just over 1.
const BLOCKED_AFTER: u64 = 2;

/// Threads that can be watched at once; tokio has one worker per core.
const SLOTS: usize = 256;

/// The bits of a slot that hold seconds: enough for a hundred years.
const SECONDS: u64 = u32::MAX as u64;

static NEXT_THREAD: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// A small number for this thread. Not a handler's state, so it may be static.
    static THREAD: usize = NEXT_THREAD.fetch_add(1, Ordering::Relaxed);
}

/// Names handlers that block their thread. It cannot stop them: nothing can.
///
/// Each thread that polls a handler writes one word into a slot of its own, so that watching costs
/// two plain stores; a thread of the watchdog's own reads the slots.
pub(crate) struct Watchdog {
    inner: Arc<Inner>,
}

struct Inner {
    /// 0 while the thread polls no handler; otherwise the handler's number plus 1, and below it, in
    /// 32 bits, the second in which the poll began.
    slots: Vec<AtomicU64>,
    /// The handlers by their number.
    paths: Vec<&'static str>,
    /// The clock in whole seconds, so that a poll does not have to read it.
    second: AtomicU64,
    reported: AtomicU64,
}

impl Watchdog {
    /// Starts watching the handlers with these paths. The thread ends when the watchdog is dropped.
    pub(crate) fn start(clock: Arc<dyn Clock>, paths: Vec<&'static str>) -> std::io::Result<Self> {
        let inner = Arc::new(Inner {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            paths,
            second: AtomicU64::new(clock.monotonic().elapsed().as_secs()),
            reported: AtomicU64::new(0),
        });
        let watched = Arc::downgrade(&inner);
        thread::Builder::new()
            .name("vestibule-watchdog".to_owned())
            .spawn(move || watch(&watched, &*clock))?;
        Ok(Self { inner })
    }

    /// Notes that this thread polls the handler of this number, until the guard is dropped.
    pub(crate) fn enter(&self, number: u32) -> impl Drop + '_ {
        let slot = &self.inner.slots[THREAD.with(|thread| *thread) % SLOTS];
        let second = self.inner.second.load(Ordering::Relaxed) & SECONDS;
        slot.store((u64::from(number) + 1) << 32 | second, Ordering::Release);
        Leave { slot }
    }

    /// How many blocked threads were reported so far.
    pub(crate) fn reported(&self) -> u64 {
        self.inner.reported.load(Ordering::Relaxed)
    }
}

struct Leave<'a> {
    slot: &'a AtomicU64,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.slot.store(0, Ordering::Release);
    }
}

fn watch(inner: &Weak<Inner>, clock: &dyn Clock) {
    let mut told = vec![0; SLOTS];
    // Real time: a clock that stands still must not keep the watchdog from looking at it.
    while let Some(inner) = inner.upgrade() {
        let now = clock.monotonic().elapsed().as_secs();
        inner.second.store(now, Ordering::Relaxed);
        for (slot, told) in inner.slots.iter().zip(&mut told) {
            let polled = slot.load(Ordering::Acquire);
            let blocked =
                polled > 0 && (now & SECONDS).saturating_sub(polled & SECONDS) >= BLOCKED_AFTER;
            if blocked && *told != polled {
                let path = usize::try_from((polled >> 32) - 1)
                    .ok()
                    .and_then(|number| inner.paths.get(number));
                tracing::error!(
                    handler.name = path.copied().unwrap_or_default(),
                    "a handler blocks its thread and cannot be stopped; \
                     it must await instead, or move the work to `tokio::task::spawn_blocking`"
                );
                inner.reported.fetch_add(1, Ordering::Relaxed);
                *told = polled;
            }
        }
        drop(inner);
        thread::park_timeout(LOOK_EVERY);
    }
}
