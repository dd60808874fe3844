use vestibule_model::{Actor, AuditRecord, KeyKind, USERS, UserStatus};

use super::{Scratch, samples::*};
use crate::{
    ActivityHistory, Applied, Change, Constraint, CountQuery, FailedLogins, Precondition, Storage,
    Visibility,
};

pub async fn a_refused_last_change_undoes_all(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    prepare(&*storage).await;
    let refused = Precondition::UserExists(id("NOBODY"));
    let mut changes = one_of_each();
    changes.push(Change::Require(refused.clone()));
    assert_refused(&refused, storage.apply(changes).await);
    assert_untouched(&*storage).await;
}

pub async fn a_conflict_in_the_last_change_undoes_all(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    prepare(&*storage).await;
    let mut changes = one_of_each();
    changes.push(insert(&registered("EVE", "new@example.com")));
    assert_conflict(&Constraint::Identity, storage.apply(changes).await);
    assert_untouched(&*storage).await;

    done(storage.apply(one_of_each()).await);
    assert!(user(&*storage, "NEW").await.is_some(), "they do work alone");
}

pub async fn changes_take_effect_in_their_order(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("A")),
        Change::OpenSession(session(1, "A")),
        Change::RemoveUser { id: id("A") },
        insert(&guest("B")),
        Change::OpenSession(session(1, "B")),
    ];
    let applied = done(storage.apply(changes).await);
    assert_eq!(vec![selector(1)], applied.ended);
    assert_eq!(None, user(&*storage, "A").await);
    assert_eq!(vec![selector(1)], selectors_of(&*storage, "B").await);
}

pub async fn no_changes_are_made_at_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert_eq!(Applied::default(), done(storage.apply(Vec::new()).await));
    let nothing = vec![
        Change::EndSessions(Vec::new()),
        Change::RecordActivity(Vec::new()),
        Change::PutSettings(Vec::new()),
    ];
    assert_eq!(Applied::default(), done(storage.apply(nothing).await));
}

async fn prepare(storage: &dyn Storage) {
    let changes = vec![
        insert(&guest("G")),
        insert(&guest("H")),
        Change::OpenSession(session(1, "G")),
        Change::OpenSession(session(2, "G")),
        Change::OpenSession(session(3, "H")),
    ];
    done(storage.apply(changes).await);
}

/// A step that leaves nothing of [`prepare`] as it was.
fn one_of_each() -> Vec<Change> {
    vec![
        insert(&registered("NEW", "new@example.com")),
        Change::UpdateUser(update("G", [("name", "changed".into())])),
        Change::SetUserStatus {
            id: id("G"),
            status: UserStatus::Disabled,
            at: at(1),
        },
        Change::RecordLogin {
            id: id("G"),
            at: at(1),
        },
        Change::CountFailedLogin {
            user_id: id("G"),
            at: active(1),
            since: active(0),
        },
        Change::OpenSession(session(4, "NEW")),
        Change::EndSessions(vec![selector(1)]),
        Change::RecordActivity(vec![(selector(2), active(90))]),
        Change::RemoveUser { id: id("H") },
        beat(90),
        Change::RecordStart(active(90)),
        Change::Audit(AuditRecord {
            at: at(1),
            actor: Actor::Admin,
            action: "test".to_owned(),
            subject: None,
            caller: None,
        }),
        Change::PutAppId("app".to_owned()),
        Change::PutAdminTokenHash([1; 32]),
        Change::PutKey {
            kind: KeyKind::Js,
            key: "key".to_owned(),
        },
        Change::PutSettings(vec![("login.enabled".to_owned(), false.into())]),
    ]
}

async fn assert_untouched(storage: &dyn Storage) {
    assert_eq!(Some(guest("G")), user(storage, "G").await);
    assert_eq!(Some(guest("H")), user(storage, "H").await);
    let everybody = CountQuery {
        table: USERS.to_owned(),
        condition: None,
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    assert_eq!(2, done(storage.count(&everybody).await));
    let expected = vec![session(1, "G"), session(2, "G")];
    assert_eq!(expected, done(storage.sessions_of(&id("G")).await));
    assert_eq!(vec![selector(3)], selectors_of(storage, "H").await);
    let account = done(storage.account(&id("G")).await).unwrap();
    assert_eq!(FailedLogins::default(), account.failed_logins);
    let history = done(storage.activity_history().await);
    assert_eq!(ActivityHistory::default(), history);
    assert!(done(storage.audit(0, 10).await).is_empty());
    assert_eq!(None, done(storage.app().await));
    assert!(done(storage.settings().await).is_empty());
}
