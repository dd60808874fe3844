//! Rule 8: handlers of one call share data, shape the answer, and know where the call comes from.

use vestibule::{KeyKind, prelude::*};
use vestibule_testkit::TestKit;

#[derive(Clone, Debug, PartialEq)]
struct Campaign(String);

#[before(collect = false)]
async fn remember(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let campaign = ctx
        .call()
        .headers
        .get("x-campaign")
        .unwrap_or("none")
        .to_owned();
    ctx.extensions().insert(Campaign(campaign));
    Ok(Flow::Continue)
}

#[after(collect = false)]
async fn recall(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    let Campaign(campaign) = ctx
        .extensions()
        .get()
        .unwrap_or_else(|| Campaign("lost".to_owned()));
    ctx.response().set_header("X-Campaign", &campaign)?;
    ctx.response().set_status(201)?;
    outcome
}

#[after(collect = false)]
async fn describe_call(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    let call = ctx.call();
    let roles: Vec<_> = call.roles.iter().map(|role| role.as_str()).collect();
    let shown = format!("{:?} {} {:?}", call.key, roles.join("+"), call.address);
    ctx.response().set_header("x-call", &shown)?;
    outcome
}

#[after(collect = false)]
async fn break_the_answer(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    ctx.response().set_header("x-a", "b\r\nset-cookie: c")?;
    outcome
}

#[tokio::test]
async fn a_before_handler_leaves_typed_data_for_the_after_handlers_of_the_same_call() {
    let kit = TestKit::with::<remember>().and::<recall>().start().await;
    let visitor = kit.anonymous().with_header("X-Campaign", "spring");
    let reply = visitor.reply(LoginAsGuest::default()).await;
    assert_eq!(Some(201), reply.response.status);
    assert_eq!(
        vec![("x-campaign".to_owned(), "spring".to_owned())],
        reply.response.headers
    );

    let other = kit.anonymous().reply(LoginAsGuest::default()).await;
    assert_eq!("none", other.response.headers[0].1, "calls do not share it");
}

#[tokio::test]
async fn a_handler_knows_key_roles_and_address_of_the_call() {
    let kit = TestKit::with::<describe_call>().start().await;
    let visitor = kit.anonymous().with_key(KeyKind::Android).from("192.0.2.7");
    let reply = visitor.reply(LoginAsGuest::default()).await;
    let expected = "Some(Android) NotAuthenticatedUser+AndroidUser Some(192.0.2.7)";
    assert_eq!(expected, reply.response.headers[0].1);
}

#[tokio::test]
async fn a_header_that_would_break_the_answer_apart_is_refused() {
    let kit = TestKit::with::<break_the_answer>().start().await;
    let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
    assert!(reply.outcome.unwrap_err().is_internal());
    assert!(reply.response.headers.is_empty());
}
