use std::{
    cell::Cell,
    pin::pin,
    sync::{OnceLock, atomic::AtomicUsize, mpsc},
    thread::ThreadId,
};

use futures::{future::join_all, poll};
use vestibule_model::ErrorCode;

use super::*;

/// No thread here takes as long to begin or to end.
const FOREVER: Duration = Duration::from_secs(60);

#[tokio::test]
async fn one_thread_does_one_job_after_the_other_in_the_same_memory() {
    let threads = HashingThreads::new(4);
    let first = threads
        .run(|memory| {
            memory.lend(8).unwrap()[0].as_mut()[0] = 42;
            thread::current().id()
        })
        .await
        .unwrap();
    let second = threads
        .run(|memory| {
            let left = memory.lend(8).unwrap()[0].as_ref()[0];
            (left, thread::current().id())
        })
        .await
        .unwrap();
    assert_eq!((42, first), second);
}

#[tokio::test]
async fn no_more_jobs_run_at_once_than_there_is_room_for() {
    let threads = HashingThreads::new(2);
    let gate = Gate::default();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (began, begins) = mpsc::channel();
    let calls = (0..6).map(|_| {
        let (gate, running, most) = (gate.clone(), Arc::clone(&running), Arc::clone(&most));
        let began = began.clone();
        threads.run(move |_| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            began.send(()).unwrap();
            gate.wait();
            running.fetch_sub(1, Ordering::SeqCst);
        })
    });
    let mut calls = pin!(join_all(calls));
    assert!(poll!(&mut calls).is_pending());
    for _ in 0..2 {
        begins.recv_timeout(FOREVER).unwrap();
    }
    let counted = {
        let queue = threads.queue();
        (queue.threads, queue.jobs.len())
    };
    assert_eq!((2, 4), counted);
    gate.open();
    assert!(calls.await.iter().all(Result::is_ok));
    assert_eq!(2, most.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_caller_who_went_away_costs_no_hash() {
    let threads = HashingThreads::new(1);
    let gate = Gate::default();
    let mut running = Box::pin(threads.run(waits_at(&gate)));
    assert!(poll!(&mut running).is_pending());
    let done = Arc::new(OnceLock::new());
    let mut leaving = Box::pin(threads.run({
        let done = Arc::clone(&done);
        move |_| done.set(())
    }));
    assert!(poll!(&mut leaving).is_pending());
    let mut staying = Box::pin(threads.run(|_| "stayed"));
    assert!(poll!(&mut staying).is_pending());

    drop(leaving);
    // What the job held is gone as well, before any thread came to it.
    assert_eq!(1, Arc::strong_count(&done));
    gate.open();
    running.await.unwrap();
    assert_eq!("stayed", staying.await.unwrap());
    assert_eq!((None, 2), (done.get(), threads.begun()));
}

#[tokio::test]
async fn a_job_that_panics_hurts_only_its_caller() {
    let threads = HashingThreads::new(1);
    let gate = Gate::default();
    let mut panicking = Box::pin(threads.run({
        let wait = waits_at(&gate);
        move |memory| {
            wait(memory);
            assert!(memory.lend(8).is_none(), "on purpose");
        }
    }));
    assert!(poll!(&mut panicking).is_pending());
    let mut next = Box::pin(threads.run(|_| "works"));
    assert!(poll!(&mut next).is_pending());
    gate.open();
    let error = panicking.await.unwrap_err();
    assert_eq!(
        (ErrorCode::Internal, Some(500)),
        (error.code(), error.chosen_status())
    );
    assert_eq!("works", next.await.unwrap());
    assert_eq!(1, threads.queue().threads);
}

#[tokio::test]
async fn the_257th_call_that_waits_is_turned_away_at_once() {
    let threads = HashingThreads::new(1);
    let gate = Gate::default();
    let mut waiting = Vec::new();
    for _ in 0..256 {
        let mut call = Box::pin(threads.run(waits_at(&gate)));
        assert!(poll!(&mut call).is_pending());
        waiting.push(call);
    }
    let refused = threads.run(|_| ()).await.unwrap_err();
    assert_eq!(Some(503), refused.chosen_status());

    drop(waiting.pop());
    let mut in_its_place = Box::pin(threads.run(|_| ()));
    assert!(poll!(&mut in_its_place).is_pending());
    gate.open();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    in_its_place.await.unwrap();
    assert_eq!(0, threads.queue().waiting);
}

#[tokio::test]
async fn a_thread_without_work_ends_and_the_next_job_starts_one_again() {
    let threads = HashingThreads::ending_after(Duration::from_millis(1), 1);
    let (first, end) = threads.run(|_| watch_this_thread()).await.unwrap();
    end.wait();
    assert_eq!(0, threads.queue().threads);
    let (second, _) = threads.run(|_| watch_this_thread()).await.unwrap();
    assert_ne!(first, second);
}

#[tokio::test]
async fn threads_end_when_nobody_can_give_them_work() {
    let threads = HashingThreads::ending_after(FOREVER * 60, 2);
    let gate = Gate::default();
    let calls = (0..2).map(|_| {
        let wait = waits_at(&gate);
        threads.run(move |memory| {
            wait(memory);
            watch_this_thread()
        })
    });
    let mut calls = Box::pin(join_all(calls));
    assert!(poll!(&mut calls).is_pending());
    gate.open();
    let watched = calls.await;
    drop(threads);
    for thread in watched {
        thread.unwrap().1.wait();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hashing_thread_gives_way_to_others() {
    let niceness = || rustix::process::getpriority_process(None).unwrap();
    let threads = HashingThreads::new(1);
    let of_the_thread = threads.run(move |_| niceness()).await.unwrap();
    let of_everybody = niceness();
    assert_eq!((of_everybody + NICER_BY).min(19), of_the_thread);
    assert!(of_everybody < of_the_thread || of_everybody == 19);
}

impl HashingThreads {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.shared.lock()
    }
}

/// Jobs wait at it until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<OnceLock<()>>);

impl Gate {
    fn open(&self) {
        self.0.set(()).unwrap();
    }

    fn wait(&self) {
        self.0.wait();
    }
}

fn waits_at(gate: &Gate) -> impl FnOnce(&mut Memory) + Send + 'static {
    let gate = gate.clone();
    move |_| gate.wait()
}

thread_local! {
    static UNTIL_THE_END: Cell<Option<mpsc::Sender<()>>> = const { Cell::new(None) };
}

/// The end of a thread that was watched.
struct End(mpsc::Receiver<()>);

/// What a thread has for itself is dropped when it ends, and so says that it did.
fn watch_this_thread() -> (ThreadId, End) {
    let (until_the_end, end) = mpsc::channel();
    UNTIL_THE_END.set(Some(until_the_end));
    (thread::current().id(), End(end))
}

impl End {
    fn wait(self) {
        let ended = self.0.recv_timeout(FOREVER);
        assert_eq!(Err(mpsc::RecvTimeoutError::Disconnected), ended);
    }
}
