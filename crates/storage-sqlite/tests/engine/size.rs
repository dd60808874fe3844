use std::{fs, path::Path};

use vestibule_model::{
    ActivityTime, ObjectId, Randomness, SeededRandomness, Selector, Session, Timestamp, User,
    UserStatus, VerifierHash,
};
use vestibule_storage::{Change, Storage};

use crate::samples::*;

/// A guest and its session as a guest login makes them, a millisecond after the last.
fn guest_login(number: i64, randomness: &SeededRandomness) -> [Change; 2] {
    let now = Timestamp::from_millis(1_800_000_000_000 + number);
    let mut user = User::new(ObjectId::generate(now, randomness), UserStatus::Guest, now);
    user.last_login = Some(now);
    let mut selector = [0; 16];
    randomness.fill(&mut selector);
    selector[..8].copy_from_slice(&now.as_millis().to_be_bytes());
    let mut verifier_hash = [0; 32];
    randomness.fill(&mut verifier_hash);
    let session = Session {
        selector: Selector::from_bytes(selector),
        verifier_hash: VerifierHash::from_bytes(verifier_hash),
        user_id: user.id().clone(),
        created: now,
        last_used: ActivityTime::from_millis(number),
    };
    [insert(user), Change::OpenSession(session)]
}

async fn size_with(folder: &Path, guests: i64) -> u64 {
    let storage = open(folder);
    let randomness = SeededRandomness::new(1);
    for number in 0..guests {
        let changes = guest_login(number, &randomness);
        storage.apply(changes.to_vec()).await.unwrap();
    }
    storage.close().await;
    fs::metadata(options(folder).database_file()).unwrap().len()
}

#[tokio::test]
async fn a_guest_and_its_session_take_at_most_400_bytes() {
    let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let growth = size_with(full.path(), 5_000).await - size_with(empty.path(), 0).await;
    let each = growth / 5_000;
    println!("a guest and its session take {each} bytes");
    assert!(each <= 400, "{each} bytes");
}
