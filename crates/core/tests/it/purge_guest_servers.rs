//! Several servers and the guests who are gone: one at a time sweeps, and none is forgotten.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use vestibule::prelude::*;
use vestibule_model::Clock;
use vestibule_storage::{Precondition, StorageError};
use vestibule_testkit::{Change, Outage, TestKit, TestKitBuilder};

use crate::{
    neighbours::until,
    purge_guest::{by_hand, exists, sweep},
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: u64 = 3600;

/// The leases of the cleanup.
const SWEEPS: &str = "vestibule::sweep_guests";
const SWEPT: &str = "vestibule::guests_swept";

/// How often guests are looked at, unless a test says otherwise, and how long a server is waited for that
/// sweeps: in seconds.
const SWEEP: u64 = 10;
const LEASE: u64 = 15;
const GRACE: u64 = 5;

/// The guests that handlers of a server were asked about.
#[derive(Default)]
struct Asked(Mutex<Vec<ObjectId>>);

fn asked(kit: &TestKit) -> Vec<ObjectId> {
    kit.state::<Asked>().0.lock().unwrap().clone()
}

#[before(collect = false)]
async fn ask(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let id = event.id().clone();
    ctx.state::<Asked>().0.lock().unwrap().push(id);
    Ok(Flow::Continue)
}

/// Keeps handlers waiting until it is opened.
#[derive(Default)]
struct Gate {
    is_open: AtomicBool,
    opens: Notify,
}

fn open_gate(kit: &TestKit) {
    let gate = kit.state::<Gate>();
    gate.is_open.store(true, Ordering::SeqCst);
    gate.opens.notify_waiters();
}

#[before(collect = false, timeout = "10m")]
async fn ask_for_long(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let gate = ctx.state::<Gate>();
    let opens = gate.opens.notified();
    let id = event.id().clone();
    ctx.state::<Asked>().0.lock().unwrap().push(id);
    if !gate.is_open.load(Ordering::SeqCst) {
        opens.await;
    }
    Ok(Flow::Continue)
}

async fn first(builder: TestKitBuilder) -> TestKit {
    builder.with_neighbours().start().await
}

/// A guest who logged out.
async fn leaver(kit: &TestKit) -> ObjectId {
    let guest = kit.guest().await;
    guest.submit(Logout::default()).await.unwrap();
    guest.id().clone()
}

async fn leavers(kit: &TestKit, count: usize) -> BTreeSet<ObjectId> {
    let mut ids = BTreeSet::new();
    for _ in 0..count {
        ids.insert(leaver(kit).await);
    }
    ids
}

/// Waits until none of these is there any more, without another second on the clock.
async fn until_gone(kit: &TestKit, ids: &BTreeSet<ObjectId>) {
    for id in ids {
        until(async || !exists(kit, id).await).await;
    }
}

/// Waits until these servers have counted as many guests as they removed: that is done a moment later.
async fn until_purged(kits: &[&TestKit], count: usize) {
    let purged = |kit: &&TestKit| kit.engine().guest_numbers().purged;
    until(async || kits.iter().map(purged).sum::<u64>() == count as u64).await;
}

/// Lets time pass, in which servers get something done.
async fn pass(kit: &TestKit, seconds: u64) {
    for _ in 0..seconds {
        kit.advance(SECOND).await;
        is_held_for(kit, 0).await;
    }
}

async fn while_time_passes<T>(kit: &TestKit, work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        () = pass(kit, HOUR) => panic!("it takes too long"),
    }
}

fn nobody() -> ObjectId {
    ObjectId::parse("00000000-0000-4000-8000-000000000000").unwrap()
}

/// Takes a lease as a server does that dies at once.
async fn take(kit: &TestKit, name: &str, seconds: u64) {
    let take = Change::TakeLease {
        name: name.to_owned(),
        holder: nobody(),
        until: kit
            .clock()
            .now()
            .plus(SECOND * u32::try_from(seconds).unwrap()),
    };
    kit.storage().apply(vec![take]).await.unwrap();
}

