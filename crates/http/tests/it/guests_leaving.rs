//! What the operator sees of guests who leave: the plan, the numbers and the metrics.

use std::time::Duration;

use http::Method;
use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_storage_sqlite::SqliteOptions;

use crate::app::App;

#[before(collect = false)]
async fn keep_all(_event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let an_hour = Duration::from_secs(3600);
    Ok(Flow::Respond(Purged::kept_for(an_hour, ctx.now())))
}

async fn operator(app: &App, path: &str) -> Json {
    app.admin(Method::GET, path).send().await.ok()
}

/// A guest who came in and logged out.
async fn leaver(app: &App) -> String {
    let (id, token) = app.guest().await;
    let logout = app.get("/users/logout").header("user-token", &token);
    assert_eq!(200, logout.send().await.status);
    id
}

#[tokio::test]
async fn the_plan_says_who_goes_and_why_page_by_page() {
    let app = App::start().await;
    let cleanup = json!({ "guests": { "cleanup": false } });
    let change = app.admin(Method::PATCH, "/settings").json(&cleanup);
    change.send().await.ok();
    let (expired, _) = app.guest().await;
    app.clock.advance(Duration::from_secs(3700));
    let (left, _) = (leaver(&app).await, app.guest().await);
    let plan = operator(&app, "/guests/plan").await;
    let now = app.engine.now().as_millis();
    assert_eq!(
        json!([false, 10, "leave", 0, null]),
        json!([
            plan["cleanup"],
            plan["sweepSeconds"],
            plan["ownedRows"],
            plan["handlers"],
            plan["next"]
        ])
    );
    let listed = json!([
        {
            "objectId": left, "created": now, "goes": false, "why": "cleanupIsOff",
            "since": null, "until": null,
        },
        {
            "objectId": expired, "created": now - 3_700_000, "goes": false, "why": "cleanupIsOff",
            "since": now - 100_000, "until": null,
        },
    ]);
    assert_eq!(listed, plan["guests"]);
    let mut ids = Vec::new();
    let mut path = "/guests/plan?pageSize=1".to_owned();
    loop {
        let page = operator(&app, &path).await;
        let guests = page["guests"].as_array().unwrap();
        assert!(guests.len() <= 1);
        ids.extend(guests.iter().map(|guest| guest["objectId"].clone()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/guests/plan?pageSize=1&after={next}");
    }
    assert_eq!(json!([left, expired]), json!(ids));
}

#[tokio::test]
async fn what_is_no_page_of_a_plan_is_refused() {
    let app = App::start().await;
    for query in [
        "pageSize=0",
        "pageSize=1001",
        "pageSize=x",
        "after=nonsense",
        "where=1",
    ] {
        let path = format!("/guests/plan?{query}");
        let answer = app.admin(Method::GET, &path).send().await;
        answer.refused(400, 8008);
    }
}

#[tokio::test]
async fn guests_are_told_in_numbers_here_and_in_the_metrics() {
    let app = App::with(|builder| builder.handler::<keep_all>()).await;
    let (_, _) = app.guest().await;
    let (id, token) = app.guest().await;
    let ann = json!({ "objectId": id, "email": "ann@example.com", "password": "secret" });
    let register = app.post("/users/register").header("user-token", &token);
    register.json(&ann).send().await.ok();
    leaver(&app).await;
    app.engine.sweep_guests().await.unwrap();
    let numbers = operator(&app, "/guests").await;
    assert_eq!(
        json!({
            "now": {
                "all": 2, "active": 1, "expired": 0, "kept": 1,
                "countedAt": app.engine.now().as_millis(),
            },
            "sinceStart": {
                "made": 3, "converted": 1, "purged": 0,
                "kept": { "handler": 1, "handlerFailure": 0, "ownedRows": 0, "call": 0 },
            },
        }),
        numbers
    );
    let plan = operator(&app, "/guests/plan").await;
    assert_eq!(json!(1), plan["handlers"]);
    let until = app.engine.now().as_millis() + 3_600_000;
    assert_eq!(
        json!(["handler", until]),
        json!([plan["guests"][0]["why"], plan["guests"][0]["until"]])
    );

    let metrics = app.raw(Method::GET, "/metrics").peer("127.0.0.1");
    let text = metrics.send().await.text;
    for line in [
        "vestibule_guests_made_total 3",
        "vestibule_guests_converted_total 1",
        "vestibule_guests_purged_total 0",
        r#"vestibule_guests_kept_total{reason="handler"} 1"#,
        r#"vestibule_guests{state="active"} 1"#,
        r#"vestibule_guests{state="kept"} 1"#,
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[before(collect = false)]
async fn let_all_go(_event: &mut PurgeGuest, _ctx: &Context) -> Result<Flow<PurgeGuest>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_guest_whose_row_cannot_be_read_keeps_nobody_else_here() {
    let app = App::with(|builder| builder.handler::<let_all_go>()).await;
    let spoiled = leaver(&app).await;
    leaver(&app).await;
    let file = SqliteOptions::in_folder(app.folder.path()).database_file();
    let tool = rusqlite::Connection::open(file).unwrap();
    let spoil = r#"UPDATE "Users" SET "created" = 'yesterday' WHERE "objectId" = ?1"#;
    assert_eq!(1, tool.execute(spoil, [spoiled]).unwrap());
    let error = app.engine.sweep_guests().await.unwrap_err();
    assert!(error.log().contains("created"), "{}", error.log());
    assert_eq!(1, app.engine.guest_numbers().purged);
}
