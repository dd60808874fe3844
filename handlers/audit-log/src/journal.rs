//! Lines of many observers, written in groups.

use std::{
    io, mem,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    sync::Mutex as Turn,
    task::{spawn_blocking, yield_now},
};

use crate::files::Files;

/// The folder of this handler in the server's data folder.
const FOLDER: &str = "audit-log";

/// Size at which a file is put aside, in bytes.
const FILE_AT_MOST: u64 = 16 * 1024 * 1024;

/// Lines that wait for the file at most. The engine runs no more observers at once than that, each
/// with one line, so they are reached only if observers missed their deadline while the disk stalled.
const LINES_AT_MOST: usize = 256;

/// From one write to the next at least. Calls that come one after another would each wake a thread to
/// write their line, and another one to hear of it, and take longer for that than for the call. Real
/// time: what rests is a thread.
const PAUSE: Duration = Duration::from_millis(5);

/// Memory that is kept for the next group, in bytes.
const SPARE_AT_MOST: usize = 256 * 1024;

/// What became of a line; those of one group share the error.
pub(crate) type Written = Result<(), Arc<io::Error>>;

/// Takes a line from each observer, and writes those that came meanwhile together.
#[derive(Default)]
pub(crate) struct Journal {
    waiting: Arc<Waiting>,
    /// Held while a group is written, by the write itself: whatever becomes of its observer, no other
    /// write overtakes it.
    turn: Arc<Turn<Writer>>,
}

/// The next group, locked for the time of a copy.
#[derive(Default)]
struct Waiting(Mutex<Group>);

/// Lines that are written together.
#[derive(Default)]
struct Group {
    text: Vec<u8>,
    lines: usize,
    fate: Fate,
}

#[derive(Default)]
struct Writer {
    files: Files,
    /// When the last group was written.
    last: Option<Instant>,
    /// The emptied text of the last group: so two buffers take turns, and no thread frees what another
    /// one allocated.
    spare: Vec<u8>,
}

/// What became of a group, for those whose lines are in it.
#[derive(Clone, Default)]
struct Fate(Arc<Mutex<Progress>>);

#[derive(Default)]
enum Progress {
    #[default]
    Waits,
    Taken,
    Ended(Written),
}

impl Journal {
    /// Appends one line, and says what became of it. Lines keep the order in which they came.
    ///
    /// If the group of a line could not be written, some of its first lines may stand in the file
    /// nevertheless.
    pub(crate) async fn append(&self, data_folder: &Path, line: &str) -> Written {
        let folder = data_folder.join(FOLDER);
        let write = move |files: &mut Files, text: &[u8]| files.append(&folder, text, FILE_AT_MOST);
        self.append_by(line, write).await
    }

    async fn append_by<W>(&self, line: &str, write: W) -> Written
    where
        W: FnOnce(&mut Files, &[u8]) -> io::Result<()> + Send + 'static,
    {
        let fate = self.waiting.put(line);
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(written) = fate.as_ref().and_then(Fate::written) {
            return written;
        }
        // Lines of calls that are about to end come into the same write.
        yield_now().await;
        let waiting = Arc::clone(&self.waiting);
        let late = fate.is_none().then(|| line.to_owned());
        // A disk that stalls must not stall the server.
        #[expect(
            clippy::disallowed_methods,
            reason = "what rests is a thread, not a call"
        )]
        let writing = spawn_blocking(move || {
            thread::sleep(turn.rest());
            let group = waiting.take(mem::take(&mut turn.spare), late.as_deref());
            let written = write(&mut turn.files, &group.text).map_err(Arc::new);
            group.fate.set(Progress::Ended(written.clone()));
            turn.last = Some(Instant::now());
            turn.spare = group.text;
            turn.spare.clear();
            turn.spare.shrink_to(SPARE_AT_MOST);
            // The turn goes back with the answer: one thread wakes another once, not twice.
            (turn, written)
        });
        let (turn, written) = writing
            .await
            .map_err(|panic| Arc::new(io::Error::from(panic)))?;
        drop(turn);
        written
    }
}

impl Waiting {
    /// Puts a line into the group, if there is room.
    fn put(&self, line: &str) -> Option<Fate> {
        let mut waiting = self.lock();
        (waiting.lines < LINES_AT_MOST).then(|| waiting.put(line))
    }

    /// Takes all lines that wait, and the one that found no room: for whoever has the turn.
    fn take(&self, spare: Vec<u8>, late: Option<&str>) -> Group {
        let mut waiting = self.lock();
        if let Some(line) = late {
            waiting.put(line);
        }
        let next = Group {
            text: spare,
            ..Group::default()
        };
        let group = mem::replace(&mut *waiting, next);
        drop(waiting);
        group.fate.set(Progress::Taken);
        group
    }

    fn lock(&self) -> MutexGuard<'_, Group> {
        // A group is sound after each change, so a poisoned lock holds one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// How long to wait for more lines: not at all if the last ones were written a while ago.
    fn rest(&self) -> Duration {
        let last = self.last.map_or(PAUSE, |last| last.elapsed());
        PAUSE.saturating_sub(last)
    }
}

impl Group {
    fn put(&mut self, line: &str) -> Fate {
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
        self.lines += 1;
        self.fate.clone()
    }
}

impl Fate {
    /// What became of the group, unless it still waits: for whoever has the turn.
    fn written(&self) -> Option<Written> {
        match &*self.progress() {
            Progress::Waits => None,
            // Whoever took it has the turn no more, so the write panicked.
            Progress::Taken => Some(Err(Arc::new(io::Error::other("the write panicked")))),
            Progress::Ended(written) => Some(written.clone()),
        }
    }

    fn set(&self, progress: Progress) {
        *self.progress() = progress;
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        // It is replaced as a whole, so a poisoned lock holds a sound one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
