//! Handlers are counted, whatever their phase; callers have the roles that a test gives them.

use std::time::Duration;

use serde_json::Value as Json;
use vestibule::{prelude::*, service};
use vestibule_testkit::TestKit;

use crate::complaint;

#[timer(every = "1h", collect = false)]
async fn every_hour(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[derive(Default)]
struct Clerk;

#[service("clerk", collect = false)]
impl Clerk {
    /// For clerks.
    #[post("/greet", access = role("Clerks"))]
    async fn greet(&self, _ctx: &Context) -> Result<String> {
        Ok("good morning".to_owned())
    }
}

#[before(collect = false)]
async fn on_login(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

const GREET: &str = "it::expectations::Clerk::greet";
const EVERY_HOUR: &str = "it::expectations::every_hour";
const ON_LOGIN: &str = "it::expectations::on_login";

#[tokio::test]
async fn timers_and_methods_of_services_are_counted() {
    let kit = TestKit::with::<every_hour>().and::<Clerk>().start().await;
    let clerk = kit.user("ann@example.com").await.with_role("Clerks").await;
    clerk.invoke("clerk", "/greet", Json::Null).await.unwrap();
    kit.advance(Duration::from_secs(2 * 3600)).await;
    kit.expect_calls([(GREET, 1), (EVERY_HOUR, 2)]);
    kit.expect_no_other_calls();
    kit.run_timer(EVERY_HOUR).await.unwrap();
    let said = complaint(|| kit.expect_no_other_calls());
    assert!(said.contains(EVERY_HOUR), "{said}");
}

#[tokio::test]
async fn a_count_that_is_wrong_fails_the_test_with_both_numbers() {
    let kit = TestKit::with::<on_login>().start().await;
    let guest = LoginAsGuest::default();
    kit.anonymous().submit(guest).await.unwrap();
    let said = complaint(|| kit.expect_calls([(ON_LOGIN, 2)]));
    assert!(said.contains("ran 1 times, expected 2"), "{said}");
    let said = complaint(|| kit.expect_calls([("it::elsewhere", 1)]));
    assert!(
        said.contains("not in this kit") && said.contains(ON_LOGIN),
        "{said}"
    );
}

#[tokio::test]
async fn a_client_has_the_role_that_a_test_gives_it_and_nobody_else_has_it() {
    let kit = TestKit::with::<Clerk>().start().await;
    let ann = kit.user("ann@example.com").await;
    let refused = ann.invoke("clerk", "/greet", Json::Null).await.unwrap_err();
    assert_eq!(14008, refused.code().number());
    let (clerk, ben) = (
        ann.with_role("Clerks").await,
        kit.user("ben@example.com").await,
    );
    let ben = ben.with_role("Others").await;
    clerk.invoke("clerk", "/greet", Json::Null).await.unwrap();
    ben.invoke("clerk", "/greet", Json::Null).await.unwrap_err();
}
