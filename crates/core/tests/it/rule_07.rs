//! Rule 7: a failed call leaves no session behind.

use vestibule::prelude::*;
use vestibule_testkit::TestKit;

#[after(collect = false)]
async fn fail_login(_event: &Login, outcome: Outcome<Login>, ctx: &Context) -> Outcome<Login> {
    let login = outcome?;
    match ctx.call().headers.get("x-fail") {
        None => Ok(login),
        Some("panic") => panic!("as asked"),
        Some(_) => Err(Error::refused(4242)),
    }
}

#[after(collect = false)]
async fn fail_guest(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    let login = outcome?;
    ctx.response()
        .set_header("x-guest", login.user.id().as_str())?;
    Err(Error::refused(4242))
}

#[after(collect = false)]
async fn fail_register(
    _event: &Register,
    outcome: Outcome<Register>,
    _ctx: &Context,
) -> Outcome<Register> {
    outcome?;
    Err(Error::refused(4242))
}

async fn login_that_fails(how: &str) {
    let kit = TestKit::with::<fail_login>().start().await;
    let ann = kit.user("ann@example.com").await;
    let before = kit.storage().user(ann.id()).await.unwrap();
    let newcomer = kit.anonymous().with_header("x-fail", how);
    newcomer
        .submit(Login::new("ann@example.com", "secret"))
        .await
        .unwrap_err();
    assert!(
        ann.is_alive().await,
        "the session that would have been displaced lives on"
    );
    assert_eq!(1, kit.storage().sessions_of(ann.id()).await.unwrap().len());
    assert_eq!(
        before,
        kit.storage().user(ann.id()).await.unwrap(),
        "and nothing else changed"
    );
}

#[tokio::test]
async fn a_login_that_an_after_handler_refuses_leaves_no_session_behind() {
    login_that_fails("refuse").await;
}

#[tokio::test]
async fn a_login_whose_after_handler_panics_leaves_no_session_behind() {
    login_that_fails("panic").await;
}

#[tokio::test]
async fn a_login_that_succeeds_ends_the_session_that_it_displaces() {
    let kit = TestKit::with::<fail_login>().start().await;
    let first = kit.user("ann@example.com").await;
    let second = kit.log_in("ann@example.com").await;
    assert_eq!(
        (false, true),
        (first.is_alive().await, second.is_alive().await)
    );
}

#[tokio::test]
async fn a_guest_login_that_fails_leaves_no_guest_behind() {
    let kit = TestKit::with::<fail_guest>().start().await;
    let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
    assert!(reply.outcome.is_err());
    let id = ObjectId::parse(&reply.response.headers[0].1).unwrap();
    assert_eq!(None, kit.storage().user(&id).await.unwrap());
    assert_eq!(0, kit.storage().sessions_of(&id).await.unwrap().len());
}

#[tokio::test]
async fn a_registration_that_committed_stays() {
    let kit = TestKit::with::<fail_register>().start().await;
    let ann = Register::with("ann@example.com", "secret");
    kit.anonymous().submit(ann).await.unwrap_err();
    kit.log_in("ann@example.com").await;
}
