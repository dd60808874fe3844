use vestibule_model::{Timestamp, UserStatus};

use super::{Scratch, leaving::*, samples::*};
use crate::{
    Change, Expiry, GonePlace, GoneQuery, GuestCounts, Precondition, Storage, StorageError,
};

pub async fn who_was_not_used_for_too_long_is_gone_the_longest_unused_first(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for (number, name) in [(5, "A"), (3, "B"), (9, "C"), (4, "D")] {
        done(storage.apply(login(number, name)).await);
    }
    assert!(gone(&*storage, unused_since(2)).await.is_empty());
    assert_eq!(["B"], *gone(&*storage, unused_since(3)).await);
    assert_eq!(["B", "D", "A"], *gone(&*storage, unused_since(8)).await);
    let used = Change::RecordActivity(vec![(key(3), active(9))]);
    done(storage.apply(vec![used]).await);
    assert_eq!(["D", "A"], *gone(&*storage, unused_since(8)).await);
}

pub async fn who_began_too_long_ago_is_gone_however_much_it_is_used(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for (number, name, second) in [(50, "A", 3), (51, "B", 9), (52, "C", 1)] {
        let changes = vec![insert(&guest(name)), begin(number, name, second)];
        done(storage.apply(changes).await);
    }
    assert!(gone(&*storage, begun_by(0)).await.is_empty());
    assert_eq!(["C"], *gone(&*storage, begun_by(1)).await);
    assert_eq!(["C", "A"], *gone(&*storage, begun_by(8)).await);
}

pub async fn one_session_that_lives_is_enough(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "G");
    changes.extend([open(2, "G"), begin(20, "G", 20)]);
    done(storage.apply(changes).await);
    assert!(gone(&*storage, unused_since(19)).await.is_empty());
    assert!(gone(&*storage, begun_by(19)).await.is_empty());
    assert_eq!(["G"], *gone(&*storage, unused_since(20)).await);
    assert_eq!(["G"], *gone(&*storage, begun_by(20)).await);
}

pub async fn a_guest_comes_once_whatever_its_sessions_died_of(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "A");
    changes.extend([open(2, "A"), begin(50, "A", 1), begin(51, "A", 2)]);
    changes.extend(login(3, "B"));
    changes.extend([insert(&guest("C")), begin(52, "C", 1), begin(53, "C", 3)]);
    changes.extend([insert(&guest("D"))]);
    done(storage.apply(changes).await);
    let both = Expiry {
        last_used: Some(active(10)),
        created: Some(at(10)),
    };
    assert_eq!(["D", "A", "B", "C"], *gone(&*storage, both).await);
}

pub async fn a_page_is_never_more_work_than_was_asked_for(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let ann = registered("ANN", "ann@example.com");
    let mut changes = vec![insert(&ann)];
    changes.extend((1..=10).map(|number| open(number, "ANN")));
    changes.extend(login(11, "G"));
    done(storage.apply(changes).await);
    let mut query = query(unused_since(20), 4, None);
    let mut pages = Vec::new();
    loop {
        let page = done(storage.gone_guests(&query).await);
        pages.push(page.guests.len());
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let at_work: Vec<_> = pages.into_iter().skip_while(|found| *found == 0).collect();
    assert_eq!([1], *at_work, "and before it, pages without a guest");
}

pub async fn whoever_dies_later_comes_behind_the_place_of_a_page(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for (number, name) in [(1, "A"), (2, "B"), (3, "C")] {
        done(storage.apply(login(number, name)).await);
    }
    let place = GonePlace::Unused(Some((active(2), key(2))));
    let from = |since| query(unused_since(since), 10, Some(place.clone()));
    assert!(gone_in_pages(&*storage, &from(2)).await.is_empty());
    assert_eq!(["C"], *gone_in_pages(&*storage, &from(3)).await);
    let used = Change::RecordActivity(vec![(key(1), active(4))]);
    done(storage.apply(vec![used]).await);
    assert_eq!(["C", "A"], *gone_in_pages(&*storage, &from(4)).await);
}

pub async fn a_place_is_good_whatever_ends_sessions_by_now(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "A");
    changes.push(insert(&guest("B")));
    done(storage.apply(changes).await);
    let from = |expiry, place| query(expiry, 10, Some(place));
    let unused = GonePlace::Unused(None);
    let found = gone_in_pages(&*storage, &from(begun_by(5), unused)).await;
    assert_eq!(["A"], *found);
    let old = GonePlace::Old(None);
    let found = gone_in_pages(&*storage, &from(unused_since(5), old)).await;
    assert!(found.is_empty());
    let departed = GonePlace::Departed(id("A"));
    let found = gone_in_pages(&*storage, &from(Expiry::default(), departed)).await;
    assert_eq!(["B"], *found);
}

