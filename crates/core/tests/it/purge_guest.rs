//! Guests who leave: who goes, when, and what goes along.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use vestibule::prelude::*;
use vestibule_core::Authentication;
use vestibule_storage::{Change, NewUser};
use vestibule_testkit::{TestClient, TestKit, TestKitBuilder};

use crate::shop;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Guests expire after a minute, and go when the test says so.
pub(crate) fn by_hand(builder: TestKitBuilder) -> TestKitBuilder {
    builder
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .setting("guests.cleanup", false)
}

/// Removes who is gone now, and answers how many.
pub(crate) async fn sweep(kit: &TestKit) -> usize {
    let swept = kit.engine().sweep_guests().await;
    swept
        .unwrap_or_else(|error| panic!("{}", error.log()))
        .purged
        .len()
}

pub(crate) async fn exists(kit: &TestKit, id: &ObjectId) -> bool {
    kit.storage().user(id).await.unwrap().is_some()
}

/// Uses a session as any call with its token does.
async fn touch(kit: &TestKit, client: &TestClient<'_>) {
    kit.engine().roles(client.request().await).unwrap();
}

/// Waits until the cleanup has removed a guest, without another second on the clock.
async fn until_gone(kit: &TestKit, id: &ObjectId) {
    for _ in 0..100_000 {
        if !exists(kit, id).await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the guest is still there");
}

#[tokio::test]
async fn a_guest_goes_with_its_session_within_a_sweep_and_five_seconds() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    let guest = kit.guest().await;
    kit.advance(MINUTE).await;
    assert!(exists(&kit, guest.id()).await, "its session lives still");
    kit.advance(Duration::from_secs(15)).await;
    until_gone(&kit, guest.id()).await;
    let sessions = kit.storage().sessions_of(guest.id()).await.unwrap();
    assert_eq!(0, sessions.len());
}

#[tokio::test]
async fn a_guest_who_comes_back_now_and_then_stays() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    let guest = kit.guest().await;
    for _ in 0..6 {
        kit.advance(Duration::from_secs(50)).await;
        touch(&kit, &guest).await;
        sweep(&kit).await;
    }
    assert!(exists(&kit, guest.id()).await && guest.is_alive().await);
}

#[tokio::test]
async fn a_use_that_only_memory_knows_keeps_the_guest() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    kit.clock().advance(Duration::from_secs(50));
    touch(&kit, &guest).await;
    kit.clock().advance(Duration::from_secs(50));
    assert_eq!(0, sweep(&kit).await);
    assert!(guest.is_alive().await);
    kit.clock().advance(Duration::from_secs(11));
    assert_eq!(1, sweep(&kit).await);
}

#[tokio::test]
async fn a_guest_who_logs_out_goes_at_once_and_others_stay() {
    let kit = by_hand(TestKit::bare()).start().await;
    let (leaver, other) = (kit.guest().await, kit.guest().await);
    leaver.submit(Logout::default()).await.unwrap();
    assert_eq!(1, sweep(&kit).await);
    assert!(!exists(&kit, leaver.id()).await && exists(&kit, other.id()).await);
}

#[tokio::test]
async fn a_guest_whose_session_was_displaced_stays_as_long_as_the_new_one_lives() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let again = kit
        .code_runner()
        .submit_as_code_runner(LoginByObjectId::new(guest.id().clone()))
        .await
        .unwrap();
    assert!(!guest.is_alive().await);
    assert_eq!(0, sweep(&kit).await);
    let again = kit.anonymous().logged_in(&again);
    again.submit(Logout::default()).await.unwrap();
    assert_eq!(1, sweep(&kit).await);
}

#[tokio::test]
async fn nobody_goes_by_age_alone() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    for _ in 0..200 {
        kit.clock().advance(Duration::from_secs(50));
        touch(&kit, &guest).await;
    }
    let later = kit.engine().now();
    let swept = kit.engine().purge_guests_made_before(later).await.unwrap();
    assert!(swept.purged.is_empty() && exists(&kit, guest.id()).await);
}

