//! Finding the users who have a role.

use serde_json::json;
use vestibule::prelude::*;
use vestibule_model::Profile;
use vestibule_testkit::{TestClient, TestKit, TestKitBuilder};

fn open_to_all(kit: TestKitBuilder) -> TestKitBuilder {
    kit.profile(Profile::Backendless)
}

async fn found(client: &TestClient<'_>, role: &str) -> Vec<String> {
    let event = Find::with_role(role, Query::new().sort_by("email"));
    let rows = client.submit(event).await.unwrap();
    rows.iter().map(email_of).collect()
}

fn email_of(row: &Row) -> String {
    let Row::Record(record) = row else {
        panic!("users are records")
    };
    let email = record.properties["email"].as_text();
    email.unwrap_or("a guest").to_owned()
}

/// Ann and Ben are of the staff, Cid is not, and there is a guest.
async fn staff(kit: &TestKit) {
    kit.engine().create_role("Support").await.unwrap();
    kit.engine().create_role("Night shift").await.unwrap();
    for email in ["ann@example.com", "ben@example.com", "cid@example.com"] {
        let user = kit.user(email).await;
        if email < "c" {
            kit.engine()
                .assign_role(user.id(), "Support")
                .await
                .unwrap();
        }
        if email < "b" {
            let role = "Night shift";
            kit.engine().assign_role(user.id(), role).await.unwrap();
        }
    }
    kit.guest().await;
}

#[tokio::test]
async fn users_are_found_by_custom_roles_and_by_what_they_are() {
    let kit = open_to_all(TestKit::bare()).start().await;
    staff(&kit).await;
    let client = kit.anonymous();
    let (ann, ben, cid) = ("ann@example.com", "ben@example.com", "cid@example.com");
    for (role, expected) in [
        ("Support", vec![ann, ben]),
        ("Night shift", vec![ann]),
        ("AuthenticatedUser", vec![ann, ben, cid]),
        ("GuestUser", vec!["a guest"]),
        ("NotAuthenticatedUser", vec![]),
        ("ServerCodeUser", vec![]),
        ("JSUser", vec![]),
    ] {
        assert_eq!(expected, found(&client, role).await, "{role}");
    }
    for role in ["Nonsense", "support", "*", "", "%", "Support' or '1' = '1"] {
        let outcome = client.submit(Find::with_role(role, Query::new())).await;
        assert_eq!(2005, outcome.unwrap_err().code().number(), "{role}");
    }
}

#[tokio::test]
async fn the_query_of_a_find_by_role_counts_like_any_other() {
    let kit = open_to_all(TestKit::bare()).start().await;
    staff(&kit).await;
    let find = async |query: Query| {
        let event = Find::with_role("Support", query);
        kit.anonymous().submit(event).await
    };
    let count = async |query: Query| find(query).await.unwrap().len();
    assert_eq!(1, count(Query::matching("email like 'b%'")).await);
    assert_eq!(0, count(Query::matching("email like 'c%'")).await);
    let either = "email like 'a%' or email like 'c%'";
    assert_eq!(1, count(Query::matching(either)).await);
    assert_eq!(1, count(Query::new().page_size(1)).await);
    assert_eq!(1, count(Query::new().offset(1)).await);
    let rows = find(Query::new().property("Count(objectId)"))
        .await
        .unwrap();
    let Row::Computed { values, .. } = &rows[0] else {
        panic!("a count is computed")
    };
    assert_eq!(Some(&Value::from(2)), values.get("count"));
    for (code, query) in [
        (1017, Query::matching("email like")),
        (1006, Query::new().property("nonsense")),
        (1025, Query::new().page_size(101)),
    ] {
        assert_eq!(code, find(query).await.unwrap_err().code().number());
    }
}

#[tokio::test]
async fn roles_are_loaded_with_the_users_when_asked_for() {
    let kit = open_to_all(TestKit::bare()).start().await;
    staff(&kit).await;
    let roles = async |role: &str, query: Query| {
        let event = Find::with_role(role, query.sort_by("email")).loading_roles();
        let rows = kit.anonymous().submit(event).await.unwrap();
        let roles = rows.iter().map(|row| match row {
            Row::Record(record) => record.properties["roles"].to_json(),
            Row::Computed { .. } => panic!("users are records"),
        });
        roles.collect::<Vec<_>>()
    };
    let ann = json!(["AuthenticatedUser", "Night shift", "Support"]);
    let ben = json!(["AuthenticatedUser", "Support"]);
    let cid = json!(["AuthenticatedUser"]);
    let expected = vec![ann.clone(), ben.clone()];
    assert_eq!(expected, roles("Support", Query::new()).await);
    let names = Query::new().property("email");
    assert_eq!(expected, roles("Support", names).await);
    let expected = vec![ann, ben, cid];
    assert_eq!(expected, roles("AuthenticatedUser", Query::new()).await);
    let guest = json!(["GuestUser"]);
    assert_eq!([guest], *roles("GuestUser", Query::new()).await);

    let plain = Find::with_role("Support", Query::new());
    let rows = kit.anonymous().submit(plain).await.unwrap();
    let Row::Record(record) = &rows[0] else {
        panic!("users are records")
    };
    assert!(!record.properties.contains_key("roles"), "nobody asked");
    let computed = Find::with_role("Support", Query::new().group_by("name")).loading_roles();
    let error = kit.anonymous().submit(computed).await.unwrap_err();
    assert_eq!(8008, error.code().number());
}

#[tokio::test]
async fn only_users_are_found_whom_the_caller_may_find() {
    let kit = TestKit::bare().profile(Profile::Strict).start().await;
    staff(&kit).await;
    let ann = kit.log_in("ann@example.com").await;
    assert_eq!(["ann@example.com"], *found(&ann, "Support").await);
    let cid = kit.log_in("cid@example.com").await;
    assert!(found(&cid, "Support").await.is_empty());
    assert_eq!(2, found(&kit.code_runner(), "Support").await.len());
}

/// Shows who looks for whom to nobody but server code.
#[before(table = "Users", collect = false)]
async fn hide_the_staff(event: &mut Find, ctx: &Context) -> Result<Flow<Find>> {
    if event.role().is_some() && !ctx.call().is_server_code() {
        return Ok(Flow::Respond(Vec::new()));
    }
    Ok(Flow::Continue)
}

/// Answers how many are of the staff, in an error.
#[before(collect = false)]
async fn count_the_staff(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let staff = ctx.cloud().find_by_role("Support", Query::new()).await?;
    let first = ctx.cloud().roles_of(staff[0].id()).await?;
    Err(Error::refused(4242).saying(format!("{} {first:?}", staff.len())))
}

#[tokio::test]
async fn a_find_by_role_has_the_handlers_of_a_find_and_cloud_code_can_make_one() {
    let kit = open_to_all(TestKit::with::<hide_the_staff>()).start().await;
    staff(&kit).await;
    assert!(found(&kit.anonymous(), "Support").await.is_empty());
    let kit = open_to_all(TestKit::with::<hide_the_staff>())
        .and::<count_the_staff>()
        .start()
        .await;
    kit.engine().create_role("Support").await.unwrap();
    let guest = kit.guest().await;
    let user = record! { "email" => "ann@example.com", "password" => "secret" };
    let event = ConvertGuest::new(guest.id().clone(), user);
    guest.submit(event).await.unwrap();
    kit.engine()
        .assign_role(guest.id(), "Support")
        .await
        .unwrap();
    let error = guest.submit(Login::new("-", "-")).await.unwrap_err();
    assert_eq!("1 [\"Support\"]", error.message());
}
