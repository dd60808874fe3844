use std::{collections::BTreeMap, error::Error, fs, fs::File, path::Path};

use vestibule_storage::{Change, Storage, StorageError, Users};
use vestibule_storage_sqlite::{OpenError, Sqlite};

use crate::samples::*;

/// How often to open a database where once is not enough to see a race.
const ROUNDS: usize = 100;

#[tokio::test]
async fn a_second_opener_is_refused_and_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = Sqlite::open(options(folder.path())).unwrap_err();
    assert!(matches!(second, OpenError::InUse { .. }), "{second:?}");
    assert_eq!(
        format!(
            "another vestibule is running in the data folder {}; \
             stop it, or give this one a folder of its own with --data",
            folder.path().display()
        ),
        second.to_string()
    );
    first.close().await;
    Sqlite::open(options(folder.path())).unwrap();
}

#[tokio::test]
async fn a_dropped_database_frees_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    wait_until_free(folder.path());
    Sqlite::open(options(folder.path())).unwrap();
}

#[test]
fn the_threads_of_a_dropped_database_end_however_they_meet() {
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()));
        wait_until_free(folder.path());
    }
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).close().await;
    let from_the_future = "INSERT INTO vestibule_migration (version, name, applied_on, checksum) \
                           VALUES (4711, 'tomorrow', '2100-01-01T00:00:00Z', '1')";
    tool(folder.path()).execute_batch(from_the_future).unwrap();
    let file = options(folder.path()).database_file();
    let before = fs::read(&file).unwrap();

    let refused = Sqlite::open(options(folder.path())).unwrap_err();
    assert!(
        matches!(refused, OpenError::FromTheFuture { found: 4711, .. }),
        "{refused:?}"
    );
    assert_eq!(
        format!(
            "the database {} has version 4711, and this build knows versions up to 7; \
             install a newer vestibule, or restore a backup from before the upgrade",
            file.display()
        ),
        refused.to_string()
    );
    assert!(before == fs::read(&file).unwrap(), "the file was changed");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = options(folder.path()).database_file();
    fs::write(&file, "Dear diary, ".repeat(1000)).unwrap();
    let refused = Sqlite::open(options(folder.path())).unwrap_err();
    assert!(matches!(refused, OpenError::Database { .. }), "{refused:?}");
    assert!(refused.source().is_some());
    assert!(fs::read(&file).unwrap().starts_with(b"Dear diary"));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = Sqlite::open(options(&file.join("data"))).unwrap_err();
    assert!(matches!(refused, OpenError::Folder { .. }), "{refused:?}");
    assert!(refused.to_string().contains("file/data"), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_made_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new").join("data");
    open(&data);
    let mode = fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(0o700, mode & 0o777);
}

#[tokio::test]
async fn closing_leaves_one_tidy_file() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    storage.apply(vec![insert(guest("G"))]).await.unwrap();
    let closed = storage.user(&id("G")).await;
    assert!(closed.unwrap().is_some());
    storage.close().await;
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(["vestibule.db", "vestibule.lock"], *files);
    let closed = storage.user(&id("G")).await;
    assert!(matches!(closed, Err(StorageError::Unavailable { .. })));
}

/// Waits for the threads of a database that was dropped; the last one lets go of the lock.
fn wait_until_free(folder: &Path) {
    let lock = File::open(folder.join("vestibule.lock")).unwrap();
    lock.lock().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_but_the_owner_can_read_what_is_stored() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let storage = open(folder.path());
    storage.apply(vec![insert(guest("G"))]).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(0o600, mode, "{:?}", entry.path());
    }
    storage.close().await;
}

#[tokio::test]
async fn a_database_is_read_beside_whoever_has_it_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let beside = Sqlite::open_beside(&options(folder.path())).unwrap();
    assert!(beside.is_none(), "there is no database yet");
    let first = open(folder.path());
    let id = id("A");
    first.apply(vec![insert(guest("A"))]).await.unwrap();

    let beside = Sqlite::open_beside(&options(folder.path()))
        .unwrap()
        .unwrap();
    assert!(beside.user(&id).await.unwrap().is_some());
    let change = Change::RemoveUser { id: id.clone() };
    beside.apply(vec![change]).await.unwrap_err();
    beside.close().await;
    assert!(first.user(&id).await.unwrap().is_some());
    first.close().await;
}

#[tokio::test]
async fn whoever_looks_leaves_a_folder_at_rest_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    storage.apply(vec![insert(guest("A"))]).await.unwrap();
    storage.close().await;
    let contents = || {
        let files = fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        let files = files.map(|file| (file.file_name(), fs::read(file.path()).unwrap()));
        files.collect::<BTreeMap<_, _>>()
    };
    let before = contents();
    let catalogue = Sqlite::look(&options(folder.path())).unwrap().unwrap();
    assert!(catalogue.tables.iter().any(|table| table.name == "Users"));
    assert!(before == contents(), "something has changed");
}
