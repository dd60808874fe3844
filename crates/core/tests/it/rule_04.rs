//! Rule 4: a permission check comes first.

use vestibule::prelude::*;
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
