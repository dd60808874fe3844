use vestibule_model::{ActivityTime, UserStatus};

use super::{Scratch, samples::*};
use crate::{ActivityHistory, Change, Constraint, Expiry, Precondition, Storage, StoredSession};

pub async fn a_session_is_read_with_the_status_of_its_user(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let open = Change::OpenSession(session(1, "G"));
    done(storage.apply(vec![insert(&guest("G")), open]).await);
    for status in [
        UserStatus::Guest,
        UserStatus::Enabled,
        UserStatus::Disabled,
        UserStatus::EmailConfirmationPending,
    ] {
        let change = Change::SetUserStatus {
            id: id("G"),
            status,
            at: at(1),
        };
        done(storage.apply(vec![change]).await);
        let expected = StoredSession {
            user_roles: Vec::new(),
            session: session(1, "G"),
            user_status: status,
        };
        assert_eq!(Some(expected), done(storage.session(&selector(1)).await));
    }
}

pub async fn an_unknown_session_is_none(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let open = Change::OpenSession(session(1, "G"));
    done(storage.apply(vec![insert(&guest("G")), open]).await);
    assert_eq!(None, done(storage.session(&selector(2)).await));
    assert!(selectors_of(&*storage, "NOBODY").await.is_empty());
}

pub async fn the_sessions_of_a_user_come_in_ascending_order(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("G")),
        insert(&guest("OTHER")),
        Change::OpenSession(session(200, "G")),
        Change::OpenSession(session(1, "G")),
        Change::OpenSession(session(3, "OTHER")),
        Change::OpenSession(session(7, "G")),
    ];
    done(storage.apply(changes).await);
    let expected = vec![session(1, "G"), session(7, "G"), session(200, "G")];
    assert_eq!(expected, done(storage.sessions_of(&id("G")).await));
}

pub async fn a_session_needs_its_user(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let open = || Change::OpenSession(session(1, "NOBODY"));
    let exists = Precondition::UserExists(id("NOBODY"));
    assert_refused(&exists, storage.apply(vec![open()]).await);
    let gone = vec![
        insert(&guest("NOBODY")),
        Change::RemoveUser { id: id("NOBODY") },
        open(),
    ];
    assert_refused(&exists, storage.apply(gone).await);
    assert_eq!(None, done(storage.session(&selector(1)).await));
}

pub async fn a_selector_can_be_used_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let open = |user_id| Change::OpenSession(session(1, user_id));
    let changes = vec![insert(&guest("G")), insert(&guest("H")), open("G")];
    done(storage.apply(changes).await);
    let unique = Constraint::Unique {
        table: "vestibule_session".to_owned(),
        column: "selector".to_owned(),
    };
    assert_conflict(&unique, storage.apply(vec![open("H")]).await);
    let stored = done(storage.session(&selector(1)).await).unwrap();
    assert_eq!(id("G"), stored.session.user_id);
}

pub async fn ended_sessions_are_gone_and_unknown_ones_do_not_matter(scratch: &dyn Scratch) {
    let storage = with_sessions(scratch, [1, 2, 3]).await;
    let end = Change::EndSessions(vec![selector(1), selector(9), selector(3), selector(1)]);
    let ended = done(storage.apply(vec![end]).await);

    assert!(ended.ended.is_empty(), "the caller knows these");
    assert_eq!(vec![selector(2)], selectors_of(&*storage, "G").await);
    assert_eq!(None, done(storage.session(&selector(1)).await));
}

pub async fn of_dead_sessions_none_ends_that_was_used_meanwhile_or_is_a_guests(
    scratch: &dyn Scratch,
) {
    let storage = with_sessions(scratch, [1]).await;
    let enabled = Change::SetUserStatus {
        id: id("USER"),
        status: UserStatus::Enabled,
        at: at(1),
    };
    let mut changes = vec![insert(&guest("USER"))];
    changes.extend([2, 3, 4].map(|number| Change::OpenSession(session(number, "USER"))));
    changes.push(enabled);
    let used = vec![(selector(2), active(100)), (selector(3), active(101))];
    changes.push(Change::RecordActivity(used));
    done(storage.apply(changes).await);
    let end = |last_used: Option<i64>, created: Option<i64>| Change::EndDeadSessions {
        selectors: [9, 4, 3, 2, 1].map(selector).to_vec(),
        expiry: Expiry {
            last_used: last_used.map(active),
            created: created.map(at),
        },
    };
    let none = done(storage.apply(vec![end(None, None)]).await).ended;
    assert!(none.is_empty(), "nothing ends a session by itself");
    let unused = done(storage.apply(vec![end(Some(100), None)]).await).ended;
    assert_eq!(vec![selector(2), selector(4)], unused);
    let old = done(storage.apply(vec![end(Some(100), Some(1_000_000))]).await).ended;
    assert_eq!(vec![selector(3)], old);
    assert_eq!(vec![selector(1)], selectors_of(&*storage, "G").await);
}