/// Whether some server has the right to sweep, and for so long.
async fn is_held_for(kit: &TestKit, seconds: u64) -> bool {
    let is_free = Change::Require(Precondition::LeaseIsFree {
        name: SWEEPS.to_owned(),
        holder: nobody(),
        now: kit
            .clock()
            .now()
            .plus(SECOND * u32::try_from(seconds).unwrap()),
    });
    match kit.storage().apply(vec![is_free]).await {
        Ok(_) => false,
        Err(StorageError::Refused { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_handler_is_asked_about_each_guest_once_however_many_servers_there_are() {
    let here = first(TestKit::with::<ask>()).await;
    let there = here.neighbour().await;
    let elsewhere = here.neighbour().await;
    let kits = [&here, &there, &elsewhere];
    let mut left = BTreeSet::new();
    for round in 0..6 {
        for kit in kits {
            left.extend(leavers(kit, 7).await);
        }
        pass(&here, if round == 5 { SWEEP + GRACE + LEASE } else { 7 }).await;
    }
    until_gone(&here, &left).await;
    let mut all: Vec<_> = kits.into_iter().flat_map(asked).collect();
    all.sort();
    assert_eq!(left.into_iter().collect::<Vec<_>>(), all);
    until_purged(&kits, all.len()).await;
}

#[tokio::test]
async fn guests_are_counted_by_the_server_that_sweeps_and_an_old_count_is_forgotten() {
    let here = first(TestKit::bare()).await;
    pass(&here, SWEEP).await;
    let counted = |kit: &TestKit| kit.engine().guest_numbers().counted.is_some();
    until(async || counted(&here)).await;
    let there = here.neighbour().await;
    there.engine().count_guests().await.unwrap();
    assert!(counted(&there));
    let one_counts = async {
        let forgets = async || counted(&here) != counted(&there);
        until(forgets).await;
    };
    while_time_passes(&here, one_counts).await;
}

#[tokio::test]
async fn a_page_whose_handlers_take_long_keeps_the_other_servers_away() {
    let here = first(TestKit::with::<ask_for_long>()).await;
    let left = leavers(&here, 3).await;
    pass(&here, SWEEP).await;
    until(async || asked(&here).len() == 3).await;
    let there = here.neighbour().await;
    for _ in 0..8 {
        pass(&here, 5).await;
        // It is taken again every five seconds, give or take the second in which that is done.
        until(async || is_held_for(&here, LEASE - 5 - 1).await).await;
    }
    assert!(asked(&there).is_empty());
    open_gate(&here);
    until_gone(&here, &left).await;
    assert_eq!(3, asked(&here).len());
}

#[tokio::test]
async fn a_server_that_lost_its_lease_meanwhile_asks_nobody_more() {
    let kit = first(TestKit::with::<ask_for_long>()).await;
    let left = leavers(&kit, 60).await;
    pass(&kit, SWEEP).await;
    // Fifty are removed at once.
    until(async || asked(&kit).len() == 50).await;
    kit.break_storage(Outage::of_writes_with(|change| {
        matches!(change, Change::TakeLease { .. })
    }));
    pass(&kit, LEASE + 1).await;
    take(&kit, SWEEPS, 60).await;
    open_gate(&kit);
    until_purged(&[&kit], 50).await;
    kit.mend_storage();
    pass(&kit, 50).await;
    assert_eq!(50, asked(&kit).len());
    pass(&kit, SWEEP + GRACE).await;
    until_gone(&kit, &left).await;
    assert_eq!(60, asked(&kit).len());
}

#[tokio::test]
async fn when_the_server_that_sweeps_dies_another_one_goes_on_once_its_lease_is_over() {
    let kit = first(TestKit::with::<ask>()).await;
    take(&kit, SWEEPS, LEASE).await;
    take(&kit, SWEPT, SWEEP).await;
    let left = leavers(&kit, 3).await;
    pass(&kit, LEASE - 1).await;
    for id in &left {
        assert!(exists(&kit, id).await);
    }
    pass(&kit, SWEEP + GRACE + 1).await;
    until_gone(&kit, &left).await;
    assert_eq!(3, asked(&kit).len());
}

#[tokio::test]
async fn no_guest_is_forgotten_while_servers_die_and_come() {
    let mut old = first(TestKit::with::<ask>()).await;
    let mut left = BTreeSet::new();
    for _ in 0..6 {
        left.extend(leavers(&old, 3).await);
        let new = old.neighbour().await;
        pass(&old, 8).await;
        // Its tasks end where they stand, with the lease in hand or without.
        old.abandon();
        old = new;
    }
    pass(&old, SWEEP + GRACE + LEASE).await;
    until_gone(&old, &left).await;
}

#[tokio::test]
async fn a_server_that_goes_down_hands_the_cleanup_over() {
    let here = first(TestKit::bare().setting("guests.sweepSeconds", 60)).await;
    pass(&here, 30).await;
    let there = here.neighbour().await;
    // Here is swept at 60, and not begun there before 120.
    pass(&here, 30).await;
    until(async || here.engine().guest_numbers().counted.is_some()).await;
    pass(&here, 35).await;
    let left = leavers(&there, 1).await;
    here.engine().shut_down().await;
    pass(&there, GRACE).await;
    until_gone(&there, &left).await;
    until_purged(&[&there], 1).await;
}

#[tokio::test]
async fn an_operator_sweeps_on_any_server_and_waits_for_one_that_does() {
    let here = first(by_hand(TestKit::with::<ask>())).await;
    let there = here.neighbour().await;
    leavers(&here, 3).await;
    assert_eq!((3, 0), (sweep(&there).await, sweep(&here).await));
    leavers(&here, 2).await;
    take(&here, SWEEPS, LEASE).await;
    let swept = while_time_passes(&here, there.engine().sweep_guests()).await;
    assert_eq!(2, swept.unwrap().purged.len());

    take(&here, SWEEPS, HOUR).await;
    let swept = while_time_passes(&here, there.engine().sweep_guests()).await;
    assert_eq!(Some(503), swept.unwrap_err().chosen_status());
    assert_eq!(3 + 2, asked(&there).len());
}

#[tokio::test]
async fn a_server_that_is_alone_takes_no_lease() {
    let kit = TestKit::with::<ask>().start().await;
    take(&kit, SWEEPS, HOUR).await;
    take(&kit, SWEPT, HOUR).await;
    let left = leavers(&kit, 1).await;
    pass(&kit, SWEEP + GRACE).await;
    until_gone(&kit, &left).await;
}

#[tokio::test]
async fn dead_sessions_of_users_do_not_stay_where_guests_do() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let user = kit.user("ann@example.com").await;
    kit.clock().advance(SECOND * 3660);
    let sessions = async |id: &ObjectId| kit.storage().sessions_of(id).await.unwrap().len();
    until(async || sessions(user.id()).await == 0).await;
    assert!(exists(&kit, guest.id()).await && exists(&kit, user.id()).await);
    assert_eq!(1, sessions(guest.id()).await);
}

#[tokio::test]
async fn a_sweep_keeps_up_with_thousands_of_dead_sessions() {
    let kit = by_hand(TestKit::bare()).start().await;
    kit.register("ann@example.com").await;
    let ann = kit.log_in("ann@example.com").await;
    let template = kit.storage().sessions_of(ann.id()).await.unwrap().remove(0);
    let sessions = (0..3_000_u32).map(|number| {
        let mut selector = *template.selector.as_bytes();
        selector[12..].copy_from_slice(&number.to_be_bytes());
        Change::OpenSession(vestibule_model::Session {
            selector: vestibule_model::Selector::from_bytes(selector),
            ..template.clone()
        })
    });
    kit.storage().apply(sessions.collect()).await.unwrap();
    kit.clock().advance(Duration::from_secs(59));
    kit.engine().roles(ann.request().await).unwrap();
    kit.clock().advance(Duration::from_secs(2));
    sweep(&kit).await;
    assert!(ann.is_alive().await);
    let left = kit.storage().sessions_of(ann.id()).await.unwrap();
    assert_eq!(1, left.len());
}
