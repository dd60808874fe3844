use super::{Scratch, samples::*};
use crate::{Change, Constraint};

pub async fn an_identity_is_found_whatever_the_case_of_its_ascii_letters(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("ANN", "Ann@Example.com"))])
            .await,
    );
    for spelling in ["Ann@Example.com", "ann@example.com", "ANN@EXAMPLE.COM"] {
        let account = done(storage.account_by_identity(spelling).await).unwrap();
        assert_eq!(Some("Ann@Example.com"), account.user.email());
    }
    for other in [
        "ann@example.co",
        " ann@example.com",
        "ann%",
        "%",
        "_nn@example.com",
    ] {
        let account = done(storage.account_by_identity(other).await);
        assert!(account.is_none(), "{other} was found");
    }
}

pub async fn letters_beyond_ascii_keep_their_case(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&registered("SMALL", "zoë@example.com")),
        insert(&registered("LARGE", "zoË@example.com")),
    ];
    done(storage.apply(changes).await);

    let small = done(storage.account_by_identity("ZOë@example.com").await).unwrap();
    let large = done(storage.account_by_identity("ZOË@example.com").await).unwrap();
    assert_eq!(&id("SMALL"), small.user.id());
    assert_eq!(&id("LARGE"), large.user.id());
}

pub async fn an_identity_can_be_taken_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("ANN", "ann@example.com"))])
            .await,
    );
    let second = insert(&registered("EVE", "ANN@example.com"));
    assert_conflict(&Constraint::Identity, storage.apply(vec![second]).await);
    assert_eq!(None, user(&*storage, "EVE").await);
}

pub async fn any_number_of_guests_have_none(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for number in 0..3 {
        let name = format!("G{number}");
        done(storage.apply(vec![insert(&guest(&name))]).await);
        assert_eq!(Some(guest(&name)), user(&*storage, &name).await);
    }
}

pub async fn an_update_cannot_take_the_identity_of_another(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        insert(&guest("G")),
    ];
    done(storage.apply(changes).await);
    let taking = || {
        let properties = [("email", "Ann@example.com".into()), ("name", "Eve".into())];
        Change::UpdateUser(update("G", properties))
    };
    assert_conflict(&Constraint::Identity, storage.apply(vec![taking()]).await);
    assert_eq!(Some(guest("G")), user(&*storage, "G").await);
}

pub async fn an_update_may_change_the_case_of_the_own_identity(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("ANN", "ann@example.com"))])
            .await,
    );
    let change = update("ANN", [("email", "Ann@Example.com".into())]);
    done(storage.apply(vec![Change::UpdateUser(change)]).await);

    let account = done(storage.account_by_identity("ann@example.com").await).unwrap();
    assert_eq!(Some("Ann@Example.com"), account.user.email());
}

pub async fn a_removed_user_gives_the_identity_back(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&registered("OLD", "ann@example.com"))])
            .await,
    );
    let changes = vec![
        Change::RemoveUser { id: id("OLD") },
        insert(&registered("NEW", "ann@example.com")),
    ];
    done(storage.apply(changes).await);

    let account = done(storage.account_by_identity("ann@example.com").await).unwrap();
    assert_eq!(&id("NEW"), account.user.id());
}

pub async fn an_object_id_can_be_taken_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let first = registered("ANN", "ann@example.com");
    done(storage.apply(vec![insert(&first)]).await);
    let second = insert(&registered("ANN", "eve@example.com"));
    assert_conflict(
        &Constraint::ObjectId(id("ANN")),
        storage.apply(vec![second]).await,
    );
    assert_eq!(Some(first), user(&*storage, "ANN").await);
}
