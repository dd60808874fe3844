use vestibule_model::ManualClock;
use vestibule_storage::ActivityHistory;

use super::*;

fn memory() -> SessionMemory {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::default()));
    let activity = ActivityClock::resume(Arc::clone(&clock), ActivityHistory::default());
    SessionMemory::new(clock, activity)
}

fn session() -> Session {
    Session {
        selector: Selector::from_bytes([7; 16]),
        verifier_hash: VerifierHash::from_bytes([7; 32]),
        user_id: ObjectId::parse("U").unwrap(),
        created: Timestamp::default(),
        last_used: ActivityTime::default(),
    }
}

#[test]
fn what_was_opened_while_roles_changed_is_read_from_its_row() {
    let (memory, session) = (memory(), session());
    let generation = memory.generation(&session.selector);
    memory.forget_users(&HashSet::from([session.user_id.clone()]));
    memory.insert_opened(Live::new(&session, UserStatus::Enabled), generation);
    assert_eq!(0, memory.len(), "the user was given a role meanwhile");

    let generation = memory.generation(&session.selector);
    memory.forget_role("Support");
    memory.insert_opened(Live::new(&session, UserStatus::Enabled), generation);
    assert_eq!(0, memory.len(), "a role was removed meanwhile");
}

#[test]
fn where_there_are_roles_only_guests_are_known_without_a_read() {
    let (memory, session) = (memory(), session());
    let opened = |status| {
        let generation = memory.generation(&session.selector);
        memory.insert_opened(Live::new(&session, status), generation);
        let is_known = memory.len() == 1;
        memory.forget(&[session.selector]);
        is_known
    };
    assert!(opened(UserStatus::Enabled) && opened(UserStatus::Guest));
    memory.expect_roles();
    assert!(!opened(UserStatus::Enabled) && opened(UserStatus::Guest));
}
