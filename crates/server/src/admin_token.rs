//! The file with the admin token, for an operator who did not choose one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use vestibule_core::{Engine, Prepared};

use crate::config::{Config, DatabaseConfig};

/// The file in the data folder.
const FILE: &str = "admin-token";

/// The file while it is written.
const UNFINISHED: &str = "admin-token.unfinished";

/// Where the operator finds the admin token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AdminToken {
    /// In this file.
    In(PathBuf),
    /// With whoever gave it: no file has it, since it was not made here.
    Given,
    /// Where the app was made, by another server or in another folder; or with whoever gave it.
    Elsewhere,
}

/// Writes down a token that was just made, and says where the one that counts can be found.
///
/// # Errors
/// Fails when the file cannot be written. Nobody knows the token then: it has to be replaced.
pub(crate) fn keep(
    config: &Config,
    data: &Path,
    prepared: &Prepared,
    engine: &Engine,
) -> Result<AdminToken, (PathBuf, io::Error)> {
    let file = data.join(FILE);
    let is_shared = matches!(config.database, DatabaseConfig::Postgres(_));
    let with_others = match config.app.admin_token {
        None if is_shared => AdminToken::Elsewhere,
        _ => AdminToken::Given,
    };
    if let Some(token) = &prepared.made_admin_token {
        write(data, &file, token).map_err(|error| (file.clone(), error))?;
        return Ok(AdminToken::In(file));
    }
    let Ok(written) = fs::read_to_string(&file) else {
        return Ok(with_others);
    };
    if engine.is_admin_token(written.trim_end()) {
        return Ok(AdminToken::In(file));
    }
    if is_shared {
        tracing::warn!(
            file = %file.display(),
            "the token in this file is not that of the app in the database; delete the file"
        );
    } else {
        tracing::warn!(
            file = %file.display(),
            "the token in this file counts no longer, since another one was given; delete the file"
        );
    }
    Ok(with_others)
}

/// Puts the file there as a whole or not at all, and never readable for anybody else: an older
/// file of that name could be, so it is replaced rather than overwritten.
fn write(data: &Path, file: &Path, token: &str) -> io::Result<()> {
    let unfinished = data.join(UNFINISHED);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut opened = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    writeln!(opened, "{token}")?;
    opened.sync_all()?;
    fs::rename(&unfinished, file)?;
    // The new name must be on disk too, or a power cut could take the only copy of the token.
    File::open(data)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_older_file_that_others_can_read_is_replaced_by_one_that_they_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(folder.path().join(UNFINISHED), "left by a crash").unwrap();
        write(folder.path(), &file, "new").unwrap();
        assert_eq!("new\n", fs::read_to_string(&file).unwrap());
        assert_eq!(
            0o600,
            fs::metadata(&file).unwrap().permissions().mode() & 0o777
        );
        assert_eq!(1, fs::read_dir(folder.path()).unwrap().count());
    }
}
