//! The storage fails when a test wants it, and only then.

use vestibule::prelude::*;
use vestibule_testkit::{Change, Constraint, Outage, StorageError, TestKit};

async fn status(kit: &TestKit) -> Option<u16> {
    let login = kit.anonymous().submit(LoginAsGuest::default()).await;
    login
        .err()
        .map(|error| error.chosen_status().unwrap_or(500))
}

fn opens_a_session(change: &Change) -> bool {
    matches!(change, Change::OpenSession(_))
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_mended() {
    let kit = TestKit::bare().start().await;
    kit.break_storage(Outage::of_writes());
    assert_eq!(
        [Some(503), Some(503)],
        [status(&kit).await, status(&kit).await]
    );
    assert_eq!(2, kit.storage_failures());
    kit.mend_storage();
    assert_eq!((None, 2), (status(&kit).await, kit.storage_failures()));
}

#[tokio::test]
async fn an_outage_skips_and_counts_what_it_hits() {
    let kit = TestKit::bare().start().await;
    let second = Outage::of_writes_with(opens_a_session).after(1).times(1);
    kit.break_storage(second.busy());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(status(&kit).await);
    }
    assert_eq!(vec![None, Some(503), None], statuses);
}

#[tokio::test]
async fn what_an_outage_does_not_hit_goes_on() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    kit.break_storage(Outage::of_writes_with(opens_a_session));
    ann.submit(Count::new("Users", Query::new())).await.unwrap();
    assert_eq!(Some(503), status(&kit).await);
    kit.mend_storage();
    kit.break_storage(Outage::of_reads());
    ann.submit(Count::new("Users", Query::new()))
        .await
        .unwrap_err();
    assert_eq!(2, kit.storage_failures());
}

#[tokio::test]
async fn an_outage_fails_as_it_is_told() {
    let kit = TestKit::bare().start().await;
    let writes = || Outage::of_writes().times(1);
    kit.break_storage(writes().conflict(Constraint::Identity));
    let newcomer = Register::with("ann@example.com", "secret");
    let taken = kit.anonymous().submit(newcomer.clone()).await.unwrap_err();
    assert_eq!(3033, taken.code().number());
    kit.break_storage(writes().with(StorageError::OutOfRange));
    let refused = kit.anonymous().submit(newcomer.clone()).await.unwrap_err();
    assert_ne!(Some(503), refused.chosen_status());
    kit.anonymous().submit(newcomer).await.unwrap();
}

#[tokio::test]
async fn what_is_delayed_is_done_once_the_storage_is_mended() {
    let kit = TestKit::bare().start().await;
    kit.break_storage(Outage::of_writes_with(opens_a_session).delayed());
    let (login, ()) = tokio::join!(status(&kit), async {
        while kit.storage_delays() == 0 {
            tokio::task::yield_now().await;
        }
        kit.mend_storage();
    });
    assert_eq!(
        (None, 0, 0),
        (login, kit.storage_delays(), kit.storage_failures())
    );
}

#[tokio::test]
async fn the_test_itself_reads_what_is_stored_during_an_outage() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    kit.break_storage(Outage::of_everything());
    let stored = kit.storage().user(ann.id()).await.unwrap();
    assert_eq!(Some(ann.user().id()), stored.as_ref().map(User::id));
}
