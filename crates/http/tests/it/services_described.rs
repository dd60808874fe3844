//! What `/openapi.json` says of an app's own services.

use http::Method;
use serde_json::{Value as Json, json};

use crate::{app::App, services::Library};

async fn paths() -> Json {
    let app = App::with(|builder| builder.handler::<Library>()).await;
    let ask = app.raw(Method::GET, "/openapi.json").peer("127.0.0.1");
    ask.send().await.ok()["paths"].clone()
}

/// The parameters of an operation as (place, name, required), headers left out.
fn parameters(operation: &Json) -> Vec<(&str, &str, bool)> {
    let parameters = operation["parameters"].as_array().unwrap().iter();
    parameters
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap();
            (text("in"), text("name"), one["required"] == true)
        })
        .filter(|(place, ..)| *place != "header")
        .collect()
}

#[tokio::test]
async fn every_method_is_described_at_its_path_and_verb() {
    let paths = paths().await;
    let shelf = &paths["/services/library/shelves/{shelf}"];
    for (verb, id) in [
        ("put", "library PUT /shelves/{shelf}"),
        ("patch", "library PATCH /shelves/{shelf}"),
        ("delete", "library DELETE /shelves/{shelf}"),
    ] {
        assert_eq!(id, shelf[verb]["operationId"]);
        assert_eq!("services", shelf[verb]["tags"][0]);
    }
    assert!(shelf.get("post").is_none() && shelf.get("get").is_none());
    let all = paths.as_object().unwrap().keys();
    assert_eq!(6, all.filter(|path| path.starts_with("/services/")).count());
}

#[tokio::test]
async fn arguments_are_described_where_they_stand() {
    let paths = paths().await;
    let find = &paths["/services/library/shelves/{shelf}/{title}"]["get"];
    let expected = vec![
        ("path", "shelf", true),
        ("path", "title", true),
        ("query", "verbose", false),
    ];
    assert_eq!(expected, parameters(find));
    assert_eq!("integer", find["parameters"][0]["schema"]["type"]);
    assert_eq!("boolean", find["parameters"][2]["schema"]["type"]);
    assert!(find.get("requestBody").is_none());

    let schema = |operation: &Json| {
        operation["requestBody"]["content"]["application/json"]["schema"].clone()
    };
    let put_up = &paths["/services/library/shelves"]["post"];
    let expected = json!({
        "type": "object",
        "properties": {
            "shelf": { "type": "integer" },
            "colour": { "type": ["string", "null"] }
        },
        "required": ["shelf"],
        "additionalProperties": false,
        "examples": [{ "shelf": 1, "colour": "text" }]
    });
    assert_eq!(expected, schema(put_up));
    assert_eq!(true, put_up["requestBody"]["required"]);

    let fill = &paths["/services/library/shelves/{shelf}"]["put"];
    assert_eq!(json!({ "type": "array" }), schema(fill));
    let any = &paths["/services/library/any"]["post"];
    assert_eq!(false, any["requestBody"]["required"]);
}

#[tokio::test]
async fn doc_comments_access_and_refusals_are_told() {
    let paths = paths().await;
    let find = &paths["/services/library/shelves/{shelf}/{title}"]["get"];
    assert_eq!("Finds a book.", find["summary"]);
    let expected = "By its shelf and its title.\n\nWho may call it: anyone.";
    assert_eq!(expected, find["description"]);
    let take_down = &paths["/services/library/shelves/{shelf}"]["delete"];
    assert_eq!("Who may call it: server.", take_down["description"]);
    let codes = |status: &str| take_down["responses"][status]["x-error-codes"].to_string();
    assert_eq!("[14008]", codes("403"));
    for code in ["14002", "14004", "14005", "14009", "8008"] {
        assert!(codes("400").contains(code), "{code}");
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_described() {
    let app = App::with(|builder| builder.handler::<Library>()).await;
    let described = async || {
        let ask = app.raw(Method::GET, "/openapi.json").peer("127.0.0.1");
        let paths = ask.send().await.ok()["paths"].clone();
        let all = paths.as_object().unwrap().keys();
        let of_services = all.filter(|path| path.starts_with("/services/")).count();
        let verbs = paths["/services/library/shelves/{shelf}"].as_object();
        (of_services, verbs.map_or(0, |verbs| verbs.len()))
    };
    let change = async |path: &str, enabled: bool| {
        let ask = app.admin(Method::PATCH, &format!("/handlers/{path}"));
        let body = json!({ "enabled": enabled });
        ask.json(&body).send().await.ok();
    };
    let (of_services, verbs) = described().await;
    let listed = app.engine.services();
    let mut methods = listed[0].methods.iter().map(|method| method.meta.path);
    let fill = methods.find(|path| path.ends_with("::fill")).unwrap();
    change(fill, false).await;
    assert_eq!((of_services, verbs - 1), described().await);
    change(listed[0].meta.path, false).await;
    assert_eq!((0, 0), described().await);
    change(listed[0].meta.path, true).await;
    change(fill, true).await;
    assert_eq!((of_services, verbs), described().await);
}

#[tokio::test]
async fn an_app_without_services_describes_none() {
    let app = App::start().await;
    let ask = app.raw(Method::GET, "/openapi.json").peer("127.0.0.1");
    let document = ask.send().await.ok();
    let paths = document["paths"].as_object().unwrap().keys();
    assert_eq!(
        0,
        paths.filter(|path| path.starts_with("/services")).count()
    );
}
