//! Cookies that handlers give to clients.

use std::time::Duration;

use vestibule::{SameSite, prelude::*};
use vestibule_testkit::TestKit;

use crate::waiting::while_time_passes;

/// Sets the cookies that a test left for it.
#[after(collect = false)]
async fn set(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    let wanted = ctx.state::<std::sync::Mutex<Vec<Cookie>>>();
    for cookie in wanted.lock().unwrap().drain(..) {
        ctx.response().set_cookie(cookie)?;
    }
    outcome
}

/// The headers that a client gets, or what the log says of why it gets none.
async fn answered(cookies: Vec<Cookie>) -> std::result::Result<Vec<String>, String> {
    let kit = TestKit::with::<set>().start().await;
    *kit.state::<std::sync::Mutex<Vec<Cookie>>>().lock().unwrap() = cookies;
    let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
    let headers = reply.response.cookies.iter().map(Cookie::header).collect();
    match reply.outcome {
        Ok(_) => Ok(headers),
        Err(error) => {
            assert!(error.is_internal(), "{error:?}");
            Err(error.log())
        }
    }
}

async fn check(expected: &str, cookie: Cookie) {
    assert_eq!(Ok(vec![expected.to_owned()]), answered(vec![cookie]).await);
}

async fn refused(words: &str, cookie: Cookie) {
    let shown = format!("{cookie:?}");
    let log = answered(vec![cookie]).await.expect_err(&shown);
    assert!(log.contains(words), "{shown}: {log}");
    assert!(!log.contains("s3cret"), "{log}");
}

fn plain() -> Cookie {
    Cookie::new("a", "s3cret")
}

#[tokio::test]
async fn a_cookie_is_for_this_site_and_no_script_unless_told_otherwise() {
    check(
        "a=b; Path=/; Secure; HttpOnly; SameSite=Lax",
        Cookie::new("a", "b"),
    )
    .await;
    let cookie = Cookie::new("a", "")
        .path("/shop")
        .domain("Example.com")
        .max_age(Duration::from_millis(1500))
        .secure(false)
        .http_only(false)
        .same_site(SameSite::Strict);
    check(
        "a=; Path=/shop; Domain=example.com; Max-Age=2; SameSite=Strict",
        cookie,
    )
    .await;
    let third_party = Cookie::new("a", "b").same_site(SameSite::None);
    check("a=b; Path=/; Secure; HttpOnly; SameSite=None", third_party).await;
    check(
        "a=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        Cookie::removal("a"),
    )
    .await;
    let forever = format!(
        "a=b; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax",
        u64::MAX
    );
    check(&forever, Cookie::new("a", "b").max_age(Duration::MAX)).await;
}

#[tokio::test]
async fn what_would_break_the_header_apart_is_refused() {
    for name in ["", "a b", "a=b", "a;b", "a\r\nset-cookie: c", "ä", "a\0"] {
        refused("a name consists of", Cookie::new(name, "s3cret")).await;
    }
    let values = [
        "s3cret; Domain=evil.example",
        "s3cret\r\nx-a: b",
        "s3cret\n",
        "\"s3cret\"",
        "s3cret, b",
        "s3cret \\",
        "s3cret é",
        "s3cret\0",
        "s3cret\u{7f}",
    ];
    for value in values {
        refused("a value consists of", Cookie::new("a", value)).await;
    }
    for path in [
        "",
        "shop",
        "/shop; Domain=evil.example",
        "/\r\nx-a: b",
        "/ä",
        "/a b",
    ] {
        refused("a path begins with", plain().path(path)).await;
    }
    refused("a path begins with", plain().path("/".repeat(1025))).await;
    let domains = [
        "",
        ".example.com",
        "example..com",
        "example.com:9000",
        "https://example.com",
        "example.com; Path=/",
        "example.com\r\nx-a: b",
        "-a.example",
        "ä.example",
    ];
    for domain in domains {
        refused("a domain is the name of a host", plain().domain(domain)).await;
    }
}

