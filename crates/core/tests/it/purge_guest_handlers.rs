//! Handlers of `PurgeGuest`: they may keep a guest, and see what became of it.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use vestibule::prelude::*;
use vestibule_core::KeptBy;
use vestibule_testkit::TestKit;

use crate::purge_guest::{by_hand, exists, sweep};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
struct Asked(AtomicUsize);

fn asked(kit: &TestKit) -> usize {
    kit.state::<Asked>().0.load(Ordering::SeqCst)
}

#[before(collect = false)]
async fn keep_once(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    assert!(event.guest().is_guest());
    let times = ctx.state::<Asked>().0.fetch_add(1, Ordering::SeqCst);
    if times == 0 {
        return Ok(Flow::Respond(Purged::kept_for_a_day(ctx.now())));
    }
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn refuse(_event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    ctx.state::<Asked>().0.fetch_add(1, Ordering::SeqCst);
    Err(Error::refused(4242).saying("not this one"))
}

#[before(collect = false)]
async fn panics(_event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    ctx.state::<Asked>().0.fetch_add(1, Ordering::SeqCst);
    panic!("as asked");
}

#[before(collect = false)]
async fn look_at_the_call(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let call = ctx.call();
    assert!(call.is_server_code() && call.key.is_none() && call.caller.id().is_none());
    assert_eq!(PurgeReason::NoSession, event.reason());
    assert_eq!(event.id(), event.guest().id());
    Ok(Flow::Continue)
}

/// What after handlers and observers saw.
#[derive(Default)]
struct Saw(Mutex<Vec<String>>);

impl Saw {
    fn note(&self, who: &str, outcome: &Outcome<PurgeGuest>) {
        let text = outcome.as_ref().map_or("error".to_owned(), |purged| {
            match purged {
                Purged::Gone => "gone",
                Purged::Kept { .. } => "kept",
                Purged::Stayed => "stayed",
            }
            .to_owned()
        });
        self.0.lock().unwrap().push(format!("{who} {text}"));
    }
}

fn saw(kit: &TestKit) -> Vec<String> {
    let mut saw = std::mem::take(&mut *kit.state::<Saw>().0.lock().unwrap());
    saw.sort();
    saw
}

#[after(collect = false)]
async fn note_after(
    _event: &PurgeGuest,
    outcome: Outcome<PurgeGuest>,
    ctx: &Context,
) -> Outcome<PurgeGuest> {
    ctx.state::<Saw>().note("after", &outcome);
    outcome
}

#[observe(collect = false)]
async fn note_observed(seen: &Seen<PurgeGuest>, witness: &Witness) -> Result<()> {
    witness.state::<Saw>().note("observer", &seen.outcome);
    Ok(())
}

#[before(collect = false)]
async fn let_it_log_in(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    ctx.cloud().login_by_object_id(event.id()).await?;
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn register_it(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let ann = record! { "email" => "ann@example.com" };
    let password = Password::new("secret");
    ctx.cloud().convert_guest(event.id(), ann, password).await?;
    Ok(Flow::Continue)
}

/// A guest who logged out.
async fn leaver(kit: &TestKit) -> ObjectId {
    let guest = kit.guest().await;
    guest.submit(Logout::default()).await.unwrap();
    guest.id().clone()
}

#[tokio::test]
async fn a_guest_that_a_handler_keeps_is_not_asked_about_before_its_time() {
    let kit = by_hand(TestKit::with::<keep_once>()).start().await;
    let id = leaver(&kit).await;
    for _ in 0..3 {
        assert_eq!(0, sweep(&kit).await);
    }
    kit.clock().advance(DAY - Duration::from_secs(1));
    assert_eq!(0, sweep(&kit).await);
    assert_eq!(1, asked(&kit));
    kit.clock().advance(Duration::from_secs(2));
    assert_eq!(1, sweep(&kit).await);
    assert_eq!((2, false), (asked(&kit), exists(&kit, &id).await));
}

#[tokio::test]
async fn what_a_handler_keeps_is_remembered_beyond_a_restart() {
    let kit = by_hand(TestKit::with::<keep_once>()).start().await;
    let id = leaver(&kit).await;
    sweep(&kit).await;
    let kit = kit.restart(DAY / 2).await;
    assert_eq!(0, sweep(&kit).await);
    assert_eq!(0, asked(&kit));
    assert!(exists(&kit, &id).await);
}

#[tokio::test]
async fn a_handler_that_refuses_or_panics_keeps_the_guest_for_a_day() {
    for (builder, path) in [
        (TestKit::with::<refuse>(), "refuse"),
        (TestKit::with::<panics>(), "panics"),
    ] {
        let kit = by_hand(builder).start().await;
        let id = leaver(&kit).await;
        assert_eq!(0, sweep(&kit).await);
        assert_eq!(0, sweep(&kit).await);
        assert_eq!((1, true), (asked(&kit), exists(&kit, &id).await), "{path}");
        let kept = kit.engine().guest_numbers().kept;
        assert!(kept.contains(&(KeptBy::HandlerFailure, 1)), "{kept:?}");
        kit.clock().advance(DAY + MINUTE);
        sweep(&kit).await;
        assert_eq!(2, asked(&kit));
    }
}

#[tokio::test]
async fn the_call_is_the_servers_own() {
    let kit = by_hand(TestKit::with::<look_at_the_call>()).start().await;
    leaver(&kit).await;
    assert_eq!(1, sweep(&kit).await);
}

#[tokio::test]
async fn after_handlers_see_who_is_gone_and_observers_see_everything() {
    let kit = by_hand(TestKit::with::<keep_once>())
        .and::<note_after>()
        .and::<note_observed>()
        .start()
        .await;
    leaver(&kit).await;
    sweep(&kit).await;
    kit.engine().observed().await;
    assert_eq!(vec!["observer kept"], saw(&kit));
    leaver(&kit).await;
    assert_eq!(1, sweep(&kit).await);
    kit.engine().observed().await;
    assert_eq!(vec!["after gone", "observer gone"], saw(&kit));
}

#[tokio::test]
async fn a_login_that_comes_first_wins() {
    let kit = by_hand(TestKit::with::<let_it_log_in>())
        .and::<note_after>()
        .start()
        .await;
    let id = leaver(&kit).await;
    assert_eq!(0, sweep(&kit).await);
    assert_eq!(vec!["after stayed"], saw(&kit));
    assert!(exists(&kit, &id).await);
    assert_eq!(1, kit.storage().sessions_of(&id).await.unwrap().len());
}

#[tokio::test]
async fn a_conversion_that_comes_first_wins_and_the_user_is_never_removed() {
    let kit = by_hand(TestKit::with::<register_it>()).start().await;
    let id = leaver(&kit).await;
    assert_eq!(0, sweep(&kit).await);
    assert_eq!(&id, kit.log_in("ann@example.com").await.id());
    kit.advance(MINUTE * 2).await;
    assert_eq!(0, sweep(&kit).await);
    assert!(exists(&kit, &id).await);
}

#[tokio::test]
async fn the_others_of_a_batch_go_although_one_stays() {
    let kit = by_hand(TestKit::with::<keep_once>())
        .and::<note_after>()
        .start()
        .await;
    for _ in 0..5 {
        leaver(&kit).await;
    }
    assert_eq!(4, sweep(&kit).await);
    assert_eq!(vec!["after gone"; 4], saw(&kit));
}