#[tokio::test]
async fn a_purge_by_age_leaves_younger_guests_who_are_gone() {
    let kit = by_hand(TestKit::bare()).start().await;
    let old = kit.guest().await;
    kit.advance(MINUTE * 2).await;
    let moment = kit.engine().now();
    let young = kit.guest().await;
    kit.advance(MINUTE * 2).await;
    let swept = kit.engine().purge_guests_made_before(moment).await.unwrap();
    assert_eq!(vec![old.id().clone()], swept.purged);
    assert!(exists(&kit, young.id()).await);
}

#[tokio::test]
async fn registered_users_never_go() {
    let kit = by_hand(TestKit::bare()).start().await;
    let ann = kit.user("ann@example.com").await;
    ann.submit(Logout::default()).await.unwrap();
    let bob = kit.user("bob@example.com").await;
    kit.advance(HOUR).await;
    assert_eq!(0, sweep(&kit).await);
    assert!(exists(&kit, ann.id()).await && exists(&kit, bob.id()).await);
}

#[tokio::test]
async fn dead_sessions_of_registered_users_end_with_a_sweep_and_others_live_on() {
    let kit = by_hand(TestKit::bare())
        .setting("login.multipleLogins", true)
        .start()
        .await;
    let gone = kit.user("ann@example.com").await;
    let here = kit.log_in("ann@example.com").await;
    kit.advance(MINUTE / 2).await;
    // Memory alone knows of this.
    touch(&kit, &here).await;
    kit.advance(MINUTE / 2 + Duration::from_secs(1)).await;
    assert_eq!(0, sweep(&kit).await);
    let sessions = kit.storage().sessions_of(gone.id()).await.unwrap();
    assert_eq!(1, sessions.len());
    assert!(!gone.is_alive().await && here.is_alive().await);
}

#[tokio::test]
async fn without_a_timeout_no_guest_expires_and_the_absolute_lifetime_counts() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 0)
        .setting("guests.cleanup", false)
        .start()
        .await;
    let guest = kit.guest().await;
    kit.clock().advance(HOUR * 24 * 365);
    assert_eq!(0, sweep(&kit).await);
    kit.set("sessions.absoluteLifetimeSeconds", 3600).await;
    assert_eq!(1, sweep(&kit).await);
    assert!(!exists(&kit, guest.id()).await);
}

#[tokio::test]
async fn time_without_a_server_does_not_count() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let (id, token) = (guest.id().clone(), guest.token().reveal());
    kit.advance(Duration::from_secs(40)).await;
    drop(guest);
    let kit = kit.restart(HOUR * 24 * 100).await;
    assert_eq!(0, sweep(&kit).await);
    kit.advance(Duration::from_secs(59)).await;
    assert_eq!(0, sweep(&kit).await);
    let alive = kit.engine().authenticate(&token).await.unwrap();
    assert!(matches!(alive, Authentication::Live(_)));
    kit.advance(Duration::from_secs(2)).await;
    assert_eq!(1, sweep(&kit).await);
    assert!(!exists(&kit, &id).await);
}

#[tokio::test]
async fn who_expired_before_the_night_goes_after_it() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let id = guest.id().clone();
    kit.advance(Duration::from_secs(70)).await;
    drop(guest);
    let kit = kit.restart(HOUR).await;
    assert_eq!(1, sweep(&kit).await);
    assert!(!exists(&kit, &id).await);
}

#[tokio::test]
async fn the_first_sweep_after_a_start_waits_for_its_turn() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .setting("guests.cleanup", false)
        .start()
        .await;
    let guest = kit.guest().await;
    let id = guest.id().clone();
    guest.submit(Logout::default()).await.unwrap();
    drop(guest);
    kit.set("guests.cleanup", true).await;
    let kit = kit.restart(HOUR).await;
    // The recipe of the kit says so again at each start.
    kit.set("guests.cleanup", true).await;
    kit.advance(Duration::from_secs(8)).await;
    assert!(exists(&kit, &id).await);
    kit.advance(Duration::from_secs(3)).await;
    until_gone(&kit, &id).await;
}

