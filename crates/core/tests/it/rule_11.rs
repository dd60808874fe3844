//! Rule 11: a call that can write is a task of its own, and is finished whatever becomes of those
//! who wait for it.

use std::{
    future::{Future, pending},
    sync::Mutex,
    task::{Context as TaskContext, Waker},
    time::Duration,
};

use vestibule::prelude::*;
use vestibule_core::{ClientEvent, Ending};
use vestibule_testkit::TestKit;

use crate::shop::{self, id};

#[after(collect = false, timeout = "1s")]
async fn start_a_call_and_hang(
    _event: &Register,
    outcome: Outcome<Register>,
    ctx: &Context,
) -> Outcome<Register> {
    let user = outcome?;
    ctx.cloud().login_by_object_id(user.id()).await?;
    pending().await
}

fn ann() -> Register {
    Register::with("ann@example.com", "secret")
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_nothing() {
    let kit = TestKit::bare().start().await;
    let request = kit.anonymous().request().await;
    {
        let mut call = std::pin::pin!(kit.engine().submit(request, ann()));
        let polled = call
            .as_mut()
            .poll(&mut TaskContext::from_waker(Waker::noop()));
        assert!(
            polled.is_pending(),
            "the call has only begun when its client hangs up"
        );
    }
    crate::waiting::until("the call ends", || {
        kit.engine().statistics().calls_running == 0
    })
    .await;
    kit.log_in("ann@example.com").await;
}

/// How calls ended, by their event.
#[derive(Default)]
struct Endings(Mutex<Vec<(&'static str, Ending)>>);

impl Endings {
    fn of(&self, event: &str) -> Vec<Ending> {
        let endings = self.0.lock().unwrap();
        let of_event = endings.iter().filter(|(name, _)| *name == event);
        of_event.map(|(_, ending)| *ending).collect()
    }
}

#[observe(collect = false)]
async fn note_ending(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let endings = witness.state::<Endings>();
    endings.0.lock().unwrap().push((seen.event, seen.ending));
    Ok(())
}

/// The ending of a read whose client hung up as soon as it had begun.
async fn hang_up<E: ClientEvent>(kit: &TestKit, read: E) -> Ending {
    for begun in 1.. {
        let request = kit.anonymous().request().await;
        {
            let mut call = std::pin::pin!(kit.engine().submit(request, read.clone()));
            let mut context = TaskContext::from_waker(Waker::noop());
            if call.as_mut().poll(&mut context).is_ready() {
                // The database was faster than this thread.
                continue;
            }
        }
        let endings = kit.state::<Endings>();
        let all_seen = || endings.of(E::NAME).len() == begun;
        crate::waiting::until("observers see every call", all_seen).await;
        return endings.of(E::NAME)[begun - 1];
    }
    unreachable!("a reader's thread is not always faster")
}

#[tokio::test]
async fn a_call_that_only_reads_ends_with_its_client() {
    let kit = shop::open(TestKit::with::<note_ending>()).start().await;
    shop::stock(&kit).await;
    let grouped = || GroupQuery {
        query: Query::new().group_by("city"),
        ..GroupQuery::default()
    };
    let orders = LoadRelations::new("Customer", id("ann"), "orders", Query::new());
    let endings = [
        hang_up(&kit, FindById::new("Customer", id("ann"), Query::new())).await,
        hang_up(&kit, Find::new("Customer", Query::new())).await,
        hang_up(&kit, Count::new("Customer", Query::new())).await,
        hang_up(&kit, Group::new("Customer", grouped())).await,
        hang_up(&kit, CountInGroup::new("Customer", grouped())).await,
        hang_up(&kit, orders).await,
    ];
    assert_eq!([Ending::Abandoned; 6], endings);
}

#[before(collect = false)]
async fn look(_event: &mut FindById, _ctx: &Context) -> Result<Flow<FindById>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_call_that_only_reads_is_finished_where_a_handler_has_a_say() {
    let kit = shop::open(TestKit::with::<note_ending>().and::<look>());
    let kit = kit.start().await;
    shop::stock(&kit).await;
    let find = FindById::new("Customer", id("ann"), Query::new());
    assert_eq!(Ending::Performed, hang_up(&kit, find).await);
}

#[tokio::test]
async fn a_handler_stopped_at_its_deadline_abandons_the_answer_never_a_half_run_call() {
    let kit = TestKit::with::<start_a_call_and_hang>().start().await;
    let anybody = kit.anonymous();
    let outcome = crate::waiting::while_time_passes(&kit, anybody.submit(ann())).await;
    assert_eq!(15000, outcome.unwrap_err().code().number());
    let account = kit
        .storage()
        .account_by_identity("ann@example.com")
        .await
        .unwrap()
        .unwrap();
    let sessions = kit.storage().sessions_of(account.user.id()).await.unwrap();
    assert!(sessions.len() <= 1, "one login, whole or not at all");
    // Whether it was in time before the deadline is a race, and nobody is there to end it.
    kit.abandon();
}

/// Hangs, and is passed over when a second has gone by.
#[before(collect = false, timeout = "1s", on_failure = "open")]
async fn hang_for_a_second(
    _event: &mut LoginAsGuest,
    _ctx: &Context,
) -> Result<Flow<LoginAsGuest>> {
    pending().await
}

#[tokio::test]
async fn shutdown_finishes_the_calls_that_run_and_takes_no_more() {
    let kit = TestKit::with::<hang_for_a_second>().start().await;
    let (request, late) = (
        kit.anonymous().request().await,
        kit.anonymous().request().await,
    );
    let engine = kit.engine().clone();
    let call = tokio::spawn(async move { engine.submit(request, LoginAsGuest::default()).await });
    let entered = || kit.engine().handlers()[0].stats.calls() == 1;
    crate::waiting::until("the call is with its handler", entered).await;
    let engine = kit.engine().clone();
    let shutdown = tokio::spawn(async move { engine.shut_down().await });
    crate::waiting::until("the engine closes", || kit.engine().statistics().closing).await;

    let error = kit
        .engine()
        .submit(late, LoginAsGuest::default())
        .await
        .outcome
        .unwrap_err();
    assert_eq!(Some(503), error.chosen_status(), "no more calls are taken");
    while !call.is_finished() {
        kit.advance(Duration::from_secs(1)).await;
    }
    call.await.unwrap().outcome.unwrap();
    shutdown.await.unwrap();
}
