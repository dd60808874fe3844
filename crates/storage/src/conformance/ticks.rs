use std::sync::Arc;

use vestibule_model::{TimerRun, TimerState};

use super::{Scratch, samples::*, ticking::*};
use crate::{Applied, Change, Precondition, Storage, StorageError};

pub async fn a_timer_is_due_at_its_tick_while_it_is_enabled(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    done(require(&*storage, is_due(CLEAN, 5)).await);
    for other in [
        is_due(CLEAN, 4),
        is_due(CLEAN, 6),
        is_due("shop::carts::CLEAN", 5),
        is_due("", 5),
    ] {
        assert_refused(&other, require(&*storage, other.clone()).await);
    }

    let off = enable(CLEAN, false, Some(at(5)));
    done(storage.apply(vec![off]).await);
    let due = is_due(CLEAN, 5);
    assert_refused(&due, require(&*storage, due.clone()).await);
    let on = enable(CLEAN, true, Some(at(7)));
    done(storage.apply(vec![on]).await);
    assert_refused(&due, require(&*storage, due.clone()).await);
    done(require(&*storage, is_due(CLEAN, 7)).await);

    let last = advance(CLEAN, None, 0);
    done(storage.apply(vec![last]).await);
    let due = is_due(CLEAN, 7);
    assert_refused(&due, require(&*storage, due.clone()).await);
}

pub async fn a_lease_that_is_over_is_no_hindrance(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    done(require(&*storage, is_idle(CLEAN, 5)).await);
    let nobody = is_idle("shop::nobody", 5);
    assert_refused(&nobody, require(&*storage, nobody.clone()).await);

    let first = lease("RUN", 5, 65);
    done(storage.apply(vec![begin(CLEAN, &first)]).await);
    assert_eq!(Some(first), only(&*storage).await.lease);
    for second in [0, 5, 64] {
        let idle = is_idle(CLEAN, second);
        assert_refused(&idle, require(&*storage, idle.clone()).await);
    }
    done(require(&*storage, is_idle(CLEAN, 65)).await);
    done(require(&*storage, is_idle(CLEAN, 66)).await);

    let next = lease("NEXT", 65, 125);
    let changes = vec![
        Change::Require(is_idle(CLEAN, 65)),
        begin(CLEAN, &next),
        // What came before counts.
        Change::Require(is_idle(CLEAN, 65)),
    ];
    assert_refused(&is_idle(CLEAN, 65), storage.apply(changes.clone()).await);
    done(storage.apply(changes[..2].to_vec()).await);
    assert_eq!(Some(next), only(&*storage).await.lease);
}

pub async fn of_two_who_take_a_tick_one_wins(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    for (number, due) in (5..1_000).step_by(100).enumerate() {
        let next = due + 100;
        let (one, other) = (format!("ONE-{number}"), format!("OTHER-{number}"));
        let (taken, also_taken) = tokio::join!(
            storage.apply(take(CLEAN, due, &one, next)),
            storage.apply(take(CLEAN, due, &other, next))
        );
        let winner = if taken.is_ok() { &one } else { &other };
        let [won, lost] = won_and_lost([taken, also_taken]);
        done(won);
        assert_refused(&is_due(CLEAN, due), lost);
        let state = only(&*storage).await;
        assert_eq!(Some(at(next)), state.due);
        assert_eq!(Some(lease(winner, due, due + 60)), state.lease);
        assert_eq!((0, 0), (state.runs, state.skipped));
    }
}

pub async fn of_many_who_end_a_dead_lease_one_begins(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 100).await;
    let dead = lease("DEAD", 5, 65);
    done(storage.apply(vec![begin(CLEAN, &dead)]).await);
    let claims = (0..20).map(|number| {
        let storage = Arc::clone(&storage);
        let mut claim = take(CLEAN, 100, &format!("RUN-{number}"), 200);
        claim.insert(2, end(CLEAN, "DEAD", 100, Some("the server went away")));
        tokio::spawn(async move { storage.apply(claim).await })
    });
    let mut winners = Vec::new();
    for (number, claim) in claims.collect::<Vec<_>>().into_iter().enumerate() {
        match claim.await.unwrap() {
            Ok(_) => winners.push(number),
            lost => assert_refused(&is_due(CLEAN, 100), lost),
        }
    }
    assert_eq!(1, winners.len(), "{winners:?}");
    let state = only(&*storage).await;
    let holder = format!("RUN-{}", winners[0]);
    assert_eq!(Some(lease(&holder, 100, 160)), state.lease);
    assert_eq!((1, 1), (state.runs, state.failures));
    let went_away = TimerRun {
        began: at(5),
        ended: at(100),
        error: Some("the server went away".to_owned()),
    };
    assert_eq!(Some(went_away), state.last_run);
}

