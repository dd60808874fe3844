use std::{collections::BTreeMap, fs, path::Path};

use vestibule_storage::{Storage, Users};
use vestibule_storage_sqlite::{OpenError, Sqlite};

use crate::samples::*;

/// What stands in a folder, file by file.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = files.map(|file| {
        let name = file.file_name().into_string().unwrap();
        (name, fs::read(file.path()).unwrap())
    });
    files.collect()
}

#[tokio::test]
async fn a_copy_is_made_beside_whoever_has_the_folder_and_has_a_life_of_its_own() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let original = open(folder.path());
    original.apply(vec![insert(guest("G1"))]).await.unwrap();

    assert!(Sqlite::copy(&options(folder.path()), &options(other.path())).unwrap());
    let copy = open(other.path());
    assert!(copy.user(&id("G1")).await.unwrap().is_some());
    copy.apply(vec![insert(guest("G2"))]).await.unwrap();
    original.apply(vec![insert(guest("G3"))]).await.unwrap();

    assert!(original.user(&id("G2")).await.unwrap().is_none());
    assert!(copy.user(&id("G3")).await.unwrap().is_none());
}

#[tokio::test]
async fn what_waits_in_the_log_of_a_killed_server_is_copied_too() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let original = open(folder.path());
    original.apply(vec![insert(guest("G"))]).await.unwrap();
    // As a killed server leaves it: the row is in the log of changes, not in the file.
    let killed = tempfile::tempdir().unwrap();
    for name in ["vestibule.db", "vestibule.db-wal"] {
        fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
    }
    let before = contents(killed.path());

    assert!(Sqlite::copy(&options(killed.path()), &options(other.path())).unwrap());
    assert!(open(other.path()).user(&id("G")).await.unwrap().is_some());
    let after = contents(killed.path());
    for name in ["vestibule.db", "vestibule.db-wal"] {
        assert_eq!(before[name], after[name], "{name}");
    }
}

#[tokio::test]
async fn a_folder_that_is_copied_from_stays_as_it_is() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let original = open(folder.path());
    original.apply(vec![insert(guest("G"))]).await.unwrap();
    original.close().await;
    let before = contents(folder.path());
    assert!(Sqlite::copy(&options(folder.path()), &options(other.path())).unwrap());
    assert!(before == contents(folder.path()), "something has changed");
}

#[test]
fn where_there_is_no_database_there_is_nothing_to_copy() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let nothing = folder.path().join("nothing");
    assert!(!Sqlite::copy(&options(&nothing), &options(other.path())).unwrap());
    assert!(!nothing.exists());
}

#[test]
fn a_file_that_is_no_database_is_told_by_its_name() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = options(folder.path()).database_file();
    fs::write(&file, "x".repeat(10_000)).unwrap();
    let refused = Sqlite::copy(&options(folder.path()), &options(other.path())).unwrap_err();
    assert!(matches!(refused, OpenError::Database { .. }), "{refused:?}");
    assert!(refused.to_string().contains("vestibule.db"), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_machine_can_read_the_copy() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(folder.path()).close().await;
    let there = options(&other.path().join("copy"));
    assert!(Sqlite::copy(&options(folder.path()), &there).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (0o700, 0o600),
        (mode(&there.folder), mode(&there.database_file()))
    );
}
