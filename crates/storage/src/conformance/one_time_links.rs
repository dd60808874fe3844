use std::sync::Arc;

use vestibule_model::{LinkPurpose, OneTimeLink, UserStatus, VerifierHash};

use super::{Scratch, samples::*};
use crate::{Change, Precondition, Storage};

const PURPOSES: [LinkPurpose; 2] = [LinkPurpose::RestorePassword, LinkPurpose::ConfirmEmail];

/// A link that works up to the second of its number.
fn link(number: u8, user: &str, purpose: LinkPurpose) -> OneTimeLink {
    OneTimeLink {
        selector: selector(number),
        verifier_hash: VerifierHash::from_bytes([number; 32]),
        user_id: id(user),
        purpose,
        email: format!("{number}'\"%@example.com"),
        created: at(0),
        expires: at(i64::from(number)),
    }
}

fn put(link: &OneTimeLink) -> Change {
    Change::PutOneTimeLink(link.clone())
}

async fn with_users(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        insert(&registered("BEN", "ben@example.com")),
    ];
    done(storage.apply(changes).await);
    storage
}

async fn is_there(storage: &dyn Storage, link: &OneTimeLink) -> bool {
    let found = done(storage.one_time_link(&link.selector).await);
    let of_user = storage.one_time_link_of(&link.user_id, link.purpose);
    let of_user = done(of_user.await).filter(|other| other.selector == link.selector);
    assert_eq!(found, of_user);
    assert!(found.is_none() || found.as_ref() == Some(link), "{found:?}");
    found.is_some()
}

pub async fn a_link_is_read_as_it_was_made(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    for (number, purpose) in [1, 2].into_iter().zip(PURPOSES) {
        let link = link(number, "ANN", purpose);
        assert!(!is_there(&*storage, &link).await);
        done(storage.apply(vec![put(&link)]).await);
        assert!(is_there(&*storage, &link).await);
        let ben = id("BEN");
        let of_ben = storage.one_time_link_of(&ben, purpose).await;
        assert_eq!(None, done(of_ben));
    }
    assert_eq!(None, done(storage.one_time_link(&selector(3)).await));
}

pub async fn a_new_link_takes_the_place_of_the_old_one(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    let old = link(1, "ANN", LinkPurpose::RestorePassword);
    let others = [
        link(2, "ANN", LinkPurpose::ConfirmEmail),
        link(3, "BEN", LinkPurpose::RestorePassword),
    ];
    let new = link(4, "ANN", LinkPurpose::RestorePassword);
    let changes = [&old, &others[0], &others[1], &new].map(put);
    done(storage.apply(changes.to_vec()).await);
    assert!(!is_there(&*storage, &old).await);
    for link in [&others[0], &others[1], &new] {
        assert!(is_there(&*storage, link).await, "{link:?}");
    }
    done(storage.apply(vec![put(&new)]).await);
    assert!(is_there(&*storage, &new).await);
}

pub async fn links_are_removed_by_user_and_purpose(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    let links = [
        link(1, "ANN", LinkPurpose::RestorePassword),
        link(2, "ANN", LinkPurpose::ConfirmEmail),
        link(3, "BEN", LinkPurpose::RestorePassword),
    ];
    done(storage.apply(links.iter().map(put).collect()).await);
    let remove = |user: &str| Change::RemoveOneTimeLinks {
        user_id: id(user),
        purpose: LinkPurpose::RestorePassword,
    };
    let removes = vec![remove("ANN"), remove("ANN"), remove("NOBODY")];
    done(storage.apply(removes).await);
    assert!(!is_there(&*storage, &links[0]).await);
    assert!(is_there(&*storage, &links[1]).await);
    assert!(is_there(&*storage, &links[2]).await);
}

pub async fn a_link_works_up_to_its_last_moment(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    let links = [
        link(5, "ANN", LinkPurpose::RestorePassword),
        link(6, "ANN", LinkPurpose::ConfirmEmail),
        link(7, "BEN", LinkPurpose::ConfirmEmail),
    ];
    done(storage.apply(links.iter().map(put).collect()).await);
    let expire = Change::RemoveExpiredOneTimeLinks { now: at(6) };
    done(storage.apply(vec![expire]).await);
    assert!(!is_there(&*storage, &links[0]).await);
    assert!(is_there(&*storage, &links[1]).await);
    assert!(is_there(&*storage, &links[2]).await);
}

pub async fn of_two_who_use_a_link_one_wins(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    let link = link(1, "ANN", LinkPurpose::RestorePassword);
    let exists = Precondition::OneTimeLinkExists(link.selector);
    let redeem = || {
        vec![
            Change::Require(exists.clone()),
            Change::RemoveOneTimeLinks {
                user_id: id("ANN"),
                purpose: LinkPurpose::RestorePassword,
            },
        ]
    };
    assert_refused(&exists, storage.apply(redeem()).await);
    done(storage.apply(vec![put(&link)]).await);
    let (one, other) = tokio::join!(storage.apply(redeem()), storage.apply(redeem()));
    let (won, lost) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    done(won);
    assert_refused(&exists, lost);
}

pub async fn a_link_needs_its_user_and_goes_with_it(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    let exists = Precondition::UserExists(id("NOBODY"));
    let of_nobody = put(&link(1, "NOBODY", LinkPurpose::ConfirmEmail));
    assert_refused(&exists, storage.apply(vec![of_nobody]).await);
    let links = [
        link(1, "ANN", LinkPurpose::ConfirmEmail),
        link(2, "BEN", LinkPurpose::ConfirmEmail),
    ];
    done(storage.apply(links.iter().map(put).collect()).await);
    let remove = Change::RemoveUser { id: id("ANN") };
    done(storage.apply(vec![remove]).await);
    assert!(!is_there(&*storage, &links[0]).await);
    assert!(is_there(&*storage, &links[1]).await);
}

pub async fn whoever_confirms_the_address_is_enabled(scratch: &dyn Scratch) {
    let storage = with_users(scratch).await;
    let set = |status, second| Change::SetUserStatus {
        id: id("ANN"),
        status,
        at: at(second),
    };
    let confirm = |user: &str, second| Change::ConfirmEmail {
        id: id(user),
        at: at(second),
    };
    let pending = UserStatus::EmailConfirmationPending;
    let changes = vec![set(pending, 1), confirm("ANN", 2)];
    done(storage.apply(changes).await);
    let ann = user(&*storage, "ANN").await.unwrap();
    assert_eq!(
        (UserStatus::Enabled, Some(at(2))),
        (ann.status, ann.updated)
    );
    for status in [UserStatus::Enabled, UserStatus::Disabled, UserStatus::Guest] {
        let change = vec![set(status, 3)];
        done(storage.apply(change).await);
        let is_pending = Precondition::UserStatusIs(id("ANN"), pending);
        assert_refused(&is_pending, storage.apply(vec![confirm("ANN", 4)]).await);
        let ann = user(&*storage, "ANN").await.unwrap();
        assert_eq!((status, Some(at(3))), (ann.status, ann.updated));
    }
    let is_pending = Precondition::UserStatusIs(id("NOBODY"), pending);
    let nobody = storage.apply(vec![confirm("NOBODY", 4)]).await;
    assert_refused(&is_pending, nobody);
}
