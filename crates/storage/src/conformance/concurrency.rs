use std::{collections::BTreeSet, sync::Arc};

use tokio::task::JoinSet;
use vestibule_model::{ObjectId, UserStatus};

use super::{Scratch, samples::*};
use crate::{Applied, Change, Constraint, Precondition, Storage, StorageError};

pub async fn of_many_equal_registrations_exactly_one_wins(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let spelling = |number: usize| ["ann@example.com", "Ann@example.com"][number % 2];
    let results = all_at_once(&storage, 50, |number| {
        vec![insert(&registered(&format!("U{number}"), spelling(number)))]
    })
    .await;

    let winners = results.iter().filter(|(_, result)| result.is_ok()).count();
    assert_eq!(1, winners);
    let account = done(storage.account_by_identity("ann@example.com").await).unwrap();
    for (number, result) in results {
        let name = format!("U{number}");
        if result.is_ok() {
            assert_eq!(&id(&name), account.user.id());
        } else {
            assert_conflict(&Constraint::Identity, result);
            assert_eq!(None, user(&*storage, &name).await);
        }
    }
}

pub async fn of_many_conversions_of_one_guest_exactly_one_wins(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    let still_guest = || Precondition::UserStatusIs(id("G"), UserStatus::Guest);
    let email = |number: usize| format!("g{number}@example.com");
    let results = all_at_once(&storage, 20, |number| {
        vec![
            Change::Require(still_guest()),
            Change::UpdateUser(update("G", [("email", email(number).into())])),
            Change::SetUserStatus {
                id: id("G"),
                status: UserStatus::Enabled,
                at: at(1),
            },
        ]
    })
    .await;

    let converted = user(&*storage, "G").await.unwrap();
    let mut winners = 0;
    for (number, result) in results {
        if result.is_ok() {
            winners += 1;
            assert_eq!(Some(email(number).as_str()), converted.email());
        } else {
            assert_refused(&still_guest(), result);
        }
    }
    assert_eq!(1, winners);
}

pub async fn five_hundred_changes_at_once_are_all_acknowledged(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let results = all_at_once(&storage, 500, |number| {
        vec![insert(&guest(&format!("G{number}")))]
    })
    .await;

    let acknowledged: BTreeSet<_> = results
        .into_iter()
        .map(|(number, result)| {
            done(result);
            number
        })
        .collect();
    assert_eq!(500, acknowledged.len());
    for number in acknowledged {
        let name = format!("G{number}");
        assert_eq!(Some(guest(&name)), user(&*storage, &name).await);
    }
}

pub async fn everybody_reads_what_was_acknowledged(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut tasks = JoinSet::new();
    for number in 0..20_u8 {
        let storage = Arc::clone(&storage);
        tasks.spawn(async move {
            let name = format!("G{number}");
            done(storage.apply(vec![insert(&guest(&name))]).await);
            for round in 1..=10 {
                let text = format!("round {round}");
                let change = update(&name, [("name", text.as_str().into())]);
                done(storage.apply(vec![Change::UpdateUser(change)]).await);
                let read = user(&*storage, &name).await.unwrap();
                assert_eq!(Some(text.as_str()), read.name());
            }
            done(
                storage
                    .apply(vec![Change::RemoveUser { id: id(&name) }])
                    .await,
            );
            assert_eq!(None, user(&*storage, &name).await);
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

pub async fn those_who_fail_do_not_disturb_the_others(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("ANN", "ann@example.com"))])
            .await,
    );
    let nobody: ObjectId = id("NOBODY");
    let results = all_at_once(&storage, 90, |number| {
        let mut changes = vec![insert(&guest(&format!("G{number}")))];
        match number % 3 {
            0 => {}
            1 => changes.push(insert(&registered("EVE", "ann@example.com"))),
            _ => changes.push(Change::Require(Precondition::UserExists(nobody.clone()))),
        }
        changes
    })
    .await;

    for (number, result) in results {
        let expected = match number % 3 {
            0 => {
                done(result);
                Some(guest(&format!("G{number}")))
            }
            1 => {
                assert_conflict(&Constraint::Identity, result);
                None
            }
            _ => {
                assert_refused(&Precondition::UserExists(nobody.clone()), result);
                None
            }
        };
        assert_eq!(expected, user(&*storage, &format!("G{number}")).await);
    }
}

/// Applies `count` lists of changes from as many tasks, and says what came of each.
async fn all_at_once(
    storage: &Arc<dyn Storage>,
    count: usize,
    changes: impl Fn(usize) -> Vec<Change>,
) -> Vec<(usize, Result<Applied, StorageError>)> {
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let storage = Arc::clone(storage);
        let changes = changes(number);
        tasks.spawn(async move { (number, storage.apply(changes).await) });
    }
    tasks.join_all().await
}