pub async fn who_is_kept_is_not_gone_before_its_time(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "A");
    changes.extend(login(2, "B"));
    changes.extend([insert(&guest("C")), insert(&guest("D"))]);
    changes.extend([keep("A", 10), keep("C", 20), keep("A", 15)]);
    done(storage.apply(changes).await);
    for (now, expected) in [
        (14, &["D", "B"][..]),
        (15, &["D", "A", "B"]),
        (19, &["D", "A", "B"]),
        (20, &["C", "D", "A", "B"]),
    ] {
        let query = GoneQuery {
            now: at(now),
            ..query(unused_since(5), 10, None)
        };
        assert_eq!(*expected, *gone_in_pages(&*storage, &query).await);
    }
}

pub async fn those_who_are_kept_come_by_ascending_id(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert!(kept(&*storage).await.is_empty());
    let ann = insert(&registered("ANN", "ann@example.com"));
    let mut changes = vec![ann, insert(&guest("G")), insert(&guest("H"))];
    changes.extend([keep("H", 5), keep("G", 7)]);
    changes.extend([keep("ANN", 5), keep("NOBODY", 5)]);
    done(storage.apply(changes).await);
    let both = [("G".to_owned(), at(7)), ("H".to_owned(), at(5))];
    assert_eq!(both, *kept(&*storage).await);
    let first = done(storage.kept_guests(None, 1).await);
    assert_eq!([(id("G"), at(7))], *first);
    let second = done(storage.kept_guests(Some(&id("G")), 1).await);
    assert_eq!([(id("H"), at(5))], *second);
}

pub async fn who_registers_or_is_removed_is_kept_no_longer(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = vec![insert(&guest("G")), insert(&guest("H"))];
    changes.extend([keep("G", 5), keep("H", 5)]);
    changes.push(status("G", UserStatus::Enabled));
    changes.push(Change::RemoveUser { id: id("H") });
    done(storage.apply(changes).await);
    assert!(kept(&*storage).await.is_empty());
}

pub async fn that_a_guest_is_gone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let ann = registered("ANN", "ann@example.com");
    let mut changes = login(5, "G");
    changes.extend([insert(&ann), open(1, "ANN"), insert(&guest("H"))]);
    changes.extend([insert(&guest("KEPT")), keep("KEPT", 10)]);
    done(storage.apply(changes).await);
    let unused = |name, since| gone_at(name, unused_since(since), 0);
    holds(&*storage, unused("G", 5)).await;
    fails(&*storage, unused("G", 4)).await;
    holds(&*storage, gone_at("G", begun_by(5), 0)).await;
    fails(&*storage, gone_at("G", begun_by(4), 0)).await;
    fails(&*storage, gone_at("G", Expiry::default(), 0)).await;
    holds(&*storage, gone_at("H", Expiry::default(), 0)).await;
    fails(&*storage, unused("ANN", 5)).await;
    fails(&*storage, unused("NOBODY", 5)).await;
    fails(&*storage, gone_at("KEPT", Expiry::default(), 9)).await;
    holds(&*storage, gone_at("KEPT", Expiry::default(), 10)).await;
}

