//! Who may do what: the permissions of the data API, and the operator's.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{Answer, App, BL_KEY, id, with_query};

/// The operator sets a permission.
async fn put(app: &App, body: Json) -> Answer {
    let put = app.admin(Method::PUT, "/permissions");
    put.json(&body).send().await
}

async fn list(app: &App, filter: &[(&str, &str)]) -> Json {
    let path = with_query("/permissions", filter);
    app.admin(Method::GET, &path).send().await.ok()
}

async fn actions(app: &App) -> Vec<String> {
    let trail = app.engine.audit_trail(0, 100).await.unwrap();
    trail.into_iter().map(|record| record.action).collect()
}

#[tokio::test]
async fn the_operator_sets_a_permission_sees_it_and_takes_it_back() {
    let app = App::start().await;
    app.record("Order", json!({ "total": 7 })).await;
    let cell = json!({
        "role": "JSUser", "resource": "data:Order", "operation": "FIND", "access": "DENY",
    });
    assert_eq!(cell, put(&app, cell.clone()).await.ok());
    assert_eq!(json!([cell]), list(&app, &[]).await);
    let refusal = app.get("/data/Order").send().await;
    refusal.refused(403, 1013);

    let mut inherit = cell.clone();
    inherit["access"] = json!("INHERIT");
    assert_eq!(inherit, put(&app, inherit.clone()).await.ok());
    assert_eq!(json!([]), list(&app, &[]).await);
    assert_eq!(1, app.count("Order", "").await);
    let actions = actions(&app).await;
    assert_eq!("setPermission INHERIT FIND data:Order JSUser", actions[0]);
}

#[tokio::test]
async fn permissions_are_listed_by_role_user_and_resource() {
    let app = App::start().await;
    app.record("Order", json!({})).await;
    let (ann, _) = app.ann().await;
    for (key, who, resource) in [
        ("role", json!("JSUser"), "data"),
        ("role", json!("JSUser"), "data:Order"),
        ("role", json!("GuestUser"), "data:Order"),
        ("user", json!(ann), "data:Order"),
        ("owner", json!(true), "data:Order"),
        ("role", json!("JSUser"), "users"),
    ] {
        let operation = if resource == "users" { "LOGIN" } else { "FIND" };
        let body = json!({
            key: who, "resource": resource, "operation": operation, "access": "GRANT",
        });
        assert_eq!(body, put(&app, body.clone()).await.ok());
    }
    let everybody = json!({ "permission": "ADD", "role": "*" });
    let path = "/data/Order/permissions/GRANT";
    app.put(path).json(&everybody).send().await.ok();
    let number = |list: Json| list.as_array().unwrap().len();
    assert_eq!(7, number(list(&app, &[]).await));
    assert_eq!(3, number(list(&app, &[("role", "JSUser")]).await));
    assert_eq!(1, number(list(&app, &[("role", "*")]).await));
    assert_eq!(1, number(list(&app, &[("user", &ann)]).await));
    assert_eq!(5, number(list(&app, &[("resource", "data:Order")]).await));
    let both = [("role", "JSUser"), ("resource", "users")];
    assert_eq!("LOGIN", list(&app, &both).await[0]["operation"]);
    assert_eq!(0, number(list(&app, &[("role", "Nobody")]).await));
}

#[tokio::test]
async fn what_the_operator_gets_wrong_is_refused_by_its_key_and_changes_nothing() {
    let app = App::start().await;
    app.record("Order", json!({})).await;
    let (ann, _) = app.ann().await;
    let before = actions(&app).await;
    let right = json!({
        "role": "JSUser", "resource": "data:Order", "operation": "FIND", "access": "DENY",
    });
    for (code, key, changes) in [
        (2005, "role", json!({ "role": "Unknown" })),
        (8008, "role", json!({ "role": "*" })),
        (8008, "role", json!({ "role": 7 })),
        (8008, "role", json!({ "role": "ServerCodeUser" })),
        (8008, "user", json!({ "user": ann })),
        (3057, "user", json!({ "role": null, "user": "NOBODY" })),
        (
            8008,
            "user",
            json!({ "role": null, "user": ann, "resource": "data" }),
        ),
        (
            8008,
            "owner",
            json!({ "role": null, "owner": true, "resource": "data" }),
        ),
        (
            2003,
            "operation",
            json!({ "role": null, "owner": true, "operation": "ADD" }),
        ),
        (1009, "resource", json!({ "resource": "data:Unknown" })),
        (8008, "resource", json!({ "resource": "orders" })),
        (8008, "resource", json!({ "resource": ["data"] })),
        (2001, "operation", json!({ "operation": "READ" })),
        (2003, "operation", json!({ "operation": "LOGIN" })),
        (2003, "operation", json!({ "resource": "services:Shop" })),
        (8008, "access", json!({ "access": "ALLOW" })),
        (3038, "access", json!({ "access": null })),
        (8008, "rolle", json!({ "rolle": "JSUser" })),
    ] {
        let mut wrong = right.clone();
        for (key, value) in changes.as_object().unwrap() {
            wrong[key] = value.clone();
        }
        let message = put(&app, wrong.clone()).await.refused(400, code);
        assert!(message.contains(key), "{wrong}: {message}");
    }
    assert_eq!(json!([]), list(&app, &[]).await);
    assert_eq!(before, actions(&app).await);
    for (key, value) in [("rolle", "JSUser"), ("resource", "orders"), ("role", "")] {
        let path = with_query("/permissions", &[(key, value)]);
        let answer = app.admin(Method::GET, &path).send().await;
        let message = answer.refused(400, 8008);
        assert!(message.contains(key), "{message}");
    }
    let stranger = app.raw(Method::GET, "/admin/api/permissions").send().await;
    assert_eq!(401, stranger.status);
}

