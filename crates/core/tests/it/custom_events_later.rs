//! What custom events do when nobody waits for them, and when something else goes wrong.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Ending, Execution, prelude::*};
use vestibule_testkit::TestKit;

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Tally {}

#[derive(Default)]
struct Tallied(AtomicU32);

#[answer(collect = false)]
async fn tally(_event: Tally, ctx: &Context) -> Result<()> {
    tokio::task::yield_now().await;
    ctx.state::<Tallied>().0.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn tallied(kit: &TestKit) -> u32 {
    kit.state::<Tallied>().0.load(Ordering::Relaxed)
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Ask {
    how: String,
}

/// Asks for an effect, and does what the event says besides.
#[answer(collect = false)]
async fn ask(event: Ask, ctx: &Context) -> Result<()> {
    ctx.after_commit(Tally {})?;
    match event.how.as_str() {
        "panic" => panic!("as it was told"),
        "refuse" => Err(Error::refused(1)),
        _ => Ok(()),
    }
}

fn asking(how: &str) -> Ask {
    Ask {
        how: how.to_owned(),
    }
}

#[tokio::test]
async fn an_event_that_nobody_waits_for_may_ask_for_effects_of_its_own() {
    let kit = TestKit::with::<tally>().and::<ask>().start().await;
    let arguments = json!({"how": "well"});
    let client = kit.anonymous();
    let accepted = client.dispatch("ask", arguments, Execution::Async).await;
    accepted.outcome.unwrap();
    kit.settled().await;
    assert_eq!(1, tallied(&kit));
}

#[tokio::test]
async fn what_was_accepted_runs_although_the_server_is_going_down() {
    let kit = TestKit::with::<tally>().start().await;
    let client = kit.anonymous();
    for execution in [Execution::Async, Execution::AsyncLowPriority] {
        for _ in 0..3 {
            let accepted = client.dispatch("tally", json!({}), execution).await;
            accepted.outcome.unwrap();
        }
    }
    kit.engine().shut_down().await;
    assert_eq!(6, tallied(&kit));
}

#[tokio::test]
async fn a_failed_call_has_no_effects() {
    let kit = TestKit::with::<tally>().and::<ask>().start().await;
    for how in ["panic", "refuse"] {
        kit.anonymous().submit(asking(how)).await.unwrap_err();
    }
    kit.settled().await;
    assert_eq!(0, tallied(&kit));
}

/// Asks for an effect, and answers in the operation's place.
#[before(collect = false, order = 1)]
async fn answer_early(_event: &mut Ask, ctx: &Context) -> Result<Flow<Ask>> {
    ctx.after_commit(Tally {})?;
    Ok(Flow::Respond(()))
}

/// Asks for an effect, and breaks.
#[before(collect = false, on_failure = "open")]
async fn break_open(_event: &mut Ask, ctx: &Context) -> Result<Flow<Ask>> {
    ctx.after_commit(Tally {})?;
    panic!("and the call goes on");
}

#[tokio::test]
async fn an_early_answer_is_a_success_and_a_handler_that_fails_open_takes_its_effects_back() {
    let kit = TestKit::with::<tally>()
        .and::<ask>()
        .and::<answer_early>()
        .and::<break_open>();
    let kit = kit.start().await;
    kit.anonymous().submit(asking("refuse")).await.unwrap();
    kit.settled().await;
    assert_eq!(1, tallied(&kit));
}

#[after(collect = false, on_failure = "open")]
async fn break_open_late(_event: &Ask, _outcome: Outcome<Ask>, ctx: &Context) -> Outcome<Ask> {
    ctx.after_commit(Tally {})?;
    Err(Error::internal("and the outcome stays"))
}

#[tokio::test]
async fn an_after_handler_that_fails_open_takes_its_effects_back_and_no_others() {
    let kit = TestKit::with::<tally>()
        .and::<ask>()
        .and::<break_open_late>();
    let kit = kit.start().await;
    kit.anonymous().submit(asking("well")).await.unwrap();
    kit.settled().await;
    assert_eq!(1, tallied(&kit));
}

#[derive(Default)]
struct Endings(Mutex<Vec<Ending>>);

#[observe(collect = false)]
async fn look(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let endings = witness.state::<Endings>();
    endings.0.lock().unwrap().push(seen.ending);
    Ok(())
}

#[tokio::test]
async fn observers_see_that_the_handler_which_answers_was_terminated() {
    let kit = TestKit::with::<ask>()
        .and::<tally>()
        .and::<look>()
        .start()
        .await;
    kit.anonymous().submit(asking("panic")).await.unwrap_err();
    let endings = std::mem::take(&mut *kit.state::<Endings>().0.lock().unwrap());
    let handler = Some(concat!(module_path!(), "::ask"));
    assert_eq!(vec![Ending::Panicked { handler }], endings);
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct Hidden {
    master_key: String,
}

#[answer(collect = false)]
async fn hide(_event: Hidden, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn whoever_may_not_run_an_event_hears_so_at_once_and_not_what_it_takes() {
    let kit = TestKit::with::<hide>().and::<look>().start().await;
    let client = kit.anonymous();
    for execution in [
        Execution::Sync,
        Execution::Async,
        Execution::AsyncLowPriority,
    ] {
        for arguments in [json!({}), json!({"master_key": "x"})] {
            let outcome = client
                .dispatch("hidden", arguments, execution)
                .await
                .outcome;
            let error = outcome.unwrap_err();
            assert_eq!(ErrorCode::InvocationDenied, error.code(), "{execution:?}");
            assert!(!error.message().contains("master_key"));
        }
    }
    let endings = std::mem::take(&mut *kit.state::<Endings>().0.lock().unwrap());
    assert_eq!(vec![Ending::Denied; 3], endings, "of those that fit");
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Unlock {
    pin: Secret<u32>,
}

#[answer(collect = false)]
async fn unlock(_event: Unlock, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn a_secret_of_the_wrong_type_is_not_quoted() {
    let kit = TestKit::with::<unlock>().start().await;
    let arguments: Json = json!({"pin": "hunter2"});
    let client = kit.anonymous();
    let refused = client.dispatch("unlock", arguments, Execution::Sync).await;
    let error = refused.outcome.unwrap_err();
    assert!(!error.log().contains("hunter2"), "{}", error.log());
    let message = error.message();
    assert!(
        message.contains("a secret is of the wrong type"),
        "{message}"
    );
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone, output = BTreeMap<(u8, u8), u8>)]
struct Board {}

#[answer(collect = false)]
async fn show_board(_event: Board, _ctx: &Context) -> Outcome<Board> {
    Ok(BTreeMap::from([((1, 1), 1)]))
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_an_internal_error_for_whoever_waits_for_json() {
    let kit = TestKit::with::<show_board>().start().await;
    let client = kit.anonymous();
    assert!(client.submit(Board {}).await.is_ok());
    let by_name = client.dispatch("board", json!({}), Execution::Sync).await;
    let error = by_name.outcome.unwrap_err();
    assert_eq!(ErrorCode::Internal, error.code());
    assert!(
        error.log().contains("key must be a string"),
        "{}",
        error.log()
    );
}
