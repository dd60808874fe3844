//! What the operator does is written down, and can be read.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{App, BL_KEY, column, id, keys};

async fn trail(app: &App, query: &str) -> Json {
    let path = format!("/audit{query}");
    app.admin(Method::GET, &path).send().await.ok()
}

/// One call of the operator, and the record that it leaves.
struct Deed {
    method: Method,
    path: String,
    body: Json,
    action: String,
    subject: Option<String>,
}

fn deed(method: Method, path: impl Into<String>, body: Json, action: impl Into<String>) -> Deed {
    Deed {
        method,
        path: path.into(),
        body,
        action: action.into(),
        subject: None,
    }
}

impl Deed {
    fn of(mut self, user: &str) -> Self {
        self.subject = Some(user.to_owned());
        self
    }
}

#[tokio::test]
async fn every_change_of_the_operator_leaves_one_record_that_names_it() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    let order = app.record("Stock", json!({ "pieces": 1 })).await;
    let order = id(&order);
    let deeds = [
        deed(
            Method::POST,
            "/tables",
            json!({ "name": "Order" }),
            "createTable Order",
        ),
        deed(
            Method::POST,
            "/tables/Order/columns",
            json!({ "name": "total", "type": "INT" }),
            "addColumn Order.total",
        ),
        deed(
            Method::POST,
            "/tables/Order/columns",
            json!({
                "name": "buyer", "type": "RELATION", "toTable": "Users",
                "cardinality": "ONE_TO_ONE",
            }),
            "addColumn Order.buyer",
        ),
        deed(
            Method::DELETE,
            "/tables/Order/columns/buyer",
            Json::Null,
            "dropColumn Order.buyer",
        ),
        deed(
            Method::DELETE,
            "/tables/Order",
            Json::Null,
            "dropTable Order",
        ),
        deed(
            Method::PATCH,
            format!("/tables/Stock/rows/{order}"),
            json!({ "pieces": 2 }),
            format!("editRow Stock {order}"),
        ),
        deed(
            Method::PATCH,
            format!("/tables/Users/rows/{ann}"),
            json!({ "name": "Ann" }),
            format!("editRow Users {ann}"),
        )
        .of(&ann),
        deed(
            Method::PATCH,
            "/tables/Users/columns/name",
            json!({ "identity": true }),
            "setIdentity Users.name",
        ),
        deed(
            Method::PATCH,
            "/settings",
            json!({
                "login": { "enabled": true, "lockSeconds": 60 },
                "guests": { "sweepSeconds": 20 },
            }),
            "changeSettings login.lockSeconds, guests.sweepSeconds",
        ),
        deed(
            Method::POST,
            "/roles",
            json!({ "name": "Support" }),
            "createRole Support",
        ),
        deed(
            Method::POST,
            format!("/users/{ann}/roles"),
            json!({ "role": "Support" }),
            "assignRole Support",
        )
        .of(&ann),
        deed(
            Method::DELETE,
            format!("/users/{ann}/roles/Support"),
            Json::Null,
            "unassignRole Support",
        )
        .of(&ann),
        deed(
            Method::PUT,
            "/permissions",
            json!({
                "role": "Support", "resource": "data:Stock", "operation": "FIND", "access": "DENY",
            }),
            "setPermission DENY FIND data:Stock Support",
        ),
        deed(
            Method::DELETE,
            "/roles/Support",
            Json::Null,
            "dropRole Support",
        ),
        deed(
            Method::DELETE,
            format!("/users/{ann}/sessions"),
            Json::Null,
            "endSessions",
        )
        .of(&ann),
    ];
    for deed in deeds {
        let before = trail(&app, "").await.as_array().unwrap().len();
        let mut ask = app.admin(deed.method, &deed.path);
        if !deed.body.is_null() {
            ask = ask.json(&deed.body);
        }
        let answer = ask.send().await;
        assert!(answer.status < 300, "{}: {}", deed.action, answer.text);
        let after = trail(&app, "").await;
        assert_eq!(
            before + 1,
            after.as_array().unwrap().len(),
            "{}",
            deed.action
        );
        let expected = json!({
            "at": 1_700_000_000_000_i64, "actor": { "kind": "admin", "name": null },
            "action": deed.action, "subject": deed.subject, "caller": null,
        });
        assert_eq!(expected, after[0]);
    }
}

#[tokio::test]
async fn what_was_refused_and_what_changed_nothing_leaves_no_record() {
    let app = App::start().await;
    let settings = app.admin(Method::GET, "/settings").send().await.ok();
    for (method, path, body) in [
        (Method::POST, "/tables", json!({ "name": "Users" })),
        (Method::DELETE, "/tables/Users", json!({})),
        (
            Method::POST,
            "/tables/Users/columns",
            json!({ "name": "email", "type": "INT" }),
        ),
        (Method::DELETE, "/tables/Users/columns/email", json!({})),
        (
            Method::PATCH,
            "/tables/Users/columns/created",
            json!({ "identity": true }),
        ),
        (
            Method::PATCH,
            "/tables/Users/columns/email",
            json!({ "identity": true }),
        ),
        (
            Method::PATCH,
            "/settings",
            json!({ "login": { "lockSeconds": -1 } }),
        ),
        (Method::PATCH, "/settings", settings),
        (Method::PATCH, "/settings", json!({})),
        (Method::DELETE, "/users/NOBODY/sessions", json!({})),
    ] {
        let ask = app.admin(method, path).json(&body);
        ask.send().await;
        assert_eq!(json!([]), trail(&app, "").await, "{path} {body}");
    }
}

#[tokio::test]
async fn the_trail_tells_of_others_too_newest_first_and_in_pages() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    let login = json!({ "objectId": ann });
    let by_id = app.post("/users/login").key(BL_KEY).json(&login);
    by_id.send().await.ok();
    app.set(json!({ "login": { "multipleLogins": true } }))
        .await;
    let whole = trail(&app, "").await;
    assert_eq!(
        vec![
            json!("changeSettings login.multipleLogins"),
            json!("loginByObjectId")
        ],
        column(&whole, "action")
    );
    assert_eq!(
        vec!["action", "actor", "at", "caller", "subject"],
        keys(&whole[1])
    );
    assert_eq!(json!({ "kind": "key", "name": "BL" }), whole[1]["actor"]);
    assert_eq!(json!(ann), whole[1]["subject"]);
    assert_eq!(json!([whole[0]]), trail(&app, "?pageSize=1").await);
    assert_eq!(json!([whole[1]]), trail(&app, "?pageSize=1&offset=1").await);
    assert_eq!(json!([]), trail(&app, "?offset=2").await);
    assert_eq!(json!([]), trail(&app, "?offset=1000000000").await);
}