pub async fn whatever_comes_before_the_removal_wins(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut changes = login(1, "G");
    changes.extend(login(2, "H"));
    done(storage.apply(changes).await);
    let remove = |name, before: Vec<Change>| {
        let gone = gone_at(name, unused_since(5), 0);
        let mut changes = before;
        changes.push(Change::Require(gone.clone()));
        changes.push(Change::RemoveUser { id: id(name) });
        (gone, changes)
    };
    let touch = Change::RecordActivity(vec![(key(1), active(6))]);
    for before in [
        touch,
        open(9, "G"),
        status("G", UserStatus::Enabled),
        keep("G", 1),
    ] {
        let (gone, changes) = remove("G", vec![before]);
        assert_refused(&gone, storage.apply(changes).await);
    }
    let (_, changes) = remove("G", Vec::new());
    assert_eq!([key(1)], *done(storage.apply(changes).await).ended);
    assert_eq!(None, user(&*storage, "G").await);
    assert_eq!(["H"], *gone(&*storage, unused_since(5)).await);
}

pub async fn of_a_conversion_and_a_removal_exactly_one_wins(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for round in 0..20 {
        let name = format!("G{round}");
        done(storage.apply(login(round, &name)).await);
        let convert = vec![
            Change::Require(Precondition::UserStatusIs(id(&name), UserStatus::Guest)),
            status(&name, UserStatus::Enabled),
        ];
        let remove = vec![
            Change::Require(gone_at(&name, unused_since(100), 0)),
            Change::RemoveUser { id: id(&name) },
        ];
        let (converted, removed) = tokio::join!(storage.apply(convert), storage.apply(remove));
        let stored = user(&*storage, &name).await;
        match (converted, removed) {
            (Ok(_), Err(StorageError::Refused { .. })) => {
                assert_eq!(UserStatus::Enabled, stored.unwrap().status);
            }
            (Err(StorageError::Refused { .. }), Ok(_)) => assert_eq!(None, stored),
            other => panic!("{other:?}"),
        }
    }
}

pub async fn guests_are_counted(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let none = done(storage.guest_counts(&unused_since(5), at(0)).await);
    assert_eq!(GuestCounts::default(), none);
    let mut changes = vec![insert(&registered("ANN", "ann@example.com"))];
    changes.push(open(1, "ANN"));
    for (number, name) in [(2, "A"), (3, "B"), (8, "C"), (9, "D"), (10, "E")] {
        changes.extend(login(number, name));
    }
    changes.extend([open(4, "A"), open(5, "E"), insert(&guest("F"))]);
    changes.extend([keep("A", 5), keep("C", 5)]);
    done(storage.apply(changes).await);
    let counts = done(storage.guest_counts(&unused_since(5), at(4)).await);
    let expected = GuestCounts {
        all: 6,
        live: 3,
        gone: 2,
        kept: 1,
    };
    assert_eq!(expected, counts);
    let later = done(storage.guest_counts(&unused_since(5), at(5)).await);
    assert_eq!((3, 0), (later.gone, later.kept));
}

fn keep(name: &str, until: i64) -> Change {
    Change::KeepGuest {
        id: id(name),
        until: at(until),
    }
}

fn gone_at(name: &str, expiry: Expiry, now: i64) -> Precondition {
    Precondition::GuestIsGone {
        id: id(name),
        expiry,
        now: at(now),
    }
}

async fn kept(storage: &dyn Storage) -> Vec<(String, Timestamp)> {
    let kept = done(storage.kept_guests(None, 100).await);
    let named = kept.into_iter().map(|(id, until)| (id.to_string(), until));
    named.collect()
}

async fn holds(storage: &dyn Storage, precondition: Precondition) {
    done(storage.apply(vec![Change::Require(precondition)]).await);
}

async fn fails(storage: &dyn Storage, precondition: Precondition) {
    let change = Change::Require(precondition.clone());
    assert_refused(&precondition, storage.apply(vec![change]).await);
}
