use vestibule_model::UserStatus;

use super::{Scratch, samples::*};
use crate::{Change, Precondition, Storage};

pub async fn that_a_user_exists(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    holds(&*storage, Precondition::UserExists(id("G"))).await;
    fails(&*storage, Precondition::UserExists(id("NOBODY"))).await;
}

pub async fn that_a_user_has_a_status(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    let is = |name, status| Precondition::UserStatusIs(id(name), status);
    holds(&*storage, is("G", UserStatus::Guest)).await;
    fails(&*storage, is("G", UserStatus::Enabled)).await;
    fails(&*storage, is("NOBODY", UserStatus::Guest)).await;
}

pub async fn that_a_user_has_a_password(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let ann = registered("ANN", "ann@example.com");
    let changes = vec![insert_with_password(&ann, hash(1)), insert(&guest("G"))];
    done(storage.apply(changes).await);
    let is = |name, password| Precondition::PasswordIs(id(name), password);
    holds(&*storage, is("ANN", Some(hash(1)))).await;
    fails(&*storage, is("ANN", Some(hash(2)))).await;
    fails(&*storage, is("ANN", None)).await;
    holds(&*storage, is("G", None)).await;
    fails(&*storage, is("G", Some(hash(1)))).await;
    fails(&*storage, is("NOBODY", None)).await;
}

pub async fn that_a_user_has_these_sessions(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("G")),
        insert(&guest("H")),
        Change::OpenSession(session(2, "G")),
        Change::OpenSession(session(1, "G")),
    ];
    done(storage.apply(changes).await);
    let are = |name, numbers: &[u8]| {
        let selectors = numbers.iter().copied().map(selector).collect();
        Precondition::SessionsAre(id(name), selectors)
    };
    holds(&*storage, are("G", &[1, 2])).await;
    fails(&*storage, are("G", &[])).await;
    fails(&*storage, are("G", &[1])).await;
    fails(&*storage, are("G", &[1, 3])).await;
    fails(&*storage, are("G", &[1, 2, 3])).await;
    holds(&*storage, are("H", &[])).await;
    fails(&*storage, are("H", &[1])).await;
    holds(&*storage, are("NOBODY", &[])).await;
}

pub async fn that_a_user_has_few_failed_logins(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let failure = |second| Change::CountFailedLogin {
        user_id: id("G"),
        at: active(second),
        since: active(0),
    };
    done(
        storage
            .apply(vec![insert(&guest("G")), failure(10), failure(20)])
            .await,
    );
    let fewer = |name, than, since| Precondition::FewerFailedLogins {
        user_id: id(name),
        than,
        since: active(since),
    };
    holds(&*storage, fewer("G", 3, 0)).await;
    fails(&*storage, fewer("G", 2, 0)).await;
    fails(&*storage, fewer("G", 2, 20)).await;
    holds(&*storage, fewer("G", 2, 21)).await;
    holds(&*storage, fewer("NOBODY", 1, 0)).await;
    fails(&*storage, fewer("NOBODY", 0, 0)).await;
}

pub async fn the_first_that_does_not_hold_is_named(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    let exists = |name| Precondition::UserExists(id(name));
    let changes = ["G", "FIRST", "SECOND"].map(|name| Change::Require(exists(name)));
    assert_refused(&exists("FIRST"), storage.apply(changes.to_vec()).await);
}

pub async fn changes_made_before_it_count(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let exists = || Change::Require(Precondition::UserExists(id("G")));
    done(storage.apply(vec![insert(&guest("G")), exists()]).await);
    let removed = vec![Change::RemoveUser { id: id("G") }, exists()];
    assert_refused(
        &Precondition::UserExists(id("G")),
        storage.apply(removed).await,
    );
}

/// With this precondition a change is made.
async fn holds(storage: &dyn Storage, precondition: Precondition) {
    done(storage.apply(vec![Change::Require(precondition)]).await);
}

/// With this precondition a change is refused, whether it comes before the change or after it.
async fn fails(storage: &dyn Storage, precondition: Precondition) {
    let require = || Change::Require(precondition.clone());
    let change = || insert(&guest("BYSTANDER"));
    assert_refused(
        &precondition,
        storage.apply(vec![require(), change()]).await,
    );
    assert_refused(
        &precondition,
        storage.apply(vec![change(), require()]).await,
    );
    assert_eq!(None, user(storage, "BYSTANDER").await);
}