#[tokio::test]
async fn jumps_of_the_wall_clock_by_an_hour_change_nothing() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let now = kit.engine().now();
    kit.clock().jump_to(now.plus(HOUR));
    kit.advance(Duration::from_secs(30)).await;
    assert_eq!(0, sweep(&kit).await);
    kit.clock().jump_to(now);
    kit.advance(Duration::from_secs(29)).await;
    assert_eq!(0, sweep(&kit).await);
    assert!(guest.is_alive().await);
    kit.advance(Duration::from_secs(2)).await;
    assert_eq!(1, sweep(&kit).await);
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_does_not_stop_the_cleanup() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    let guest = kit.guest().await;
    let now = kit.engine().now();
    kit.advance(Duration::from_secs(50)).await;
    kit.clock().jump_to(now);
    kit.advance(Duration::from_secs(26)).await;
    until_gone(&kit, guest.id()).await;
}

#[derive(Default)]
struct Gate {
    entered: AtomicBool,
    open: Notify,
}

#[before(collect = false, table = "Order", timeout = "500s")]
async fn wait_at_the_gate(_event: &mut Create, ctx: &Context) -> Result<Flow<Create>> {
    let gate = ctx.state::<Gate>();
    gate.entered.store(true, Ordering::SeqCst);
    gate.open.notified().await;
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_guest_with_a_call_in_flight_stays_until_the_call_has_ended() {
    let kit = shop::open(by_hand(TestKit::with::<wait_at_the_gate>()))
        .start()
        .await;
    let guest = kit.guest().await;
    let (engine, request) = (kit.engine().clone(), guest.request().await);
    let order = Create::new("Order", record! { "total" => 1 });
    let call = tokio::spawn(async move { engine.submit(request, order).await });
    let gate: Arc<Gate> = kit.state();
    crate::waiting::until("the call runs", || gate.entered.load(Ordering::SeqCst)).await;
    kit.advance(MINUTE * 2).await;
    assert!(!guest.is_alive().await);
    assert_eq!(0, sweep(&kit).await);
    gate.open.notify_one();
    let order = call.await.unwrap().outcome.unwrap();
    assert_eq!(Some(guest.id().as_str()), order.owner_id());
    assert_eq!(1, sweep(&kit).await);
}

/// A guest who is gone and owns this many orders, the first of them related to its row.
async fn with_orders(kit: &TestKit, orders: usize) -> ObjectId {
    let guest = kit.guest().await;
    let rows: Vec<_> = (0..orders)
        .map(|total| record! { "total" => i64::try_from(total).unwrap() })
        .collect();
    // A bulk create takes no more than a hundred.
    for rows in rows.chunks(100) {
        let orders = BulkCreate::new("Order", rows.to_vec());
        guest.submit(orders).await.unwrap();
    }
    let customer = Create::new("Customer", record! { "name" => "Guest" });
    let customer = guest.submit(customer).await.unwrap();
    let children = Children::Ids(vec![customer.id().clone()]);
    let relation = AddRelation::new("Users", guest.id().clone(), "customers", children);
    kit.code_runner().submit(relation).await.unwrap();
    guest.submit(Logout::default()).await.unwrap();
    guest.id().clone()
}

async fn owned(kit: &TestKit, id: &ObjectId) -> u64 {
    let owned = kit.storage().owned_rows(id).await.unwrap();
    owned.iter().map(|(_, rows)| rows).sum()
}

#[tokio::test]
async fn relations_go_and_the_rows_that_a_guest_owns_stay_by_default() {
    let kit = shop::open(by_hand(TestKit::bare())).start().await;
    let id = with_orders(&kit, 3).await;
    assert_eq!(1, sweep(&kit).await);
    assert_eq!(4, owned(&kit, &id).await);
    let customers = Find::new("Customer", Query::new());
    assert_eq!(1, kit.code_runner().submit(customers).await.unwrap().len());
}

#[tokio::test]
async fn with_cascade_the_rows_go_too_however_many_there_are() {
    let kit = shop::open(by_hand(TestKit::bare()))
        .setting("guests.ownedRows", "cascade")
        .start()
        .await;
    let many = with_orders(&kit, 1200).await;
    let few = with_orders(&kit, 2).await;
    let none = kit.guest().await;
    none.submit(Logout::default()).await.unwrap();
    assert_eq!(3, sweep(&kit).await);
    for id in [&many, &few, none.id()] {
        assert!(!exists(&kit, id).await);
        assert_eq!(0, owned(&kit, id).await);
    }
}

#[tokio::test]
async fn with_cascade_users_stay_however_many_of_them_belong_to_the_guest() {
    let kit = shop::open(by_hand(TestKit::bare()))
        .setting("guests.ownedRows", "cascade")
        .start()
        .await;
    let guest = with_orders(&kit, 700).await;
    // More than one step removes, and none of them goes with the guest.
    let users = (0..600).map(|number| {
        let id = ObjectId::parse(&format!("USER-{number}")).unwrap();
        let mut user = User::new(id, UserStatus::Enabled, kit.engine().now());
        user.owner_id = Some(guest.clone());
        Change::InsertUser(NewUser {
            user,
            password: None,
        })
    });
    kit.storage().apply(users.collect()).await.unwrap();
    assert_eq!(1, sweep(&kit).await);
    assert_eq!(600, owned(&kit, &guest).await);
}

#[tokio::test]
async fn with_keep_guest_whoever_owns_rows_stays_until_the_setting_changes() {
    let kit = shop::open(by_hand(TestKit::bare()))
        .setting("guests.ownedRows", "keep-guest")
        .start()
        .await;
    let owner = with_orders(&kit, 1).await;
    let other = kit.guest().await;
    other.submit(Logout::default()).await.unwrap();
    assert_eq!(1, sweep(&kit).await);
    assert!(exists(&kit, &owner).await && !exists(&kit, other.id()).await);
    kit.set("guests.ownedRows", "leave").await;
    assert_eq!(1, sweep(&kit).await);
}

#[tokio::test]
async fn settings_count_at_once_while_the_server_runs() {
    let kit = TestKit::bare()
        .setting("guests.cleanup", false)
        .start()
        .await;
    let guest = kit.guest().await;
    guest.submit(Logout::default()).await.unwrap();
    kit.advance(MINUTE).await;
    assert!(exists(&kit, guest.id()).await, "the cleanup is off");
    kit.set("guests.sweepSeconds", 0).await;
    kit.set("guests.cleanup", true).await;
    kit.advance(MINUTE).await;
    assert!(exists(&kit, guest.id()).await, "a sweep every never");
    kit.set("guests.sweepSeconds", 5).await;
    until_gone(&kit, guest.id()).await;
}

#[tokio::test]
async fn a_shorter_timeout_counts_for_guests_who_are_there() {
    let kit = by_hand(TestKit::bare())
        .setting("sessions.inactivityTimeoutSeconds", 3600)
        .start()
        .await;
    kit.guest().await;
    kit.advance(MINUTE * 2).await;
    assert_eq!(0, sweep(&kit).await);
    kit.set("sessions.inactivityTimeoutSeconds", 60).await;
    assert_eq!(1, sweep(&kit).await);
}

#[tokio::test]
async fn many_guests_go_in_one_sweep_and_shutdown_waits_for_it() {
    let kit = by_hand(TestKit::bare()).start().await;
    for _ in 0..600 {
        kit.guest().await;
    }
    kit.advance(MINUTE * 2).await;
    assert_eq!(600, sweep(&kit).await);
    kit.engine().shut_down().await;
    let error = kit.engine().sweep_guests().await.unwrap_err();
    assert_eq!(Some(503), error.chosen_status());
}
