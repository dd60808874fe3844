use vestibule_model::UserStatus;

use super::{Scratch, leaving::*, samples::*};
use crate::{Change, Expiry, Storage};

pub async fn a_guest_that_logs_in_is_not_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(login(1, "G")).await);
    assert!(without_session(&*storage).await.is_empty());
}

pub async fn a_guest_without_a_session_is_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = vec![insert(&guest("G"))];
    changes.extend(login(1, "H"));
    done(storage.apply(changes).await);
    assert_eq!(["G"], *without_session(&*storage).await);
    done(storage.apply(vec![open(2, "G")]).await);
    assert!(without_session(&*storage).await.is_empty());
}

pub async fn a_guest_whose_last_session_ends_is_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "G");
    changes.extend([open(2, "G"), open(3, "G")]);
    changes.extend(login(4, "H"));
    done(storage.apply(changes).await);
    let end = |numbers: &[u8]| vec![end(numbers)];
    done(storage.apply(end(&[1, 9])).await);
    assert!(without_session(&*storage).await.is_empty());
    done(storage.apply(end(&[3, 2])).await);
    assert_eq!(["G"], *without_session(&*storage).await);
    done(storage.apply(end(&[3, 2])).await);
    assert_eq!(["G"], *without_session(&*storage).await);
}

pub async fn a_guest_whose_sessions_end_all_at_once_is_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "G");
    changes.push(open(2, "G"));
    done(storage.apply(changes).await);
    let end = |except: Option<u8>| {
        vec![Change::EndSessionsOf {
            user_id: id("G"),
            except: except.map(key),
        }]
    };
    done(storage.apply(end(Some(1))).await);
    assert!(without_session(&*storage).await.is_empty());
    done(storage.apply(end(Some(9))).await);
    assert_eq!(["G"], *without_session(&*storage).await);
    done(storage.apply(end(None)).await);
    assert_eq!(["G"], *without_session(&*storage).await);
}

pub async fn a_guest_that_gets_a_session_again_is_not_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "G");
    changes.push(end(&[1]));
    done(storage.apply(changes).await);
    assert_eq!(["G"], *without_session(&*storage).await);
    done(storage.apply(vec![open(2, "G")]).await);
    assert!(without_session(&*storage).await.is_empty());
    done(storage.apply(vec![end(&[2]), open(3, "G")]).await);
    assert!(without_session(&*storage).await.is_empty());
}

pub async fn in_one_step_the_last_word_counts(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let end_all = || Change::EndSessionsOf {
        user_id: id("G"),
        except: None,
    };
    let remove = || Change::RemoveUser { id: id("G") };
    let make = || insert(&guest("G"));
    let stays = [
        vec![make(), open(1, "G")],
        vec![make(), open(1, "G"), end(&[1]), open(2, "G")],
        vec![make(), end_all(), open(2, "G")],
        vec![
            make(),
            open(1, "G"),
            end_all(),
            open(2, "G"),
            open(3, "G"),
            end(&[2]),
        ],
        vec![make(), remove(), make(), open(1, "G")],
    ];
    let goes = [
        vec![make()],
        vec![make(), open(1, "G"), end(&[1])],
        vec![make(), open(1, "G"), end_all()],
        vec![make(), open(1, "G"), open(2, "G"), end(&[1, 2])],
        vec![make(), open(1, "G"), remove(), make()],
    ];
    let stays = stays.map(|changes| (changes, &[][..]));
    let goes = goes.map(|changes| (changes, &["G"][..]));
    for (mut changes, expected) in stays.into_iter().chain(goes) {
        changes.insert(0, remove());
        let text = format!("{changes:?}");
        done(storage.apply(changes).await);
        assert_eq!(*expected, *without_session(&*storage).await, "{text}");
    }
}

pub async fn what_is_undone_leaves_nobody_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(login(1, "G")).await);
    let refused = vec![end(&[1]), insert(&guest("G"))];
    storage.apply(refused).await.unwrap_err();
    assert!(without_session(&*storage).await.is_empty());
}

pub async fn whoever_is_no_guest_is_not_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = vec![insert(&registered("ANN", "ann@example.com"))];
    changes.extend([open(1, "ANN"), end(&[1])]);
    changes.extend([insert(&guest("G")), insert(&guest("H"))]);
    done(storage.apply(changes).await);
    assert_eq!(["G", "H"], *without_session(&*storage).await);
    let registers = vec![status("G", UserStatus::Enabled)];
    done(storage.apply(registers).await);
    assert_eq!(["H"], *without_session(&*storage).await);
    let back = vec![
        status("G", UserStatus::Guest),
        status("ANN", UserStatus::Guest),
    ];
    done(storage.apply(back).await);
    assert_eq!(["ANN", "G", "H"], *without_session(&*storage).await);
}

pub async fn whoever_is_removed_is_not_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    done(
        storage
            .apply(vec![Change::RemoveUser { id: id("G") }])
            .await,
    );
    assert!(without_session(&*storage).await.is_empty());
    done(storage.apply(login(1, "G")).await);
    assert!(without_session(&*storage).await.is_empty());
}

pub async fn whoever_gives_all_sessions_away_is_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "G");
    changes.push(insert(&guest("H")));
    done(storage.apply(changes).await);
    assert_eq!(["H"], *without_session(&*storage).await);
    let give = Change::MoveSessions {
        from: id("G"),
        to: id("H"),
    };
    done(storage.apply(vec![give]).await);
    assert_eq!(["G"], *without_session(&*storage).await);
}

/// The guests that are gone if no session ever dies.
async fn without_session(storage: &dyn Storage) -> Vec<String> {
    gone(storage, Expiry::default()).await
}