pub async fn ending_all_but_one_says_which_ended(scratch: &dyn Scratch) {
    let storage = with_sessions(scratch, [3, 1, 2]).await;
    let other = vec![
        insert(&guest("OTHER")),
        Change::OpenSession(session(4, "OTHER")),
    ];
    done(storage.apply(other).await);
    let end = |except| Change::EndSessionsOf {
        user_id: id("G"),
        except,
    };
    let ended = done(storage.apply(vec![end(Some(selector(2)))]).await).ended;
    assert_eq!(vec![selector(1), selector(3)], ended);
    assert_eq!(vec![selector(2)], selectors_of(&*storage, "G").await);

    let ended = done(storage.apply(vec![end(Some(selector(9)))]).await).ended;
    assert_eq!(vec![selector(2)], ended);
    let ended = done(storage.apply(vec![end(None)]).await).ended;
    assert!(ended.is_empty(), "there were none left");
    assert_eq!(vec![selector(4)], selectors_of(&*storage, "OTHER").await);
}

pub async fn activity_never_goes_back(scratch: &dyn Scratch) {
    let storage = with_sessions(scratch, [1, 2]).await;
    let used = |first, second| {
        let times = vec![(selector(1), active(first)), (selector(2), active(second))];
        Change::RecordActivity(times)
    };
    done(storage.apply(vec![used(50, 60)]).await);
    done(storage.apply(vec![used(70, 55)]).await);

    assert_eq!(active(70), last_used(&*storage, 1).await);
    assert_eq!(active(60), last_used(&*storage, 2).await);
}

pub async fn activity_does_not_revive_an_ended_session(scratch: &dyn Scratch) {
    let storage = with_sessions(scratch, [1, 2]).await;
    done(
        storage
            .apply(vec![Change::EndSessions(vec![selector(1)])])
            .await,
    );
    let times = vec![(selector(1), active(50)), (selector(2), active(50))];
    done(storage.apply(vec![Change::RecordActivity(times)]).await);

    assert_eq!(None, done(storage.session(&selector(1)).await));
    assert_eq!(active(50), last_used(&*storage, 2).await);
}

pub async fn the_heartbeat_never_goes_back(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let history = done(storage.activity_history().await);
    assert_eq!(ActivityHistory::default(), history);
    for (moment, expected) in [(5, 5), (9, 9), (7, 9), (9, 9), (10, 10)] {
        done(storage.apply(vec![beat(moment)]).await);
        let history = done(storage.activity_history().await);
        assert_eq!(active(expected), history.heartbeat);
        assert_eq!(at(expected), history.wall);
        assert!(history.starts.is_empty());
    }
}

pub async fn starts_come_in_ascending_order_and_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for start in [0, 20, 10, 20] {
        done(
            storage
                .apply(vec![Change::RecordStart(active(start))])
                .await,
        );
    }
    done(storage.apply(vec![beat(30)]).await);
    let expected = ActivityHistory {
        heartbeat: active(30),
        wall: at(30),
        starts: vec![active(0), active(10), active(20)],
    };
    assert_eq!(expected, done(storage.activity_history().await));
}

/// A database with the guest `G` and these sessions of it.
async fn with_sessions<const N: usize>(
    scratch: &dyn Scratch,
    numbers: [u8; N],
) -> std::sync::Arc<dyn Storage> {
    let storage = scratch.open().await;
    let opened = numbers.map(|number| Change::OpenSession(session(number, "G")));
    let changes = [insert(&guest("G"))].into_iter().chain(opened);
    done(storage.apply(changes.collect()).await);
    storage
}

async fn last_used(storage: &dyn Storage, number: u8) -> ActivityTime {
    let stored = done(storage.session(&selector(number)).await).unwrap();
    stored.session.last_used
}
