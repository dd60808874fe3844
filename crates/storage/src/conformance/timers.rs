use vestibule_model::{TimerRun, TimerState};

use super::{Scratch, samples::*, ticking::*};

pub async fn a_timer_is_there_once_it_is_scheduled(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert!(done(storage.timers().await).is_empty());
    let changes = vec![
        schedule(CLEAN, "every 1h", Some(at(5))),
        schedule("shop::never", "once", None),
    ];
    done(storage.apply(changes).await);
    assert_eq!(
        [
            fresh(CLEAN, "every 1h", Some(at(5))),
            fresh("shop::never", "once", None)
        ],
        *done(storage.timers().await)
    );
}

pub async fn timers_come_by_path_byte_by_byte(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let paths = ["b::a", "a::b", "a", "é::a", "B::a", "a::B", "a_b", "aa"];
    let changes = paths.map(|path| schedule(path, "every 1h", None));
    done(storage.apply(changes.to_vec()).await);
    let timers = done(storage.timers().await);
    let found: Vec<_> = timers.into_iter().map(|timer| timer.path).collect();
    let mut sorted = paths;
    sorted.sort_unstable();
    assert_eq!(sorted, *found);
}

pub async fn the_same_schedule_again_changes_nothing(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    let changes = vec![
        advance(CLEAN, Some(at(10)), 2),
        enable(CLEAN, false, Some(at(20))),
        begin(CLEAN, &lease("RUN", 5, 65)),
        end(CLEAN, "RUN", 6, Some("no")),
        begin(CLEAN, &lease("NEXT", 7, 67)),
    ];
    done(storage.apply(changes).await);
    let before = only(&*storage).await;
    for due in [Some(at(99)), None] {
        let change = schedule(CLEAN, "every 1h", due);
        done(storage.apply(vec![change]).await);
        assert_eq!(before, only(&*storage).await);
    }
}

pub async fn another_schedule_changes_the_next_tick_and_nothing_else(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    let changes = vec![
        enable(CLEAN, false, Some(at(5))),
        begin(CLEAN, &lease("RUN", 5, 65)),
        advance(CLEAN, Some(at(10)), 2),
        end(CLEAN, "RUN", 6, Some("no")),
        begin(CLEAN, &lease("NEXT", 7, 67)),
    ];
    done(storage.apply(changes).await);
    let mut expected = only(&*storage).await;
    for (words, due) in [
        ("every 1H", Some(at(99))),
        ("once", None),
        ("", Some(at(1))),
    ] {
        let change = schedule(CLEAN, words, due);
        done(storage.apply(vec![change]).await);
        (expected.schedule, expected.due) = (words.to_owned(), due);
        assert_eq!(expected, only(&*storage).await);
    }
}

pub async fn timers_are_switched_off_and_on(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    let mut expected = only(&*storage).await;
    for (enabled, due) in [
        (false, Some(at(5))),
        (false, None),
        (true, Some(at(80))),
        (true, Some(at(90))),
    ] {
        let change = enable(CLEAN, enabled, due);
        done(storage.apply(vec![change]).await);
        (expected.enabled, expected.due) = (enabled, due);
        assert_eq!(expected, only(&*storage).await);
    }
}

pub async fn changes_of_a_timer_leave_the_others_alone(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let other = "shop::carts::count";
    let changes = [CLEAN, other].map(|path| schedule(path, "every 1h", Some(at(5))));
    done(storage.apply(changes.to_vec()).await);
    let before = done(storage.timers().await);
    let changes = |path: &str| {
        vec![
            schedule(path, "every 2h", Some(at(50))),
            enable(path, false, Some(at(60))),
            begin(path, &lease("RUN", 5, 65)),
            advance(path, Some(at(70)), 3),
            end(path, "RUN", 6, Some("no")),
        ]
    };
    // One of the same holder, too: a lease is of a timer.
    done(
        storage
            .apply(vec![begin(other, &lease("RUN", 5, 65))])
            .await,
    );
    done(storage.apply(changes(CLEAN)).await);
    let after = done(storage.timers().await);
    assert_ne!(before[0], after[0]);
    let running = TimerState {
        lease: Some(lease("RUN", 5, 65)),
        ..before[1].clone()
    };
    assert_eq!(running, after[1]);

    // Of these only the schedule makes a timer.
    done(storage.apply(changes("shop::nobody")[1..].to_vec()).await);
    assert_eq!(after, done(storage.timers().await));
}

pub async fn texts_of_every_kind_survive_in_timers(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let texts = [
        "x'\"; DROP TABLE vestibule_timer; --",
        "a::b$1?:name%_\\",
        "Ünïcödé::🦊::中文",
        "one\ntwo\r\n\tthree",
        " ",
        "",
    ];
    let long = "é\"'".repeat(2_000);
    for (number, text) in texts.into_iter().chain([long.as_str()]).enumerate() {
        let path = format!("{number}{text}");
        let due = at(5);
        let mut changes = vec![schedule(&path, text, Some(due))];
        changes.extend(take(&path, 5, "RUN", 10));
        changes.push(end(&path, "RUN", 7, Some(text)));
        changes.push(enable(&path, false, None));
        done(storage.apply(changes).await);
        let timers = done(storage.timers().await);
        let expected = TimerState {
            enabled: false,
            last_run: Some(TimerRun {
                began: due,
                ended: at(7),
                error: Some(text.to_owned()),
            }),
            runs: 1,
            failures: 1,
            ..fresh(&path, text, None)
        };
        assert_eq!(Some(&expected), timers.last());
        assert_eq!(number + 1, timers.len());
    }
}

pub async fn a_reopened_database_knows_its_timers(scratch: &dyn Scratch) {
    let storage = with_timer(scratch, 5).await;
    done(storage.apply(take(CLEAN, 5, "RUN", 10)).await);
    let before = only(&*storage).await;
    storage.close().await;
    let storage = scratch.open().await;
    assert_eq!(before, only(&*storage).await);
    done(storage.apply(vec![end(CLEAN, "RUN", 9, None)]).await);
    assert_eq!(None, only(&*storage).await.lease);
}
