//! A file's new text that is written apart and then takes the place of the old one at once.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use super::NewError;

/// A new text of a file, written beside it. Dropping it leaves the file as it is.
pub(super) struct Replacement {
    file: PathBuf,
    written: PathBuf,
}

impl Replacement {
    /// Writes the text, with the rights that the file has.
    ///
    /// # Errors
    /// Fails when it cannot be written there.
    pub(super) fn write(file: &Path, text: &str) -> Result<Self, NewError> {
        let mut written = file.as_os_str().to_owned();
        written.push(format!(".new-{}", process::id()));
        let replacement = Self {
            file: file.to_owned(),
            written: written.into(),
        };
        let copy = || -> io::Result<()> {
            fs::write(&replacement.written, text)?;
            let permissions = fs::metadata(file)?.permissions();
            fs::set_permissions(&replacement.written, permissions)
        };
        copy().map_err(NewError::write(file))?;
        Ok(replacement)
    }

    /// Makes it the text of the file, at once.
    ///
    /// # Errors
    /// Fails when the file cannot be replaced; then it is as it was.
    pub(super) fn put_in_place(self) -> Result<(), NewError> {
        fs::rename(&self.written, &self.file).map_err(NewError::write(&self.file))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // Gone already when it has been put in its place.
        let _ = fs::remove_file(&self.written);
    }
}
