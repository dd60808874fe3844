use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::memory::Memory;
use crate::{Error, Result};

/// Calls that may wait for a hash; more are turned away at once, since each waits some 12 ms for
/// every one before it.
const WAITING_AT_MOST: usize = 256;

/// How long a thread keeps its memory without work. Real time: what is held up is a thread.
const IDLE_AT_MOST: Duration = Duration::from_secs(10);

/// Added to the niceness of a hashing thread, which so gets about a tenth of a processor that
/// others want too: a storm of logins is to slow down logins, not session checks.
#[cfg(target_os = "linux")]
const NICER_BY: i32 = 10;

/// Threads of our own that hash passwords, and the queue that they take their work from.
///
/// Those of tokio's `spawn_blocking` come in hundreds, each with memory that the allocator keeps
/// for it. These are `at_once` at most, each with one [`Memory`] for all its hashes. They are
/// started as they are needed, and end, with their memory, when they have had nothing to do for a
/// while or when this is dropped.
pub(super) struct HashingThreads {
    shared: Arc<Shared>,
}

struct Shared {
    at_once: usize,
    idle_at_most: Duration,
    queue: Mutex<Queue>,
    /// Says to the threads that there is a job, or that no more will come.
    news: Condvar,
    begun: AtomicU64,
}

#[derive(Default)]
struct Queue {
    /// Those that no thread has begun, sorted by their number.
    jobs: VecDeque<Job>,
    next_number: u64,
    /// Calls that wait: for their job to begin, or to end.
    waiting: usize,
    threads: usize,
    closed: bool,
}

struct Job {
    number: u64,
    work: Work,
}

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

impl HashingThreads {
    pub(super) fn new(at_once: usize) -> Self {
        Self::ending_after(IDLE_AT_MOST, at_once)
    }

    fn ending_after(idle_at_most: Duration, at_once: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                at_once,
                idle_at_most,
                queue: Mutex::default(),
                news: Condvar::new(),
                begun: AtomicU64::new(0),
            }),
        }
    }

    /// Jobs that were begun so far.
    pub(super) fn begun(&self) -> u64 {
        self.shared.begun.load(Ordering::Relaxed)
    }

    /// Does `work` on one of the threads. If the future is dropped before a thread has begun, it is
    /// never done.
    ///
    /// # Errors
    ///
    /// With 503, at once, if too many calls wait already. If `work` panics, or no thread can be
    /// started, with an internal error.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let _waiting = self.enqueue(Box::new(move |memory| {
            // Nobody listens if the caller has gone meanwhile.
            let _ = reply.send(work(memory));
        }))?;
        answer.await.map_err(|_| {
            Error::internal("a password was not hashed: its thread panicked or never was")
        })
    }

    fn enqueue(&self, work: Work) -> Result<Waiting<'_>> {
        let shared = &*self.shared;
        let mut queue = shared.lock();
        if queue.waiting >= WAITING_AT_MOST {
            return Err(Error::unavailable(
                "too many passwords are waiting to be checked",
            ));
        }
        queue.waiting += 1;
        let number = queue.next_number;
        queue.next_number += 1;
        queue.jobs.push_back(Job { number, work });
        // Not by how many have no job: one that has just answered is about to look for the next.
        let needs_thread = queue.waiting > queue.threads && queue.threads < shared.at_once;
        if needs_thread {
            queue.threads += 1;
        }
        drop(queue);
        shared.news.notify_one();
        let waiting = Waiting { shared, number };
        if needs_thread && let Err(error) = self.start_thread() {
            tracing::error!(%error, "a thread that hashes passwords could not be started");
            shared.thread_is_missing();
        }
        Ok(waiting)
    }

    fn start_thread(&self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        thread::Builder::new()
            .name("vestibule-password".to_owned())
            .spawn(move || {
                #[cfg(target_os = "linux")]
                give_way_to_others();
                shared.work();
            })?;
        Ok(())
    }
}

impl Drop for HashingThreads {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        drop(queue);
        self.shared.news.notify_all();
    }
}

impl Shared {
    /// What a thread does until it ends.
    fn work(&self) {
        let mut memory = Memory::default();
        while let Some(job) = self.next_job() {
            self.begun.fetch_add(1, Ordering::Relaxed);
            // Whatever a panic leaves in the memory, the next hash writes over it. The caller
            // learns of it from a reply that is dropped, the log from the panic hook.
            let _ = catch_unwind(AssertUnwindSafe(|| (job.work)(&mut memory)));
        }
    }

    /// Waits for the next job; `None` if this thread is to end, which is then no longer counted.
    fn next_job(&self) -> Option<Job> {
        let mut queue = self.lock();
        if queue.jobs.is_empty() {
            let waited = self
                .news
                .wait_timeout_while(queue, self.idle_at_most, |queue| {
                    queue.jobs.is_empty() && !queue.closed
                });
            (queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let job = queue.jobs.pop_front();
        if job.is_none() {
            queue.threads -= 1;
        }
        job
    }

    /// One thread less than was counted. Without any, nobody would ever do what waits.
    fn thread_is_missing(&self) {
        let mut queue = self.lock();
        queue.threads -= 1;
        let lost = match queue.threads {
            0 => std::mem::take(&mut queue.jobs),
            _ => VecDeque::new(),
        };
        drop(queue);
        drop(lost);
    }

    /// Held for moments only: whoever waits for it is a thread of the runtime, and a hashing
    /// thread has to give way to others while it holds it.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place among those that wait.
struct Waiting<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.waiting -= 1;
        let begun = queue
            .jobs
            .binary_search_by_key(&self.number, |job| job.number);
        // A caller who goes away takes its job along, and the password in it.
        let abandoned = begun.ok().and_then(|index| queue.jobs.remove(index));
        drop(queue);
        drop(abandoned);
    }
}

/// On Linux a priority is a thread's own, and without an id that of the thread that asks.
#[cfg(target_os = "linux")]
fn give_way_to_others() {
    if let Err(error) = rustix::process::nice(NICER_BY) {
        tracing::debug!(%error, "a thread that hashes passwords keeps its priority");
    }
}

#[cfg(test)]
mod tests;
