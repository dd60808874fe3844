use std::{future, net::IpAddr, time::Duration};

use serde_json::json;
use vestibule::prelude::*;
use vestibule_http::HttpOptions;

use crate::app::{App, EMAIL, PASSWORD};

/// Chooses a status and headers.
#[before(collect = false)]
async fn decorate(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response().set_status(201)?;
    ctx.response().set_header("x-of-our-own", "yes")?;
    ctx.response()
        .set_header("access-control-expose-headers", "x-of-our-own")?;
    ctx.response().set_header("cache-control", "private")?;
    ctx.response().set_header("content-length", "7")?;
    ctx.response().set_header("transfer-encoding", "chunked")?;
    Ok(Flow::Continue)
}

#[tokio::test]
async fn handlers_choose_status_and_headers_but_not_where_the_answer_ends() {
    let app = App::with(|builder| builder.handler::<decorate>()).await;
    let answer = app.post("/users/register/guest").send().await;
    assert_eq!(201, answer.status);
    assert_eq!(Some("yes"), answer.header("x-of-our-own"));
    assert_eq!(Some("private"), answer.header("cache-control"));
    assert_eq!(None, answer.header("transfer-encoding"));
    assert_ne!(Some("7"), answer.header("content-length"));
    let exposed: Vec<_> = answer
        .headers
        .get_all("access-control-expose-headers")
        .iter()
        .collect();
    assert_eq!(vec!["x-of-our-own", "x-request-id, retry-after"], exposed);
}

/// Refuses as a handler for limits would.
#[before(collect = false)]
async fn refuse(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response().set_header("x-of-our-own", "yes")?;
    Err(Error::refused(999)
        .status(429)
        .retry_after(Duration::from_millis(2100))
        .saying("too many guests from here"))
}

#[tokio::test]
async fn a_refusal_has_the_handlers_status_text_headers_and_wait_rounded_up() {
    let app = App::with(|builder| builder.handler::<refuse>()).await;
    let answer = app.post("/users/register/guest").send().await;
    assert_eq!("too many guests from here", answer.refused(429, 999));
    assert_eq!(Some("3"), answer.header("retry-after"));
    assert_eq!(Some("yes"), answer.header("x-of-our-own"));
}

/// Fails with a code of its own, after it has chosen a status for a success.
#[before(collect = false)]
async fn fail(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response().set_status(200)?;
    Err(Error::refused(4242).saying("not today"))
}

#[tokio::test]
async fn an_error_is_never_answered_as_a_success() {
    let app = App::with(|builder| builder.handler::<fail>()).await;
    let answer = app.post("/users/register/guest").send().await;
    assert_eq!("not today", answer.refused(400, 4242));
}

/// Breaks, and knows a secret.
#[before(collect = false)]
async fn break_down(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    "secret".parse::<i32>()?;
    Ok(Flow::Continue)
}

/// Panics, and knows a secret.
#[before(collect = false)]
async fn panic(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    panic!("secret");
}

#[tokio::test]
async fn what_broke_is_told_to_nobody() {
    let app = App::with(|builder| builder.handler::<break_down>().handler::<panic>()).await;
    let answer = app.post("/users/register/guest").send().await;
    let message = answer.refused(500, 0);
    assert!(!message.contains("invalid digit"), "{message}");
    let body = json!({ "login": EMAIL, "password": PASSWORD });
    let answer = app.post("/users/login").json(&body).send().await;
    let message = answer.refused(400, 15000);
    assert!(!message.contains("secret"), "{message}");
    app.get("/info").send().await.ok();
}

/// Never ends by itself.
#[before(timeout = "10m", collect = false)]
async fn hang(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    future::pending().await
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_with_503() {
    let app = App::with(|builder| builder.handler::<hang>()).await;
    let ask = app.post("/users/register/guest").send();
    let patience = async {
        loop {
            tokio::task::yield_now().await;
            app.clock.advance(Duration::from_secs(1));
        }
    };
    let answer = tokio::select! {
        answer = ask => answer,
        () = patience => unreachable!("patience has no end"),
    };
    answer.refused(503, 0);
    assert!(answer.header("retry-after").is_some());
}

/// Lets in whom it can see properly: with a key, an address, an id and a header.
#[before(collect = false)]
async fn inspect(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let call = ctx.call();
    if call.headers.get("x-first").is_some() {
        return Ok(Flow::Continue);
    }
    let expected: IpAddr = [1, 2, 3, 4].into();
    let seen = (
        call.address == Some(expected),
        call.request_id.as_deref() == Some("id-1"),
        call.headers.get("X-Device") == Some("d-1"),
        call.headers.get("user-token").is_none(),
        call.headers.get("authorization").is_none(),
        call.caller.is_guest(),
    );
    if seen == (true, true, true, true, true, true) {
        return Ok(Flow::Continue);
    }
    Err(Error::refused(4242).saying(format!("{seen:?}")))
}

#[tokio::test]
async fn handlers_see_the_client_behind_a_proxy_and_no_secrets() {
    let options = HttpOptions {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..HttpOptions::default()
    };
    let app = App::with_options(|builder| builder.handler::<inspect>(), &options).await;
    let first = app
        .post("/users/register/guest")
        .header("x-first", "yes")
        .send();
    let token = first.await.ok()["user-token"].as_str().unwrap().to_owned();
    let answer = app
        .post("/users/register/guest")
        .peer("10.0.0.1")
        .token(&token)
        .header("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.2")
        .header("x-request-id", "id-1")
        .header("x-device", "d-1")
        .header("authorization", "Bearer secret")
        .send()
        .await;
    answer.ok();
}
