use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
    sync::Mutex,
};

use crate::{OpenError, SqliteOptions};

/// The data folder, ours alone until this is dropped.
///
/// SQLite would let two processes write into one database, but sessions are remembered in memory:
/// two servers on one folder would not hear of each other's logouts. [`Sqlite::open`](crate::Sqlite::open)
/// takes the folder by itself; a server that keeps its data elsewhere takes it for its other files.
///
/// ```
/// use vestibule_storage_sqlite::FolderLock;
///
/// # let folder = tempfile::tempdir()?;
/// let lock = FolderLock::take(folder.path())?;
/// assert!(FolderLock::take(folder.path()).is_err());
/// drop(lock);
/// assert!(FolderLock::take(folder.path()).is_ok());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FolderLock {
    // The operating system unlocks it when it is closed, however the process ends. None is held by
    // whoever only looks.
    _file: Option<File>,
    /// Held while a connection is closed; see [`Handle`](crate::handle::Handle).
    pub(crate) closing: Mutex<()>,
}

impl FolderLock {
    /// Makes the folder if it is not there, and takes it.
    ///
    /// # Errors
    /// Fails when it cannot be made or written to, and when somebody has it.
    pub fn take(folder: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Folder {
            folder: folder.to_owned(),
            source,
        };
        make(folder).map_err(unusable)?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(SqliteOptions::lock_file(folder))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                _file: Some(file),
                closing: Mutex::default(),
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                folder: folder.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// For whoever only reads, and so may be there beside others.
    pub(crate) fn none() -> Self {
        Self {
            _file: None,
            closing: Mutex::default(),
        }
    }
}

/// Password hashes will be in there, so a folder that we make is for its owner only.
pub(crate) fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
