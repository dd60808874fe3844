//! A folder that is written apart and then put in its place at once, so that nobody finds half of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use super::NewError;

/// A folder that is being written. Dropping it removes it, unless it has been put in its place.
pub(super) struct Draft(PathBuf);

impl Draft {
    /// Begins a folder that is to be this one, in the folder that this one is in.
    ///
    /// # Errors
    /// Fails when there is something already, and when it cannot be written there.
    pub(super) fn beside(folder: &Path) -> Result<Self, NewError> {
        let parent = folder.parent().unwrap_or(folder);
        Self::within(parent, folder)
    }

    /// Begins a folder that is to be this one, in another of the same file system.
    ///
    /// # Errors
    /// As [`Draft::beside`].
    pub(super) fn within(parent: &Path, folder: &Path) -> Result<Self, NewError> {
        if !is_free(folder) {
            return Err(NewError::Exists(folder.to_owned()));
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let draft = parent.join(format!(".{name}.new-{}", process::id()));
        fs::create_dir(&draft).map_err(NewError::write(&draft))?;
        Ok(Self(draft))
    }

    /// Writes one of its files, given its path in it.
    pub(super) fn write(&self, path: &str, text: &str) -> Result<(), NewError> {
        let file = self.0.join(path);
        let folder = file.parent().unwrap_or(&self.0);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(NewError::write(&file))
    }

    /// Puts the folder where it belongs.
    ///
    /// # Errors
    /// Fails when something else was put there in the meantime.
    pub(super) fn put_in_place(self, folder: &Path) -> Result<(), NewError> {
        fs::rename(&self.0, folder).map_err(|error| match error.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory => {
                NewError::Exists(folder.to_owned())
            }
            _ => NewError::Write {
                path: folder.to_owned(),
                source: error,
            },
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already when it has been put in its place. What else could be done about an error?
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether there is nothing but, perhaps, an empty folder.
fn is_free(folder: &Path) -> bool {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => {
            fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
        }
        Ok(_) => false,
        // Whatever else is wrong is told when it is written.
        Err(_) => true,
    }
}
