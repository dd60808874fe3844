use vestibule_model::{ManualClock, Profile, Settings};
use vestibule_storage::ActivityHistory;

use super::*;

fn memory() -> SessionMemory {
    memory_by(&ManualClock::at(Timestamp::default()), false)
}

fn memory_by(clock: &ManualClock, has_neighbours: bool) -> SessionMemory {
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let activity = ActivityClock::resume(Arc::clone(&clock), ActivityHistory::default());
    SessionMemory::new(clock, activity, has_neighbours)
}

/// A memory beside others that has one session in it, and a clock that shows a second.
fn beside_others() -> (SessionMemory, Arc<Live>) {
    let clock = ManualClock::at(Timestamp::default());
    let memory = memory_by(&clock, true);
    let live = memory.take_in(Live::new(&session(), UserStatus::Enabled));
    clock.advance(Duration::from_secs(1));
    (memory, live)
}

fn at(millis: i64) -> ActivityTime {
    ActivityTime::from_millis(millis)
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
    memory.forget_users(&BTreeSet::from([session.user_id.clone()]));
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

#[test]
fn a_use_that_comes_while_others_change_the_session_is_written_down() {
    let (memory, live) = beside_others();
    let selector = session().selector;
    memory.touch(&live);
    memory.forget(&[selector]);
    assert_eq!(vec![(selector, at(1000))], memory.take_unsaved());

    // The token was checked before the session was forgotten, and the use is noted after it.
    let (memory, live) = beside_others();
    memory.forget_all();
    memory.touch(&live);
    let unsaved = memory.take_unsaved();
    assert_eq!(vec![(selector, at(1000))], unsaved);
    assert_eq!(0, memory.take_unsaved().len());

    memory.put_back_unsaved(&unsaved);
    assert_eq!(unsaved, memory.take_unsaved());
}

#[test]
fn of_two_last_uses_the_later_one_counts_whoever_knows_it() {
    let (memory, live) = beside_others();
    let read = |last_used, status| {
        let last_used = at(last_used);
        let row = Session {
            last_used,
            ..session()
        };
        memory.take_in(Live::new(&row, status))
    };
    assert_eq!(at(500), read(500, UserStatus::Enabled).last_used());
    memory.touch(&live);
    let disabled = read(700, UserStatus::Disabled);
    assert_eq!(UserStatus::Disabled, disabled.status);
    assert_eq!(at(1000), disabled.last_used());
    let known = memory.live.get(&session().selector).unwrap();
    assert_eq!(UserStatus::Disabled, known.status);
    // The use before is still to be written down.
    assert_eq!(vec![(session().selector, at(1000))], memory.take_unsaved());
}

#[test]
fn others_have_two_flushes_to_write_down_what_they_saw() {
    let settings = |seconds| SessionSettings {
        inactivity_timeout_seconds: seconds,
        ..Settings::of(Profile::Strict).sessions
    };
    let beside_others = memory_by(&ManualClock::at(Timestamp::default()), true);
    let timeout = |memory: &SessionMemory, seconds| {
        let timeout = memory.timeout(&settings(seconds));
        timeout.map(|timeout| timeout.as_millis())
    };
    assert_eq!(Some(3_610_000), timeout(&beside_others, 3600));
    assert_eq!(Some(6_000), timeout(&beside_others, 4));
    assert_eq!(None, timeout(&beside_others, 0));
    assert_eq!(Some(4_000), timeout(&memory(), 4));
}