pub async fn a_tick_that_is_refused_changes_nothing(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    let before = only(&*storage).await;
    // The tick is right, but the run is refused, and so the tick is not taken.
    let mut refused = take(CLEAN, 5, "RUN", 10);
    refused.push(Change::Require(Precondition::UserExists(id("NOBODY"))));
    let result = storage.apply(refused).await;
    assert_refused(&Precondition::UserExists(id("NOBODY")), result);
    assert_eq!(before, only(&*storage).await);

    done(storage.apply(take(CLEAN, 5, "RUN", 10)).await);
    let before = only(&*storage).await;
    let result = storage.apply(take(CLEAN, 10, "OTHER", 15)).await;
    assert_refused(&is_idle(CLEAN, 10), result);
    assert_eq!(before, only(&*storage).await);
}

pub async fn runs_failures_and_skipped_ticks_are_counted(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    done(storage.apply(take(CLEAN, 5, "RUN", 10)).await);
    let well = end(CLEAN, "RUN", 7, None);
    done(storage.apply(vec![well]).await);
    let mut expected = TimerState {
        last_run: Some(TimerRun {
            began: at(5),
            ended: at(7),
            error: None,
        }),
        runs: 1,
        ..fresh(CLEAN, "every 1h", Some(at(10)))
    };
    assert_eq!(expected, only(&*storage).await);

    done(storage.apply(take(CLEAN, 10, "RUN", 15)).await);
    let changes = vec![
        advance(CLEAN, Some(at(20)), 1),
        end(CLEAN, "RUN", 17, Some("no room")),
        advance(CLEAN, None, 5_000_000_000),
    ];
    done(storage.apply(changes).await);
    expected.last_run = Some(TimerRun {
        began: at(10),
        ended: at(17),
        error: Some("no room".to_owned()),
    });
    (expected.runs, expected.failures) = (2, 1);
    (expected.due, expected.skipped) = (None, 5_000_000_001);
    assert_eq!(expected, only(&*storage).await);

    let changes = vec![
        begin(CLEAN, &lease("RUN", 30, 90)),
        end(CLEAN, "RUN", 30, Some("")),
        begin(CLEAN, &lease("RUN", 40, 100)),
        end(CLEAN, "RUN", 41, None),
    ];
    done(storage.apply(changes).await);
    expected.last_run = Some(TimerRun {
        began: at(40),
        ended: at(41),
        error: None,
    });
    (expected.runs, expected.failures) = (4, 2);
    assert_eq!(expected, only(&*storage).await);
}

pub async fn a_run_that_lost_its_lease_ends_nothing(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    let late = || vec![end(CLEAN, "LATE", 70, Some("too late"))];
    let before = only(&*storage).await;
    done(storage.apply(late()).await);
    assert_eq!(before, only(&*storage).await);

    let changes = vec![
        begin(CLEAN, &lease("LATE", 5, 65)),
        begin(CLEAN, &lease("NEXT", 66, 126)),
    ];
    done(storage.apply(changes).await);
    let before = only(&*storage).await;
    done(storage.apply(late()).await);
    assert_eq!(before, only(&*storage).await);

    let changes = vec![end(CLEAN, "NEXT", 71, None), end(CLEAN, "NEXT", 72, None)];
    done(storage.apply(changes).await);
    let after = only(&*storage).await;
    assert_eq!((None, 1, 0), (after.lease, after.runs, after.failures));
    assert_eq!(at(71), after.last_run.unwrap().ended);
}

pub async fn a_run_may_end_after_its_lease_while_nobody_else_has_it(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    done(storage.apply(take(CLEAN, 5, "RUN", 10)).await);
    done(storage.apply(vec![end(CLEAN, "RUN", 999, None)]).await);
    let state = only(&*storage).await;
    assert_eq!((None, 1), (state.lease, state.runs));
    assert_eq!(at(999), state.last_run.unwrap().ended);
}

async fn require(storage: &dyn Storage, precondition: Precondition) -> Result<(), StorageError> {
    let change = Change::Require(precondition);
    storage.apply(vec![change]).await.map(drop)
}

/// The result of whoever was faster, and that of the other.
fn won_and_lost(results: [Result<Applied, StorageError>; 2]) -> [Result<Applied, StorageError>; 2] {
    let [one, other] = results;
    if one.is_ok() {
        [one, other]
    } else {
        [other, one]
    }
}
