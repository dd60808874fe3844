//! Rule 4: a permission check comes first.

use vestibule::prelude::*;
use vestibule_model::{PermissionOperation, Resource};
use vestibule_testkit::TestKit;

#[before(collect = false)]
async fn watch(_event: &mut UpdateUser, _ctx: &Context) -> Result<Flow<UpdateUser>> {
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn watch_guests(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

fn rename(id: &ObjectId) -> UpdateUser {
    UpdateUser::new(
        id.clone(),
        Properties::from([("name".to_owned(), Value::from("Eve"))]),
    )
}

#[tokio::test]
async fn a_call_that_the_caller_may_not_make_never_reaches_a_before_handler() {
    let kit = TestKit::with::<watch>().and::<watch_guests>().start().await;
    let ann = kit.user("ann@example.com").await;
    let eve = kit.user("eve@example.com").await;

    assert_eq!(
        3029,
        eve.submit(rename(ann.id()))
            .await
            .unwrap_err()
            .code()
            .number()
    );
    assert_eq!(
        3028,
        kit.anonymous()
            .submit(rename(ann.id()))
            .await
            .unwrap_err()
            .code()
            .number()
    );
    kit.set("guests.enabled", false).await;
    assert!(
        kit.anonymous()
            .submit(LoginAsGuest::default())
            .await
            .is_err()
    );
    kit.expect_no_other_calls();

    ann.submit(rename(ann.id())).await.unwrap();
    kit.expect_calls([(concat!(module_path!(), "::watch"), 1)]);
}

#[before(collect = false)]
async fn watch_finds(_event: &mut Find, _ctx: &Context) -> Result<Flow<Find>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_denial_of_the_operator_turns_calls_away_before_any_handler() {
    let kit = TestKit::with::<watch_finds>()
        .and::<watch_guests>()
        .and::<watch>()
        .start()
        .await;
    let ann = kit.user("ann@example.com").await;
    let deny = async |role: &str, resource, operation| {
        let grantee = Grantee::Role(role.to_owned());
        let denied = Some(Access::Deny);
        let said = kit
            .engine()
            .set_permission(grantee, resource, operation, denied);
        said.await.unwrap();
    };
    let users = || Resource::Table("Users".to_owned());
    deny("AuthenticatedUser", users(), PermissionOperation::Find).await;
    deny(
        "NotAuthenticatedUser",
        Resource::Users,
        PermissionOperation::LoginAsGuest,
    )
    .await;
    deny(
        "AuthenticatedUser",
        Resource::Users,
        PermissionOperation::Update,
    )
    .await;

    let find = ann.submit(Find::new("Users", Query::new())).await;
    assert_eq!(1013, find.unwrap_err().code().number());
    let guest = kit.anonymous().submit(LoginAsGuest::default()).await;
    assert_eq!(2000, guest.unwrap_err().code().number());
    let renamed = ann.submit(rename(ann.id())).await;
    assert_eq!(2000, renamed.unwrap_err().code().number());
    kit.expect_no_other_calls();
}
