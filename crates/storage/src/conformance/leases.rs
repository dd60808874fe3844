use super::{Scratch, samples::*};
use crate::{Change, Precondition, Storage, StorageError};

/// Takes a lease until then, if nobody else has it.
async fn take(
    storage: &dyn Storage,
    holder: &str,
    now: i64,
    until: i64,
) -> Result<(), StorageError> {
    let changes = vec![
        Change::Require(Precondition::LeaseIsFree {
            name: "sweep".to_owned(),
            holder: id(holder),
            now: at(now),
        }),
        Change::TakeLease {
            name: "sweep".to_owned(),
            holder: id(holder),
            until: at(until),
        },
    ];
    storage.apply(changes).await.map(drop)
}

#[track_caller]
fn refused(result: Result<(), StorageError>) {
    assert!(
        matches!(&result, Err(StorageError::Refused { .. })),
        "{result:?}"
    );
}

pub async fn a_lease_is_one_holders_until_it_is_over(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(take(&*storage, "A", 0, 10).await);
    refused(take(&*storage, "B", 9, 20).await);
    done(take(&*storage, "B", 10, 20).await);
    refused(take(&*storage, "A", 11, 30).await);
}

pub async fn a_holder_takes_its_own_lease_again(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(take(&*storage, "A", 0, 10).await);
    done(take(&*storage, "A", 5, 15).await);
    refused(take(&*storage, "B", 12, 20).await);
}

pub async fn of_many_who_want_a_lease_at_once_one_has_it(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let holders = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let tasks = holders.map(|holder| {
        let storage = std::sync::Arc::clone(&storage);
        tokio::spawn(async move { take(&*storage, holder, 0, 10).await })
    });
    let mut taken = 0;
    for task in tasks {
        match task.await {
            Ok(Ok(())) => taken += 1,
            Ok(result) => refused(result),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(1, taken);
}

pub async fn an_app_is_made_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let make = |name: &str| {
        vec![
            Change::Require(Precondition::AppIsNew),
            Change::PutAppId(name.to_owned()),
            Change::PutAdminTokenHash([7; 32]),
        ]
    };
    done(storage.apply(make("first")).await);
    refused(storage.apply(make("second")).await.map(drop));
    let app = done(storage.app().await);
    assert_eq!(Some("first"), app.as_ref().map(|app| app.id.as_str()));
}
