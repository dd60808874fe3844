//! When a batch is made without savepoints, when it is made again with them, and that nobody notices.

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::*;

/// Makes a batch of these lists of changes: what came of each, and whether there was a savepoint.
fn run_lists<const N: usize>(
    batches: &mut Batches,
    (connection, catalogue): (&Connection, &SharedCatalogue),
    lists: [Vec<Change>; N],
) -> (Vec<Result<Applied, StorageError>>, bool) {
    let (jobs, answers): (Vec<_>, Vec<_>) = lists
        .map(|changes| job(catalogue, changes))
        .into_iter()
        .unzip();
    let savepoint = sees_a_savepoint(connection, || batches.run(connection, catalogue, jobs));
    let results = answers
        .into_iter()
        .map(|mut answer| answer.try_recv().unwrap())
        .collect();
    (results, savepoint)
}

/// SQLite asks whoever authorizes when it compiles a statement, and compiles each anew for a new one.
fn sees_a_savepoint(connection: &Connection, run: impl FnOnce()) -> bool {
    let seen = Arc::new(AtomicBool::new(false));
    let sees = Arc::clone(&seen);
    let authorizer = move |context: AuthContext<'_>| {
        if matches!(context.action, AuthAction::Savepoint { .. }) {
            sees.store(true, Ordering::Relaxed);
        }
        Authorization::Allow
    };
    connection.authorizer(Some(authorizer)).unwrap();
    run();
    seen.load(Ordering::Relaxed)
}

fn refused(name: &str) -> Vec<Change> {
    vec![insert(name, 1), Change::Require(nobody())]
}

fn is_refused(result: &Result<Applied, StorageError>) -> bool {
    matches!(result, Err(StorageError::Refused { .. }))
}

#[test]
fn a_batch_in_which_nobody_fails_makes_no_savepoint() {
    let (_folder, connection, catalogue) = database();
    let lists = [vec![insert("A", 1)], vec![insert("B", 1)]];
    let (results, savepoint) = run_lists(&mut Batches::default(), (&connection, &catalogue), lists);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(!savepoint);
    assert_eq!(2, count_users(&connection));
}

#[test]
fn a_job_that_is_alone_and_fails_leaves_nothing_and_needs_no_savepoint() {
    for mut batches in both_ways() {
        let (_folder, connection, catalogue) = database();
        let there = (&connection as &Connection, &catalogue);
        let (results, savepoint) = run_lists(&mut batches, there, [refused("A")]);
        assert!(is_refused(&results[0]), "{results:?}");
        assert!(!savepoint);
        assert!(connection.is_autocommit(), "the next batch can begin");
        assert_eq!(0, count_users(&connection));
    }
}

#[test]
fn beside_jobs_that_fail_the_others_are_made_exactly_once() {
    let (_folder, connection, catalogue) = database();
    connection
        .execute_batch(
            r#"CREATE TABLE "Made" ("user");
               CREATE TRIGGER "note" AFTER INSERT ON "Users" BEGIN
                   INSERT INTO "Made" VALUES (new."objectId");
               END"#,
        )
        .unwrap();
    let lists = [
        vec![insert("A", 1)],
        refused("B"),
        vec![insert("C", 1)],
        vec![insert("D", 1), insert("A", 1)],
        vec![insert("D", 1)],
    ];
    let (results, savepoint) = run_lists(&mut Batches::default(), (&connection, &catalogue), lists);
    for at in [0, 2, 4] {
        assert!(results[at].is_ok(), "{at}: {results:?}");
    }
    assert!(is_refused(&results[1]), "{results:?}");
    assert!(
        matches!(results[3], Err(StorageError::Conflict { .. })),
        "{results:?}"
    );
    assert!(savepoint);
    let made = r#"SELECT group_concat("user", ' ') FROM "Made""#;
    let made: String = connection.query_row(made, [], |row| row.get(0)).unwrap();
    assert_eq!("A C D", made);
}

#[test]
fn after_a_batch_that_was_made_twice_some_are_made_with_savepoints_at_once() {
    let (_folder, connection, catalogue) = database();
    let there = (&connection as &Connection, &catalogue);
    let mut batches = Batches::default();
    run_lists(&mut batches, there, [refused("A"), refused("B")]);
    for _ in 0..CAREFUL_BATCHES {
        let (results, _) = run_lists(&mut batches, there, [refused("A")]);
        assert!(is_refused(&results[0]), "{results:?}");
        let (_, savepoint) = run_lists(&mut batches, there, [vec![], vec![]]);
        assert!(savepoint);
    }
    let (_, savepoint) = run_lists(&mut batches, there, [vec![], vec![]]);
    assert!(!savepoint);
}

#[test]
fn a_job_for_an_older_schema_is_made_for_the_new_one_beside_a_job_that_fails() {
    let (_folder, connection, catalogue) = database_with_items();
    let (late, mut late_answer) = job(&catalogue, vec![item("A")]);
    let (grow, mut grown) = job(&catalogue, vec![create("Order")]);
    run(&connection, &catalogue, vec![grow]);
    grown.try_recv().unwrap().unwrap();

    let (fails, mut failed) = job(&catalogue, refused("B"));
    run(&connection, &catalogue, vec![fails, late]);
    assert!(is_refused(&failed.try_recv().unwrap()));
    late_answer.try_recv().unwrap().unwrap();
    let items = r#"SELECT count(*) FROM "Item""#;
    let items: i64 = connection.query_row(items, [], |row| row.get(0)).unwrap();
    assert_eq!(1, items);
}

#[test]
fn on_a_full_disk_a_batch_is_not_tried_again() {
    let (_folder, connection, catalogue) = database();
    let lists = [vec![insert("A", 1)], vec![insert("B", 1_000_000)]];
    let (results, savepoint) = run_lists(&mut Batches::default(), (&connection, &catalogue), lists);
    for result in &results {
        assert!(
            matches!(result, Err(StorageError::Unavailable { .. })),
            "{results:?}"
        );
    }
    assert!(!savepoint);
    assert_eq!(0, count_users(&connection));
}
