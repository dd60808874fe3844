use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// A bounded queue between async callers and threads: pushing never waits, popping does.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Threads that wait for something. Nobody else need be woken, and a thread at work costs those who
    /// push no call into the kernel.
    sleepers: usize,
    closed: bool,
}

/// Why a queue did not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    Full,
    Closed,
}

impl<T> Queue<T> {
    /// A queue for at most `capacity` things, and one at least.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                sleepers: 0,
                closed: false,
            }),
            changed: Condvar::new(),
            capacity: capacity.max(1),
        }
    }

    /// Puts something at the end, at once or not at all.
    pub(crate) fn push(&self, item: T) -> Result<(), NotTaken> {
        let mut state = self.lock();
        if state.closed {
            return Err(NotTaken::Closed);
        }
        if state.waiting.len() >= self.capacity {
            return Err(NotTaken::Full);
        }
        state.waiting.push_back(item);
        let somebody_sleeps = state.sleepers > 0;
        drop(state);
        if somebody_sleeps {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits until something is there, then takes what waits, `most` at most, in its order.
    ///
    /// Nothing comes back only when the queue is closed and empty.
    pub(crate) fn take(&self, most: usize) -> Vec<T> {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed {
            state.sleepers += 1;
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.sleepers -= 1;
        }
        let count = state.waiting.len().min(most);
        state.waiting.drain(..count).collect()
    }

    /// Whether nothing waits at this moment.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    /// Takes no more; what waits will still be taken out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Takes no more and drops what waits.
    fn abandon(&self) {
        let waiting = {
            let mut state = self.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        self.changed.notify_all();
        drop(waiting);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here can panic half-way, so the state of a poisoned lock is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by a thread that empties a queue: however the thread ends, nobody waits for it forever.
pub(crate) struct AbandonAtEnd<'q, T>(pub(crate) &'q Queue<T>);

impl<T> Drop for AbandonAtEnd<'_, T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_was_pushed_comes_out_in_its_order_and_in_portions() {
        let queue = Queue::new(10);
        for number in 0..5 {
            queue.push(number).unwrap();
        }
        assert_eq!(vec![0, 1, 2], queue.take(3));
        assert!(!queue.is_empty());
        assert_eq!(vec![3, 4], queue.take(3));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_full_queue_takes_nothing_until_something_is_taken_out() {
        let queue = Queue::new(2);
        queue.push('a').unwrap();
        queue.push('b').unwrap();
        assert_eq!(Err(NotTaken::Full), queue.push('c'));
        queue.take(1);
        assert_eq!(Ok(()), queue.push('c'));
    }

    #[test]
    fn a_closed_queue_gives_away_what_it_has_and_takes_no_more() {
        let queue = Queue::new(2);
        queue.push(1).unwrap();
        queue.close();
        assert_eq!(Err(NotTaken::Closed), queue.push(2));
        assert_eq!(vec![1], queue.take(9));
        assert!(queue.take(9).is_empty());
    }

    #[test]
    fn an_abandoned_queue_drops_what_waited() {
        let queue = Queue::new(2);
        let item = Arc::new(());
        queue.push(Arc::clone(&item)).unwrap();
        queue.abandon();
        assert_eq!(1, Arc::strong_count(&item));
        assert!(queue.take(9).is_empty());
    }

    #[test]
    fn closing_wakes_whoever_waits() {
        let queue = Arc::new(Queue::<()>::new(1));
        let waiting = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.take(1)
        });
        queue.close();
        assert!(waiting.join().unwrap().is_empty());
    }
}
