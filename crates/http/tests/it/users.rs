//! Users as others see them: single ones, their roles, their columns.

use serde_json::json;

use crate::app::{App, USER_KEYS, keys};

#[tokio::test]
async fn a_user_is_read_by_either_path_and_without_a_token() {
    let app = App::start().await;
    let (id, token) = app.ann().await;
    for path in [format!("/users/{id}"), format!("/data/Users/{id}")] {
        for user in [
            app.get(&path).send().await.ok(),
            app.get(&path).token(&token).send().await.ok(),
        ] {
            assert_eq!(USER_KEYS.to_vec(), keys(&user), "{path}");
        }
    }
}

#[tokio::test]
async fn a_user_is_read_with_the_columns_that_were_asked_for() {
    let app = App::start().await;
    let (id, _) = app.ann().await;
    let cases = [
        (
            "props=email,name",
            vec!["___class", "email", "name", "objectId"],
        ),
        (
            "property=email&property=name",
            vec!["___class", "email", "name", "objectId"],
        ),
        ("props=", USER_KEYS.to_vec()),
        ("props=*", USER_KEYS.to_vec()),
        ("relationsDepth=1&unknown=x", USER_KEYS.to_vec()),
    ];
    for (query, expected) in cases {
        let path = format!("/users/{id}?{query}");
        assert_eq!(expected, keys(&app.get(&path).send().await.ok()), "{query}");
    }
    for unknown in ["shoe", "password"] {
        let path = format!("/users/{id}?props=email,{unknown}");
        assert_eq!(
            format!("Column '{unknown}' does not exist in table 'Users'"),
            app.get(&path).send().await.refused(400, 1006)
        );
    }
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_not_found() {
    let app = App::start().await;
    for path in ["/users/no-such-id", "/data/Users/no-such-id"] {
        let answer = app.get(path).send().await;
        assert_eq!(
            "Entity with ID no-such-id not found",
            answer.refused(400, 1000)
        );
    }
    let long = "x".repeat(100);
    app.get(&format!("/users/{long}"))
        .send()
        .await
        .refused(400, 1000);
}

#[tokio::test]
async fn roles_are_those_of_the_request_or_of_the_user_asked_for() {
    let app = App::start().await;
    let (guest, guest_token) = app.guest().await;
    let (ann, _) = app.ann().await;
    let roles = app.get("/users/userroles").token(&guest_token).send().await;
    assert_eq!(json!(["GuestUser", "JSUser"]), roles.ok());
    for (id, role) in [(guest, "GuestUser"), (ann, "AuthenticatedUser")] {
        let roles = app.get(&format!("/users/userroles/{id}")).send().await.ok();
        assert!(roles.as_array().unwrap().contains(&json!(role)), "{roles}");
    }
    let nobody = app.get("/users/userroles/no-such-id").send().await;
    nobody.refused(400, 3057);
}

#[tokio::test]
async fn the_user_class_lists_every_column_with_the_keys_of_the_contract() {
    let app = App::start().await;
    let columns = app.get("/users/userclassprops").send().await.ok();
    let columns = columns.as_array().unwrap();
    let expected = [
        "autoLoad",
        "customRegex",
        "defaultValue",
        "identity",
        "isPrimaryKey",
        "name",
        "relatedTable",
        "required",
        "type",
    ];
    for column in columns {
        assert_eq!(expected.to_vec(), keys(column));
    }
    let column = |name: &str| {
        columns
            .iter()
            .find(|column| column["name"] == name)
            .unwrap()
    };
    for name in [
        "objectId",
        "ownerId",
        "created",
        "updated",
        "email",
        "name",
        "blUserLocale",
    ] {
        column(name);
    }
    assert_eq!(
        (json!(true), json!(true)),
        (
            column("email")["identity"].clone(),
            column("email")["required"].clone(),
        )
    );
    assert_eq!(json!(true), column("password")["required"]);
    assert_eq!(json!(true), column("objectId")["isPrimaryKey"]);
}

#[tokio::test]
async fn a_custom_event_that_nobody_handles_is_named_in_the_platforms_own_words() {
    let app = App::start().await;
    let answer = app
        .post("/servercode/events/customEvent")
        .json(&json!({}))
        .send();
    assert_eq!(
        "Custom event handler with name 'customEvent' does not exists",
        answer.await.refused(400, 3042)
    );
}
