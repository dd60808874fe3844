//! Rule 5: a handler has a deadline, its panics are caught, and it hurts its own call only.

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use vestibule::prelude::*;
use vestibule_testkit::TestKit;

#[before(collect = false, timeout = "2s")]
async fn hang(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    std::future::pending().await
}

#[before(collect = false, timeout = "2s", on_failure = "open")]
async fn hang_open(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    event
        .properties
        .insert("blUserLocale".to_owned(), Value::from("half"));
    std::future::pending().await
}

#[before(collect = false)]
async fn panic_text(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    panic!("the secret recipe")
}

#[before(collect = false)]
async fn foreign_error(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    "the secret recipe".parse::<i32>()?;
    Ok(Flow::Continue)
}

/// Panics when it is dropped half-way.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[before(collect = false)]
async fn hold_a_grenade(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let _grenade = Grenade;
    std::future::pending().await
}

/// Lets a test block a handler's thread, and let go of it again.
#[derive(Default)]
struct Gate(Mutex<Option<mpsc::Receiver<()>>>);

#[before(collect = false)]
async fn block_thread(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let (open, gate) = mpsc::channel();
    *ctx.state::<Opener>().0.lock().unwrap() = Some(open);
    *ctx.state::<Gate>().0.lock().unwrap() = Some(gate);
    let gate = ctx.state::<Gate>().0.lock().unwrap().take().unwrap();
    gate.recv()?;
    Ok(Flow::Continue)
}

#[derive(Default)]
struct Opener(Mutex<Option<mpsc::Sender<()>>>);

#[before(collect = false)]
async fn open_gate(_event: &mut Logout, ctx: &Context) -> Result<Flow<Logout>> {
    if let Some(open) = ctx.state::<Opener>().0.lock().unwrap().take() {
        open.send(())?;
    }
    Ok(Flow::Continue)
}

/// Submits a guest login and lets time pass while it hangs.
async fn login_while_time_passes(kit: &TestKit) -> Outcome<LoginAsGuest> {
    let anybody = kit.anonymous();
    crate::waiting::while_time_passes(kit, anybody.submit(LoginAsGuest::default())).await
}

#[tokio::test]
async fn a_handler_that_hangs_ends_at_its_deadline() {
    let kit = TestKit::with::<hang>().start().await;
    let error = login_while_time_passes(&kit).await.unwrap_err();
    assert_eq!(15000, error.code().number());
    assert_eq!(
        "Custom business logic execution has been terminated because it did not complete in \
         permitted time - 2 seconds",
        error.message()
    );
}

#[tokio::test]
async fn a_fail_open_handler_that_hangs_leaves_no_half_made_change() {
    let kit = TestKit::with::<hang_open>().start().await;
    let login = login_while_time_passes(&kit).await.unwrap();
    assert_eq!(
        Some(&Value::from("en")),
        login.user.properties.get("blUserLocale")
    );
}

#[tokio::test]
async fn a_panic_is_caught_and_its_text_stays_inside() {
    let kit = TestKit::with::<panic_text>().start().await;
    let error = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap_err();
    assert_eq!(15000, error.code().number());
    assert!(!error.message().contains("recipe"), "{}", error.message());
    assert!(error.log().contains("recipe"), "{}", error.log());
}

#[tokio::test]
async fn a_foreign_error_stays_inside() {
    let kit = TestKit::with::<foreign_error>().start().await;
    let error = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap_err();
    assert!(error.is_internal());
    assert!(!error.message().contains("recipe") && !error.message().contains("digit"));
}

#[tokio::test]
async fn a_destructor_that_panics_at_the_deadline_is_caught_too() {
    let kit = TestKit::with::<hold_a_grenade>().start().await;
    let error = login_while_time_passes(&kit).await.unwrap_err();
    assert_eq!(15000, error.code().number());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_is_named_by_the_watchdog() {
    let kit = TestKit::with::<block_thread>()
        .and::<open_gate>()
        .start()
        .await;
    let request = kit.anonymous().request().await;
    let engine = kit.engine().clone();
    let blocked =
        tokio::spawn(async move { engine.submit(request, LoginAsGuest::default()).await });
    crate::waiting::until("the call runs", || {
        kit.engine().statistics().calls_running > 0
    })
    .await;
    let mut reported = 0;
    while reported == 0 {
        kit.advance(Duration::from_secs(1)).await;
        reported = kit.engine().statistics().blocked_handlers;
    }
    kit.anonymous().submit(Logout::default()).await.unwrap();
    blocked.await.unwrap().outcome.unwrap();
    assert!(reported >= 1);
}
