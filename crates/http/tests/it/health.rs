use http::Method;
use serde_json::json;
use vestibule::prelude::*;
use vestibule_http::HttpOptions;

use crate::app::{ADMIN_TOKEN, App, EMAIL, JS_KEY};

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let app = App::start().await;
    for path in ["/healthz", "/readyz"] {
        app.raw(Method::GET, path).send().await.ok();
    }
}

#[tokio::test]
async fn a_server_that_goes_down_is_alive_but_not_ready() {
    let app = App::start().await;
    app.engine.shut_down().await;
    app.raw(Method::GET, "/healthz").send().await.ok();
    let answer = app.raw(Method::GET, "/readyz").send().await;
    answer.refused(503, 0);
    assert_eq!(Some("1"), answer.header("retry-after"));
    let answer = app.post("/users/register/guest").send().await;
    answer.refused(503, 0);
    assert_eq!(Some("1"), answer.header("retry-after"));
}

#[tokio::test]
async fn metrics_are_for_the_operator_and_for_callers_on_this_machine() {
    let app = App::start().await;
    let ask = || app.raw(Method::GET, "/metrics");
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    for allowed in [
        ask().peer("127.0.0.1"),
        ask().peer("::1"),
        ask().header("authorization", &bearer),
        ask().peer("8.8.8.8").header("authorization", &bearer),
    ] {
        assert_eq!(200, allowed.send().await.status);
    }
    for refused in [
        ask(),
        ask().peer("8.8.8.8"),
        ask().peer("8.8.8.8").header("x-forwarded-for", "127.0.0.1"),
        ask().peer("127.0.0.1").header("x-forwarded-for", "8.8.8.8"),
        ask()
            .peer("127.0.0.1")
            .header("x-forwarded-for", "127.0.0.1"),
        ask().peer("127.0.0.1").header("forwarded", "for=8.8.8.8"),
        ask().peer("127.0.0.1").header("x-real-ip", "8.8.8.8"),
    ] {
        refused.send().await.refused(401, 2000);
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_decides_who_sees_metrics() {
    let options = HttpOptions {
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..HttpOptions::default()
    };
    let app = App::with_options(|builder| builder, &options).await;
    let ask = || app.raw(Method::GET, "/metrics").peer("127.0.0.1");
    assert_eq!(200, ask().send().await.status);
    let outside = ask().header("x-forwarded-for", "127.0.0.1, 8.8.8.8");
    outside.send().await.refused(401, 2000);
}

/// Does nothing, to be counted.
#[before(collect = false)]
async fn look_on(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn metrics_count_calls_handlers_and_requests_by_route() {
    let app = App::with(|builder| builder.handler::<look_on>()).await;
    app.guest().await;
    let (_, token) = app.guest().await;
    app.register(EMAIL).await;
    let body = json!({ "login": EMAIL, "password": "wrong" });
    app.post("/users/login").json(&body).send().await;
    app.get(&format!("/users/isvalidusertoken/{token}"))
        .send()
        .await;
    app.get("/no/such/route").send().await;
    let text = app
        .raw(Method::GET, "/metrics")
        .peer("127.0.0.1")
        .send()
        .await
        .text;
    for line in [
        r#"vestibule_calls_total{event="loginAsGuest",ending="performed"} 2"#,
        r#"vestibule_calls_total{event="login",ending="performed"} 1"#,
        r#"vestibule_handler_calls_total{handler="it::health::look_on"} 2"#,
        r#"vestibule_handler_failures_total{handler="it::health::look_on",kind="panicked"} 0"#,
        "vestibule_password_hashes_total 2",
        "vestibule_sessions_in_memory 2",
        r#"vestibule_http_requests_total{route="/api/users/register/guest",status="200"} 2"#,
        r#"vestibule_http_requests_total{route="/api/users/login",status="401"} 1"#,
        r#"vestibule_http_requests_total{route="/api/users/isvalidusertoken/{token}",status="200"} 1"#,
        r#"vestibule_http_requests_total{route="none",status="404"} 1"#,
        r#"vestibule_http_request_duration_seconds_bucket{le="+Inf",route="/api/users/login",status="401"} 1"#,
        "# EOF",
    ] {
        assert!(
            text.lines().any(|other| other == line),
            "{line} is not in\n{text}"
        );
    }
    for secret in [&token, JS_KEY] {
        assert!(!text.contains(secret), "{text}");
    }
}
