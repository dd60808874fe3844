use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use crate::Error;

/// Whether something that is kept in memory is to be read again, and whose turn it is to do so.
///
/// Whoever reads it again has the turn, so a later reader reads later: nothing older replaces anything
/// newer. What is noted while somebody reads is read once more.
#[derive(Debug)]
pub(crate) struct Outdated {
    /// What it is, for the log.
    what: &'static str,
    noted: AtomicU64,
    /// How many of those that were noted are in memory.
    read: AtomicU64,
    is_failing: AtomicBool,
    turn: Mutex<()>,
}

impl Outdated {
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            noted: AtomicU64::new(0),
            read: AtomicU64::new(0),
            is_failing: AtomicBool::new(false),
            turn: Mutex::new(()),
        }
    }

    /// Notes that it is to be read again.
    pub(crate) fn note(&self) {
        self.noted.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it is to be read again, or is being read.
    pub(crate) fn is_noted(&self) -> bool {
        self.noted.load(Ordering::SeqCst) != self.read.load(Ordering::SeqCst)
    }

    /// Waits until nobody reads it again, and keeps others from it: for whoever changes it.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Reads it again, if that is to be done; what cannot be read now stays to be done.
    pub(crate) async fn read_again<T, E: Into<Error>>(
        &self,
        read: impl Future<Output = Result<T, E>>,
        keep: impl FnOnce(T),
    ) {
        if !self.is_noted() {
            return;
        }
        let _turn = self.turn.lock().await;
        let noted = self.noted.load(Ordering::SeqCst);
        if noted == self.read.load(Ordering::SeqCst) {
            return;
        }
        match read.await {
            Ok(value) => {
                keep(value);
                self.read.store(noted, Ordering::SeqCst);
                self.is_failing.store(false, Ordering::Relaxed);
            }
            Err(error) => {
                let was_failing = self.is_failing.swap(true, Ordering::Relaxed);
                if !was_failing {
                    let error: Error = error.into();
                    tracing::error!(
                        what = self.what,
                        error = error.log(),
                        "what may have changed cannot be read; what was there before counts until it can"
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::ready};

    use futures::FutureExt as _;

    use super::*;

    fn now<T>(future: impl Future<Output = T>) -> T {
        future
            .now_or_never()
            .expect("the reason: nobody else has the turn")
    }

    #[test]
    fn what_is_noted_during_a_read_is_read_once_more() {
        let (outdated, kept) = (Outdated::new("a number"), Cell::new(0));
        let read = |number, noting: bool| {
            let reading = async {
                if noting {
                    outdated.note();
                }
                Ok::<_, Error>(number)
            };
            now(outdated.read_again(reading, |number| kept.set(number)));
        };
        read(1, false);
        assert_eq!(0, kept.get(), "nobody asked for it");
        outdated.note();
        read(2, true);
        assert!(outdated.is_noted());
        read(3, false);
        read(4, false);
        assert_eq!((3, false), (kept.get(), outdated.is_noted()));
    }

    #[test]
    fn a_read_that_fails_or_is_given_up_stays_to_be_done() {
        let outdated = Outdated::new("a number");
        outdated.note();
        let failing = ready(Err::<(), _>(Error::internal("the database is gone")));
        now(outdated.read_again(failing, |()| ()));
        assert!(outdated.is_noted());
        let endless = std::future::pending::<Result<(), Error>>();
        assert_eq!(None, outdated.read_again(endless, |()| ()).now_or_never());
        assert!(outdated.is_noted());
    }
}
