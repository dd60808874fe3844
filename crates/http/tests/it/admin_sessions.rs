//! What the operator sees of a user's sessions, and how the operator ends them.

use std::time::Duration;

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{Answer, App, EMAIL, id, keys};

async fn list(app: &App, user: &str, query: &str) -> Answer {
    let path = format!("/users/{user}/sessions{query}");
    app.admin(Method::GET, &path).send().await
}

async fn end(app: &App, user: &str, session: &str) -> Answer {
    let path = format!("/users/{user}/sessions{session}");
    app.admin(Method::DELETE, &path).send().await
}

async fn is_valid(app: &App, token: &str) -> bool {
    let path = format!("/users/isvalidusertoken/{token}");
    app.get(&path).send().await.ok() == json!(true)
}

async fn several() -> App {
    let app = App::start().await;
    app.set(json!({ "login": { "multipleLogins": true } }))
        .await;
    app
}

#[tokio::test]
async fn sessions_are_listed_without_their_tokens() {
    let app = several().await;
    let (ann, token) = app.ann().await;
    let answer = list(&app, &ann, "").await;
    let listed = answer.ok();
    let session = &listed[0];
    assert_eq!(
        vec!["alive", "created", "expires", "id", "lastUsed"],
        keys(session)
    );
    let began = 1_700_000_000_000_i64;
    assert_eq!(json!(began), session["created"]);
    assert_eq!(json!(began), session["lastUsed"]);
    assert_eq!(json!(began + 3_600_000), session["expires"]);
    assert_eq!(json!(true), session["alive"]);
    for part in token.split('.') {
        assert!(!answer.text.contains(part), "{}", answer.text);
    }
    app.set(json!({ "sessions": { "inactivityTimeoutSeconds": 0 } }))
        .await;
    assert_eq!(json!(null), list(&app, &ann, "").await.ok()[0]["expires"]);
}

#[tokio::test]
async fn one_session_or_all_of_them_end_at_once() {
    let app = several().await;
    let (ann, first) = app.ann().await;
    app.clock.advance(Duration::from_secs(1));
    let (_, second) = app.login(EMAIL).await;
    app.clock.advance(Duration::from_secs(1));
    let (_, third) = app.login(EMAIL).await;
    // The latest login comes first.
    let latest = list(&app, &ann, "?pageSize=1").await.ok();
    end(
        &app,
        &ann,
        &format!("/{}", latest[0]["id"].as_str().unwrap()),
    )
    .await
    .empty();
    assert_eq!(
        (true, true, false),
        (
            is_valid(&app, &first).await,
            is_valid(&app, &second).await,
            is_valid(&app, &third).await
        )
    );
    app.get("/data/Users")
        .token(&third)
        .send()
        .await
        .refused(401, 3064);
    end(&app, &ann, "").await.empty();
    assert!(!is_valid(&app, &first).await && !is_valid(&app, &second).await);
    assert_eq!(json!([]), list(&app, &ann, "").await.ok());
    app.login(EMAIL).await;
}

#[tokio::test]
async fn pages_of_sessions_have_bounds() {
    let app = several().await;
    let (ann, _) = app.ann().await;
    app.login(EMAIL).await;
    let whole = list(&app, &ann, "").await.ok();
    assert_eq!(2, whole.as_array().unwrap().len());
    let second = list(&app, &ann, "?offset=1&pageSize=5").await.ok();
    assert_eq!(json!([whole[1]]), second);
    assert_eq!(json!([]), list(&app, &ann, "?offset=2").await.ok());
}

#[tokio::test]
async fn who_or_what_is_not_there_is_refused() {
    let app = several().await;
    let (ann, token) = app.ann().await;
    let long = "x".repeat(300);
    for nobody in ["NOBODY", "%20", "a%2Fb", &long] {
        list(&app, nobody, "").await.refused(400, 3057);
        end(&app, nobody, "").await.refused(400, 3057);
        end(&app, nobody, "/0").await.refused(400, 3057);
    }
    for nothing in ["/0", "/%20", &format!("/{token}"), &format!("/{long}")] {
        end(&app, &ann, nothing).await.refused(400, 1000);
    }
    assert!(is_valid(&app, &token).await);
}

#[tokio::test]
async fn a_guest_has_sessions_like_anybody() {
    let app = App::start().await;
    let (guest, token) = app.guest().await;
    let listed = list(&app, &guest, "").await.ok();
    assert_eq!(1, listed.as_array().unwrap().len());
    end(&app, &guest, "").await.empty();
    assert!(!is_valid(&app, &token).await);
}

#[tokio::test]
async fn a_registered_user_who_never_logged_in_has_none() {
    let app = App::start().await;
    let user = app.register(EMAIL).await;
    let listed: Json = list(&app, id(&user), "").await.ok();
    assert_eq!(json!([]), listed);
}