#[tokio::test]
async fn what_no_browser_would_keep_is_refused() {
    refused(
        "only if it is secure",
        plain().same_site(SameSite::None).secure(false),
    )
    .await;
    for name in ["__Secure-a", "__host-a"] {
        refused(
            "only if it is secure",
            Cookie::new(name, "s3cret").secure(false),
        )
        .await;
    }
    let host = || Cookie::new("__Host-a", "s3cret");
    refused("without a domain", host().domain("example.com")).await;
    refused("without a domain", host().path("/shop")).await;
    let exact = "__Host-a=s3cret; Path=/; Secure; HttpOnly; SameSite=Lax";
    check(exact, host()).await;
    let value = "s3cret".repeat(700);
    refused("longer than 4096 bytes", Cookie::new("a", value)).await;
    assert!(
        answered(vec![Cookie::new("a", "b".repeat(4095))])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_last_cookie_of_a_name_a_domain_and_a_path_counts() {
    let cookie = |value: &str| Cookie::new("a", value).http_only(false).secure(false);
    let cookies = vec![
        cookie("1"),
        cookie("2").path("/shop"),
        cookie("3").domain("example.com"),
        Cookie::new("b", "4").http_only(false).secure(false),
        cookie("5")
            .domain("EXAMPLE.com")
            .same_site(SameSite::Strict),
        cookie("6"),
    ];
    let expected = [
        "a=2; Path=/shop; SameSite=Lax",
        "b=4; Path=/; SameSite=Lax",
        "a=5; Path=/; Domain=example.com; SameSite=Strict",
        "a=6; Path=/; SameSite=Lax",
    ];
    assert_eq!(expected, *answered(cookies).await.unwrap());
}

#[tokio::test]
async fn one_answer_has_fifty_cookies_at_most() {
    let cookies = |count: usize| {
        let numbered = (0..count).map(|number| Cookie::new(format!("c{number}"), "x"));
        numbered.collect::<Vec<_>>()
    };
    let mut fifty = cookies(50);
    fifty.push(Cookie::new("c7", "again"));
    assert_eq!(50, answered(fifty).await.unwrap().len());
    let log = answered(cookies(51)).await.unwrap_err();
    assert!(log.contains("more than 50 cookies"), "{log}");
}

/// Sets a cookie and refuses the call.
#[before(collect = false)]
async fn turn_away(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response().set_cookie(Cookie::new("turned-away", "1"))?;
    Err(Error::refused(4242))
}

#[tokio::test]
async fn cookies_leave_with_a_refusal_as_well() {
    let kit = TestKit::with::<turn_away>().start().await;
    let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
    assert_eq!(4242, reply.outcome.unwrap_err().code().number());
    assert_eq!([Cookie::new("turned-away", "1")], *reply.response.cookies);
}

/// Sets the cookie that every answer is to have.
#[before(collect = false, order = -1)]
async fn greet(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response()
        .set_cookie(Cookie::new("greeting", "hello"))?;
    Ok(Flow::Continue)
}

/// Changes its mind about cookies, and then hangs.
#[before(collect = false, on_failure = "open")]
async fn hang(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response()
        .set_cookie(Cookie::new("greeting", "go away"))?;
    ctx.response().set_cookie(Cookie::new("other", "x"))?;
    std::future::pending().await
}

#[tokio::test]
async fn the_cookies_of_a_handler_that_fails_open_are_taken_back() {
    let kit = TestKit::with::<greet>().and::<hang>().start().await;
    let visitor = kit.anonymous();
    let reply = while_time_passes(&kit, visitor.reply(LoginAsGuest::default())).await;
    reply.outcome.unwrap();
    assert_eq!([Cookie::new("greeting", "hello")], *reply.response.cookies);
}

/// Writes the header of a cookie by hand.
#[before(collect = false)]
async fn by_hand(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response().set_header("Set-Cookie", "a=b")?;
    Ok(Flow::Continue)
}

#[tokio::test]
async fn the_header_of_a_cookie_is_not_written_by_hand() {
    let kit = TestKit::with::<by_hand>().start().await;
    let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
    let log = reply.outcome.unwrap_err().log();
    assert!(log.contains("ctx.response().set_cookie("), "{log}");
    assert!(reply.response.headers.is_empty());
}

#[test]
fn the_value_of_a_cookie_is_never_printed() {
    let shown = format!("{:?}", Cookie::new("session", "s3cret"));
    assert!(
        shown.contains("session") && !shown.contains("s3cret"),
        "{shown}"
    );
}
