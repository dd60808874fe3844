use serde_json::json;

use crate::app::{App, EMAIL, USER_KEYS, keys};

#[tokio::test]
async fn an_update_changes_what_was_sent_and_answers_the_whole_user() {
    let app = App::start().await;
    let (id, token) = app.ann().await;
    let path = format!("/users/{id}");
    let mut echo = app.get(&path).token(&token).send().await.ok();
    echo["name"] = json!("Ann");
    let updated = app.put(&path).token(&token).json(&echo).send().await.ok();
    assert_eq!(USER_KEYS.to_vec(), keys(&updated));
    assert_eq!(
        ("Ann", EMAIL),
        (
            updated["name"].as_str().unwrap(),
            updated["email"].as_str().unwrap(),
        )
    );
    assert!(updated["updated"].is_i64());
}

#[tokio::test]
async fn an_update_of_nobody_creates_nobody() {
    let app = App::start().await;
    let (_, token) = app.ann().await;
    let before = app.users().await;
    let body = json!({ "name": "x" });
    for id in ["undefined", "no-such-id", &"x".repeat(100)] {
        let path = format!("/users/{id}");
        let ask = app.put(&path).token(&token).json(&body);
        ask.send().await.refused(400, 3030);
    }
    let anonymous = app.put("/users/undefined").json(&body).send().await;
    anonymous.refused(400, 3028);
    assert_eq!(before, app.users().await);
}

#[tokio::test]
async fn wrong_updates_are_refused_with_the_code_of_their_kind() {
    let app = App::start().await;
    app.register("bob@example.com").await;
    let (id, token) = app.ann().await;
    let path = format!("/users/{id}");
    let cases = [
        (409, 3018, json!({ "email": "bob@example.com" })),
        (400, 3045, json!({ "email": "" })),
        (400, 3045, json!({ "password": "" })),
        (400, 3040, json!({ "email": "no address" })),
        (400, 3049, json!({ "name": 7 })),
        (400, 3050, json!({ "password": {} })),
    ];
    for (status, code, body) in cases {
        let answer = app.put(&path).token(&token).json(&body).send().await;
        answer.refused(status, code);
    }
    let user = app.get(&path).token(&token).send().await.ok();
    assert_eq!(
        (EMAIL, true),
        (user["email"].as_str().unwrap(), user["updated"].is_null())
    );
}

#[tokio::test]
async fn in_an_app_of_own_records_the_account_of_another_is_403() {
    let app = App::start().await;
    app.set(json!({ "permissions": { "base": "own" } })).await;
    let other = app.register("bob@example.com").await;
    let (_, token) = app.ann().await;
    let path = format!("/users/{}", other["objectId"].as_str().unwrap());
    let body = json!({ "name": "x" });
    let answer = app.put(&path).token(&token).json(&body).send().await;
    answer.refused(403, 3029);
    app.get(&path).token(&token).send().await.refused(400, 1000);
}