#[tokio::test]
async fn a_denied_operation_of_the_user_service_is_2000() {
    let app = App::start().await;
    for (operation, path) in [
        ("LOGIN_AS_GUEST", "/users/register/guest"),
        ("REGISTER", "/users/register"),
        ("LOGIN", "/users/login"),
    ] {
        let body = json!({
            "role": "NotAuthenticatedUser", "resource": "users", "operation": operation,
            "access": "DENY",
        });
        put(&app, body).await.ok();
        let user = json!({ "email": "a@example.com", "login": "a@example.com", "password": "x" });
        let answer = app.post(path).json(&user).send().await;
        let message = answer.refused(403, 2000);
        assert!(message.contains(operation), "{message}");
    }
}

#[tokio::test]
async fn a_permission_of_a_record_is_set_and_repeated() {
    let app = App::start().await;
    let order = app.record("Order", json!({ "total": 7 })).await;
    let (ann, token) = app.ann().await;
    let path = |access: &str| format!("/data/Order/permissions/{access}/{}", id(&order));
    let body = json!({ "permission": "FIND", "user": ann, "role": "Unknown" });
    let answer = app.put(&path("DENY")).json(&body).send().await.ok();
    let repeated = json!({ "permission": "FIND", "user": ann, "permissionType": "DENY" });
    assert_eq!(repeated, answer);

    let by_id = format!("/data/Order/{}", id(&order));
    app.get(&by_id)
        .token(&token)
        .send()
        .await
        .refused(400, 1000);
    app.get(&by_id).send().await.ok();
    app.put(&path("GRANT")).json(&body).send().await.ok();
    app.get(&by_id).token(&token).send().await.ok();
}

#[tokio::test]
async fn what_a_client_gets_wrong_is_refused_and_changes_nothing() {
    let app = App::start().await;
    let order = app.record("Order", json!({})).await;
    let of_record = format!("/data/Order/permissions/DENY/{}", id(&order));
    let everybody = json!({ "permission": "FIND", "role": "*" });
    for (code, path, body) in [
        (1009, "/data/Unknown/permissions/DENY", everybody.clone()),
        (1009, "/data/Unknown/permissions/DENY/X", everybody.clone()),
        (1000, "/data/Order/permissions/DENY/X", everybody.clone()),
        (8008, "/data/Order/permissions/INHERIT", everybody.clone()),
        (8008, "/data/Order/permissions/deny", everybody.clone()),
        (3038, &of_record, json!({})),
        (3038, &of_record, json!({ "permission": "FIND" })),
        (3038, &of_record, json!({ "role": "*" })),
        (
            2001,
            &of_record,
            json!({ "permission": "READ", "role": "*" }),
        ),
        (
            2003,
            &of_record,
            json!({ "permission": "ADD", "role": "*" }),
        ),
        (
            2005,
            &of_record,
            json!({ "permission": "FIND", "role": "Unknown" }),
        ),
        (
            3057,
            &of_record,
            json!({ "permission": "FIND", "user": "NOBODY" }),
        ),
        (
            1024,
            &of_record,
            json!({ "permission": "FIND", "role": "ServerCodeUser" }),
        ),
        (8008, &of_record, json!({ "permission": 7, "role": "*" })),
        (
            8008,
            &of_record,
            json!({ "permission": "FIND", "role": ["JSUser"] }),
        ),
    ] {
        let answer = app.put(path).json(&body).send().await;
        answer.refused(400, code);
    }
    assert_eq!(json!([]), list(&app, &[]).await);
    assert_eq!(1, app.count("Order", "").await);
}

#[tokio::test]
async fn nobody_can_lock_server_code_out() {
    let app = App::start().await;
    let order = app.record("Order", json!({})).await;
    let server = json!({ "permission": "FIND", "role": "ServerCodeUser" });
    let path = "/data/Order/permissions/DENY";
    app.put(path).json(&server).send().await.refused(400, 1024);
    for operation in ["FIND", "UPDATE", "REMOVE"] {
        for key in ["user", "role"] {
            let everybody = json!({ "permission": operation, key: "*" });
            app.put(path).json(&everybody).send().await.ok();
        }
    }
    app.get("/data/Order").send().await.refused(403, 1013);
    let path = format!("/data/Order/{}", id(&order));
    app.get(&path).key(BL_KEY).send().await.ok();
    app.delete(&path).key(BL_KEY).send().await.ok();
}
