//! The check of orders finds handlers whose order matters, and no others.

use std::sync::atomic::{AtomicU32, Ordering};

use vestibule::{prelude::*, table};
use vestibule_testkit::{OrderReport, TestKit, TestKitBuilder};

use crate::complaint;

type Entered = Result<Flow<LoginAsGuest>>;

fn speak(event: &mut LoginAsGuest, language: &str) -> Entered {
    let language = Value::from(language);
    event.properties.insert("blUserLocale".to_owned(), language);
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn french(event: &mut LoginAsGuest, _ctx: &Context) -> Entered {
    speak(event, "fr")
}

#[before(collect = false)]
async fn german(event: &mut LoginAsGuest, _ctx: &Context) -> Entered {
    speak(event, "de")
}

#[before(order = 5, collect = false)]
async fn late_polish(event: &mut LoginAsGuest, _ctx: &Context) -> Entered {
    speak(event, "pl")
}

#[before(after = "it::orders::french", collect = false)]
async fn italian_after_french(event: &mut LoginAsGuest, _ctx: &Context) -> Entered {
    speak(event, "it")
}

#[before(collect = false)]
async fn say_hello(_event: &mut LoginAsGuest, ctx: &Context) -> Entered {
    ctx.response().set_header("x-hello", "hello")?;
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn count_here(_event: &mut LoginAsGuest, ctx: &Context) -> Entered {
    #[derive(Default)]
    struct Counted(AtomicU32);
    ctx.state::<Counted>().0.fetch_add(1, Ordering::Relaxed);
    Ok(Flow::Continue)
}

/// Writes something down for each guest, so that ids are asked for.
macro_rules! writes_down {
    ($($name:ident)*) => {$(
        #[after(collect = false)]
        async fn $name(
            _event: &LoginAsGuest,
            outcome: Outcome<LoginAsGuest>,
            ctx: &Context,
        ) -> Outcome<LoginAsGuest> {
            let login = outcome?;
            let note = record! { "text" => stringify!($name) };
            ctx.cloud().data("Note").create(note).await?;
            Ok(login)
        }
    )*};
}

writes_down!(write_one write_two);

#[after(collect = false)]
async fn refuse(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    outcome?;
    Err(Error::refused(4242))
}

/// Leaves a failed login alone, and spoils one that worked out; so its order matters.
#[after(collect = false)]
async fn rescue_nothing(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    outcome.map_err(|_| Error::refused(4343))
}

table! {
    collect = false;
    Note { text: String }
}

async fn check(kit: TestKitBuilder) -> OrderReport {
    kit.schema(&[Note])
        .check_orders(async |kit| kit.anonymous().reply(LoginAsGuest::default()).await)
        .await
}

#[tokio::test]
async fn the_last_one_to_speak_wins_and_is_named_with_both_outcomes() {
    let report = check(TestKit::with::<german>().and::<french>().and::<say_hello>()).await;
    assert_eq!(
        (6, true, 1),
        (report.orders, report.is_complete, report.pairs.len())
    );
    let pair = &report.pairs[0];
    assert_eq!(
        ("it::orders::french", "it::orders::german"),
        (pair.first, pair.second)
    );
    assert!(!pair.is_written);
    assert!(
        pair.as_it_stands.contains(r#""blUserLocale":"de""#),
        "{report}"
    );
    assert!(pair.swapped.contains(r#""blUserLocale":"fr""#), "{report}");
    let said = complaint(|| report.expect_none());
    assert!(
        said.contains("it::orders::french\nand it::orders::german: only their names"),
        "{said}"
    );
    complaint(|| report.expect_written());
}

#[tokio::test]
async fn numbers_are_changed_and_said_to_be_written() {
    let report = check(TestKit::with::<german>().and::<late_polish>()).await;
    assert_eq!((2, 1), (report.orders, report.pairs.len()));
    assert!(report.pairs[0].is_written);
    assert!(
        report.pairs[0]
            .as_it_stands
            .contains(r#""blUserLocale":"pl""#),
        "{report}"
    );
    report.expect_written();
    complaint(|| report.expect_none());
}

#[tokio::test]
async fn wishes_leave_fewer_orders() {
    let report = check(TestKit::with::<french>().and::<italian_after_french>()).await;
    assert_eq!(1, report.orders);
    report.expect_none();
    let three = TestKit::with::<french>().and::<italian_after_french>();
    assert_eq!(3, check(three.and::<count_here>()).await.orders);
}

#[tokio::test]
async fn handlers_that_meet_nowhere_may_run_in_any_order() {
    let one = TestKit::with::<say_hello>().and::<count_here>();
    check(one.and::<french>()).await.expect_none();
}

#[tokio::test]
async fn records_that_are_made_in_another_order_are_no_difference() {
    let kit = TestKit::with::<write_one>()
        .and::<write_two>()
        .and::<say_hello>();
    let report = check(kit).await;
    assert_eq!(2, report.orders);
    report.expect_none();
}

#[tokio::test]
async fn after_handlers_whose_order_matters_are_found() {
    let report = check(TestKit::with::<refuse>().and::<rescue_nothing>()).await;
    let pair = &report.pairs[0];
    assert_eq!(
        ("it::orders::refuse", "it::orders::rescue_nothing"),
        (pair.first, pair.second)
    );
    assert!(
        pair.as_it_stands.starts_with("failed with 4343"),
        "{report}"
    );
    assert!(pair.swapped.starts_with("failed with 4242"), "{report}");
}
