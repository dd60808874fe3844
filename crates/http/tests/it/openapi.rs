//! The description of the API, and the page to try it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value as Json;

use crate::app::{ADMIN_TOKEN, App};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(app: &App) -> Json {
    let ask = app.raw(Method::GET, "/openapi.json").peer("127.0.0.1");
    ask.send().await.ok()
}

/// The operations of a document, each with its path.
fn operations(document: &Json) -> Vec<(&str, &str, &Json)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = METHODS.into_iter();
            methods.filter_map(move |method| Some((path.as_str(), method, item.get(method)?)))
        })
        .collect()
}

/// Everything under this key, at any depth.
fn all_under<'a>(json: &'a Json, key: &str, found: &mut Vec<&'a Json>) {
    match json {
        Json::Object(object) => {
            found.extend(object.get(key));
            object
                .values()
                .for_each(|value| all_under(value, key, found));
        }
        Json::Array(list) => list.iter().for_each(|value| all_under(value, key, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_operator_and_this_machine_may_read_it_and_nobody_else() {
    let app = App::start().await;
    for path in ["/openapi.json", "/openapi", "/openapi.js", "/openapi.css"] {
        let from_afar = || app.raw(Method::GET, path).peer("192.0.2.7");
        let refused = from_afar().send().await;
        refused.refused(401, 2000);
        assert_eq!(Some("Bearer"), refused.header("www-authenticate"));
        let wrong = from_afar().header("authorization", "Bearer wrong");
        wrong.send().await.refused(401, 2000);
        let operator = from_afar().header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
        assert_eq!(200, operator.send().await.status, "{path}");
        let local = app.raw(Method::GET, path).peer("127.0.0.1");
        assert_eq!(200, local.send().await.status, "{path}");
    }
}

#[tokio::test]
async fn operations_have_names_of_their_own_and_say_what_they_answer() {
    let app = App::start().await;
    let document = document(&app).await;
    assert_eq!("3.1.1", document["openapi"]);
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{name} comes twice");
        assert!(!operation["summary"].as_str().unwrap().is_empty());
        let responses = operation["responses"].as_object().unwrap();
        let successes = responses.keys().filter(|status| status.starts_with('2'));
        assert_eq!(1, successes.count(), "{method} {path}");
        for (status, response) in responses {
            let is_success = status.starts_with('2');
            assert_eq!(
                is_success,
                response.get("x-error-codes").is_none(),
                "{name}"
            );
        }
        let in_path = path.matches('{').count();
        let parameters = operation["parameters"].as_array();
        let parameters = parameters.map_or(&[][..], Vec::as_slice).iter();
        let described = parameters.filter(|parameter| parameter["in"] == "path");
        assert_eq!(in_path, described.count(), "{method} {path}");
    }
    assert!(names.contains("loginAsGuest") && names.contains("changeSettings"));
}

#[tokio::test]
async fn what_is_referred_to_is_there_and_nothing_else() {
    let app = App::start().await;
    let document = document(&app).await;
    let mut references = Vec::new();
    all_under(&document, "$ref", &mut references);
    let referred: BTreeSet<_> = references
        .into_iter()
        .map(|reference| reference.as_str().unwrap())
        .map(|reference| reference.strip_prefix("#/components/schemas/").unwrap())
        .collect();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let schemas: BTreeSet<_> = schemas.keys().map(String::as_str).collect();
    assert_eq!(schemas, referred);
    let tags = document["tags"].as_array().unwrap().iter();
    let tags: BTreeSet<_> = tags.map(|tag| &tag["name"]).map(Json::to_string).collect();
    for (path, _, operation) in operations(&document) {
        assert!(tags.contains(&operation["tags"][0].to_string()), "{path}");
    }
}

#[tokio::test]
async fn the_operators_calls_say_that_they_want_the_admin_token() {
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        let security = operation["security"].to_string();
        let is_admin = path.starts_with("/admin/api/");
        let wants_token = security == r#"[{"adminToken":[]}]"#;
        assert_eq!(is_admin, wants_token, "{method} {path}");
        let servers = document["paths"][path].get("servers");
        let is_of_app = security.contains("userToken");
        assert_eq!(is_of_app, servers.is_none(), "{method} {path}");
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere_and_runs_no_script_of_others() {
    let app = App::start().await;
    let page = app.raw(Method::GET, "/openapi").peer("::1").send().await;
    assert_eq!(
        Some("text/html; charset=utf-8"),
        page.header("content-type")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
    assert!(!policy.contains("unsafe"));
    let script = app.raw(Method::GET, "/openapi.js").peer("::1").send().await;
    let style = app
        .raw(Method::GET, "/openapi.css")
        .peer("::1")
        .send()
        .await;
    for part in [&page.text, &script.text, &style.text] {
        assert!(!part.contains("://") && !part.contains("innerHTML"));
    }
}
