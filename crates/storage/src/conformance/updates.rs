use vestibule_model::{UserStatus, Value};

use super::{Scratch, samples::*};
use crate::{Change, Precondition, StorageError};

pub async fn only_the_named_columns_change(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut ann = registered("ANN", "ann@example.com");
    let bob = registered("BOB", "bob@example.com");
    done(
        storage
            .apply(vec![insert_with_password(&ann, hash(1)), insert(&bob)])
            .await,
    );
    let change = update(
        "ANN",
        [("name", "Ann".into()), ("blUserLocale", "de".into())],
    );
    done(storage.apply(vec![Change::UpdateUser(change)]).await);

    ann.updated = Some(at(60));
    ann.properties.insert("name".to_owned(), "Ann".into());
    ann.properties
        .insert("blUserLocale".to_owned(), "de".into());
    let account = done(storage.account(ann.id()).await).unwrap();
    assert_eq!(ann, account.user);
    assert_eq!(Some(hash(1)), account.password);
    assert_eq!(Some(bob), user(&*storage, "BOB").await);
}

pub async fn null_clears_a_column(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("ANN", "ann@example.com"))])
            .await,
    );
    let change = update("ANN", [("email", Value::Null)]);
    done(storage.apply(vec![Change::UpdateUser(change)]).await);

    assert_eq!(None, user(&*storage, "ANN").await.unwrap().email());
    assert!(done(storage.account_by_identity("ann@example.com").await).is_none());
}

pub async fn a_password_changes_and_stays_out_of_sight(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let ann = registered("ANN", "ann@example.com");
    done(
        storage
            .apply(vec![insert_with_password(&ann, hash(1))])
            .await,
    );
    let mut change = update("ANN", []);
    change.password = Some(hash(2));
    done(storage.apply(vec![Change::UpdateUser(change)]).await);

    let account = done(storage.account(ann.id()).await).unwrap();
    assert_eq!(Some(hash(2)), account.password);
    assert!(!account.user.properties.contains_key("password"));
    let read = user(&*storage, "ANN").await.unwrap();
    assert_eq!(Some(at(60)), read.updated);
    assert!(!read.properties.contains_key("password"));
}

pub async fn nobody_cannot_be_updated(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let change = update("NOBODY", [("name", "Ann".into())]);
    assert_refused(
        &Precondition::UserExists(id("NOBODY")),
        storage.apply(vec![Change::UpdateUser(change)]).await,
    );
    let change = Change::SetUserStatus {
        id: id("NOBODY"),
        status: UserStatus::Disabled,
        at: at(1),
    };
    assert_refused(
        &Precondition::UserExists(id("NOBODY")),
        storage.apply(vec![change]).await,
    );
}

pub async fn an_unknown_column_is_refused(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut odd = guest("ODD");
    odd.properties.insert("shoeSize".to_owned(), 43.into());
    let inserted = storage.apply(vec![insert(&odd)]).await;
    assert!(
        matches!(&inserted, Err(StorageError::UnknownColumn { table, column })
            if table == "Users" && column == "shoeSize"),
        "{inserted:?}"
    );
    assert_eq!(None, user(&*storage, "ODD").await);
}

pub async fn what_is_no_property_cannot_be_written_as_one(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    for column in [
        "password",
        "objectId",
        "ownerId",
        "created",
        "updated",
        "lastLogin",
        "userStatus",
    ] {
        let change = update("G", [(column, "x".into())]);
        let updated = storage.apply(vec![Change::UpdateUser(change)]).await;
        assert!(
            matches!(updated, Err(StorageError::UnknownColumn { .. })),
            "{column}: {updated:?}"
        );
    }
    assert_eq!(Some(guest("G")), user(&*storage, "G").await);
}

pub async fn a_value_of_a_wrong_type_is_refused(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    let change = update("G", [("name", 7.into())]);
    let updated = storage.apply(vec![Change::UpdateUser(change)]).await;

    assert!(
        matches!(updated, Err(StorageError::WrongType { .. })),
        "{updated:?}"
    );
    assert_eq!(Some(guest("G")), user(&*storage, "G").await);
}

pub async fn a_new_status_is_an_update(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("ANN", "ann@example.com"))])
            .await,
    );
    for status in [UserStatus::Disabled, UserStatus::Enabled] {
        let change = Change::SetUserStatus {
            id: id("ANN"),
            status,
            at: at(7),
        };
        done(storage.apply(vec![change]).await);
        let read = user(&*storage, "ANN").await.unwrap();
        assert_eq!(status, read.status);
        assert_eq!(Some(at(7)), read.updated);
    }
}

pub async fn a_login_is_no_update(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    let login = |user_id| Change::RecordLogin {
        id: id(user_id),
        at: at(5),
    };
    done(storage.apply(vec![login("G"), login("NOBODY")]).await);

    let read = user(&*storage, "G").await.unwrap();
    assert_eq!(Some(at(5)), read.last_login);
    assert_eq!(None, read.updated);
    assert_eq!(None, user(&*storage, "NOBODY").await);
}

pub async fn a_guest_that_registers_keeps_its_id_and_its_sessions(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let open = Change::OpenSession(session(1, "G"));
    done(storage.apply(vec![insert(&guest("G")), open]).await);
    let mut change = update("G", [("email", "g@example.com".into())]);
    change.password = Some(hash(1));
    let changes = vec![
        Change::Require(Precondition::UserStatusIs(id("G"), UserStatus::Guest)),
        Change::UpdateUser(change),
        Change::SetUserStatus {
            id: id("G"),
            status: UserStatus::Enabled,
            at: at(60),
        },
    ];
    done(storage.apply(changes).await);

    let account = done(storage.account_by_identity("g@example.com").await).unwrap();
    assert_eq!(&id("G"), account.user.id());
    assert_eq!(Some(hash(1)), account.password);
    let stored = done(storage.session(&selector(1)).await).unwrap();
    assert_eq!(session(1, "G"), stored.session);
    assert_eq!(UserStatus::Enabled, stored.user_status);
}
