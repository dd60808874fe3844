use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// The name of the database in the data folder.
const DATABASE_FILE: &str = "vestibule.db";

/// The name of the file that says that a process has the data folder.
const LOCK_FILE: &str = "vestibule.lock";

/// Where the database lives and how it is run.
///
/// ```
/// use vestibule_storage_sqlite::{Durability, SqliteOptions};
///
/// let options = SqliteOptions {
///     durability: Durability::Off,
///     ..SqliteOptions::in_folder("vestibule-data")
/// };
/// assert_eq!(4096, options.queue_capacity);
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The data folder; it is made if it is not there.
    pub folder: PathBuf,
    /// What an acknowledged change survives.
    pub durability: Durability,
    /// How many writes may wait, and as many reads. When they do, callers are turned away as busy.
    pub queue_capacity: usize,
    /// How many reads run at once; one at least.
    pub readers: usize,
    /// How much work one read may be, in instructions of SQLite's machine; a read that is more is
    /// broken off. A row that is looked at costs some ten of them, and a second has some fifty
    /// million.
    pub read_instructions: u64,
    /// How long one read may take; one that takes longer is broken off, too. Long texts take time that
    /// instructions do not show.
    pub read_time: Duration,
    /// How much one read may answer, in bytes of texts and JSON; a read that answers more is broken
    /// off.
    pub read_bytes: usize,
    /// How long a statement waits for the lock of somebody else, of a backup tool for example.
    pub lock_timeout: Duration,
    /// Greatest size of the database in pages of 4096 bytes; without it the disk is the limit.
    pub max_page_count: Option<u32>,
}

/// What an acknowledged change survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process and of the machine.
    #[default]
    Full,
    /// The death of the process only. For tests, which have no use for a disk's patience.
    Off,
}

impl SqliteOptions {
    /// What a server uses, with its data in `folder`.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            durability: Durability::Full,
            queue_capacity: 4096,
            readers: std::thread::available_parallelism().map_or(2, |count| count.get().min(4)),
            read_instructions: 300_000_000,
            read_time: Duration::from_secs(10),
            read_bytes: 64 * 1024 * 1024,
            lock_timeout: Duration::from_secs(5),
            max_page_count: None,
        }
    }

    /// The database in the data folder.
    pub fn database_file(&self) -> PathBuf {
        self.folder.join(DATABASE_FILE)
    }

    pub(crate) fn lock_file(folder: &Path) -> PathBuf {
        folder.join(LOCK_FILE)
    }
}
