//! Every code of the login table as a client gets it: number, status, and nothing that it must not
//! know.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{Answer, App, BL_KEY, EMAIL, PASSWORD, id};

const BOB: &str = "bob@example.com";

async fn login(app: &App, body: &Json) -> Answer {
    app.post("/users/login").json(body).send().await
}

fn right() -> Json {
    json!({ "login": EMAIL, "password": PASSWORD })
}

fn wrong() -> Json {
    json!({ "login": EMAIL, "password": "wrong" })
}

#[tokio::test]
async fn a_login_that_says_too_little_or_too_much_is_refused_before_anybody_is_looked_up() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let (long, too_long) = ("x".repeat(500), "x".repeat(501));
    for (body, status, code) in [
        (json!({}), 400, 3038),
        (json!({ "login": EMAIL }), 400, 3038),
        (json!({ "password": PASSWORD }), 400, 3038),
        (json!({ "login": null, "password": PASSWORD }), 400, 3038),
        (json!({ "login": EMAIL, "password": null }), 400, 3038),
        (json!({ "login": "", "password": PASSWORD }), 400, 3006),
        (json!({ "login": EMAIL, "password": "" }), 400, 3006),
        (json!({ "login": "", "password": "" }), 400, 3006),
        (
            json!({ "login": too_long, "password": PASSWORD }),
            400,
            8000,
        ),
        (json!({ "login": long, "password": PASSWORD }), 401, 3003),
        (
            json!({ "login": EMAIL, "password": "x".repeat(1025) }),
            400,
            8000,
        ),
        (
            json!({ "login": EMAIL, "password": "x".repeat(1024) }),
            401,
            3003,
        ),
        (json!({ "login": true, "password": PASSWORD }), 400, 8008),
        (json!({ "login": EMAIL, "password": 7 }), 400, 8008),
        (json!({ "login": [EMAIL], "password": {} }), 400, 8008),
        (json!({ "objectId": "X" }), 400, 2014),
        (right(), 200, 0),
    ] {
        let answer = login(&app, &body).await;
        match code {
            0 => drop(answer.ok()),
            code => drop(answer.refused(status, code)),
        }
    }
}

#[tokio::test]
async fn a_wrong_app_or_key_is_2002_whatever_else_is_right() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let long = "k".repeat(2000);
    for key in [
        "nonsense",
        "the-js-ke",
        "the-js-key1",
        "THE-JS-KEY",
        "%00",
        &long,
    ] {
        for id in ["APP-1", "APP-2", "APP", &long] {
            let ask = app.raw(Method::POST, &format!("/{id}/{key}/users/login"));
            ask.json(&right()).send().await.refused(400, 2002);
        }
    }
    let ask = app.raw(Method::POST, "/APP-2/the-js-key/users/login");
    ask.json(&right()).send().await.refused(400, 2002);
}

#[tokio::test]
async fn unknown_and_wrong_are_one_answer() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let unknown = json!({ "login": BOB, "password": PASSWORD });
    let (unknown, wrong) = (login(&app, &unknown).await, login(&app, &wrong()).await);
    assert_eq!("Invalid login or password", wrong.refused(401, 3003));
    assert_eq!(unknown.text, wrong.text);
}

#[tokio::test]
async fn logins_switched_off_are_3034() {
    let app = App::start().await;
    app.register(EMAIL).await;
    app.set(json!({ "login": { "enabled": false } })).await;
    for body in [right(), wrong(), json!({ "login": BOB, "password": "x" })] {
        login(&app, &body).await.refused(400, 3034);
    }
}

#[tokio::test]
async fn a_second_login_is_3002_and_one_too_many_3044() {
    let app = App::start().await;
    let (_, token) = app.ann().await;
    app.set(json!({ "login": { "rejectSecondLogin": true } }))
        .await;
    login(&app, &right()).await.refused(400, 3002);
    login(&app, &wrong()).await.refused(401, 3003); // without the password nobody hears of it
    let several = json!({ "multipleLogins": true, "maxConcurrentLogins": 1 });
    app.set(json!({ "login": several })).await;
    login(&app, &right()).await.refused(400, 3044);
    login(&app, &wrong()).await.refused(401, 3003);
    app.get("/users/logout").token(&token).send().await.empty();
    login(&app, &right()).await.ok();
}

#[tokio::test]
async fn the_limits_of_several_logins_bind_the_login_by_object_id_and_the_lock_does_not() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    let by_id = || {
        let body = json!({ "objectId": ann });
        app.post("/users/login").key(BL_KEY).json(&body).send()
    };
    app.set(json!({ "login": { "lockAfterFailedLogins": 1 } }))
        .await;
    login(&app, &wrong()).await.refused(401, 3003);
    login(&app, &right()).await.refused(400, 3036);
    by_id().await.ok();
    app.set(json!({ "login": { "rejectSecondLogin": true } }))
        .await;
    by_id().await.refused(400, 3002);
    let several = json!({ "multipleLogins": true, "maxConcurrentLogins": 1 });
    app.set(json!({ "login": several })).await;
    by_id().await.refused(400, 3044);
}

#[tokio::test]
async fn a_locked_account_is_3036_until_its_time_is_over() {
    let app = App::start().await;
    app.register(EMAIL).await;
    app.set(json!({ "login": { "lockAfterFailedLogins": 2, "lockSeconds": 60 } }))
        .await;
    login(&app, &wrong()).await.refused(401, 3003);
    login(&app, &wrong()).await.refused(401, 3003);
    login(&app, &right()).await.refused(400, 3036);
    login(&app, &wrong()).await.refused(400, 3036);
    app.clock.advance(std::time::Duration::from_secs(61));
    login(&app, &right()).await.ok();
}

#[tokio::test]
async fn a_pending_user_is_3087_and_a_disabled_one_3090_until_enabled() {
    let app = App::start().await;
    app.set(json!({ "registration": { "emailConfirmationRequired": true } }))
        .await;
    let pending = app.register(EMAIL).await;
    login(&app, &right()).await.refused(400, 3087);
    login(&app, &wrong()).await.refused(401, 3003);
    let path = format!("/tables/Users/rows/{}", id(&pending));
    for (status, code) in [("DISABLED", 3090), ("ENABLED", 0), ("DISABLED", 3090)] {
        let edit = app.admin(Method::PATCH, &path);
        edit.json(&json!({ "userStatus": status }))
            .send()
            .await
            .ok();
        let answer = login(&app, &right()).await;
        match code {
            0 => drop(answer.ok()),
            code => drop(answer.refused(400, code)),
        }
        login(&app, &wrong()).await.refused(401, 3003);
    }
}

#[tokio::test]
async fn what_the_operator_disables_revives_when_it_is_enabled() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    let path = format!("/tables/Users/rows/{ann}");
    let set = |status: &'static str| {
        let edit = app.admin(Method::PATCH, &path);
        edit.json(&json!({ "userStatus": status })).send()
    };
    let find = || app.get("/data/Users").token(&token).send();
    set("DISABLED").await.ok();
    find().await.refused(400, 3090);
    set("ENABLED").await.ok();
    find().await.ok();
    set("DISABLED").await.ok();
    app.get("/users/logout").token(&token).send().await.empty();
    set("ENABLED").await.ok();
    find().await.refused(401, 3064);
}
