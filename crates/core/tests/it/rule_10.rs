//! Rule 10: data events have a table; a row of `Users` has events of its own, whatever the door; and
//! what belongs to the server is ignored on every one.

use vestibule::prelude::*;
use vestibule_core::{HandlerConfig, Registry, RegistryError};
use vestibule_model::Profile;
use vestibule_testkit::{TestKit, TestKitBuilder};

#[before(table = "Order", collect = false)]
async fn number_orders(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    event.properties.insert("number".to_owned(), Value::from(7));
    Ok(Flow::Continue)
}

#[after(table = "Order", collect = false)]
async fn thank(_event: &Create, outcome: Outcome<Create>, _ctx: &Context) -> Outcome<Create> {
    outcome
}

#[observe(table = "Order", collect = false)]
async fn watch_orders(seen: &Seen<Create>, _witness: &Witness) -> Result<()> {
    assert_eq!("Order", seen.event.table());
    Ok(())
}

#[before(collect = false)]
async fn watch_all_tables(_event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn watch_registrations(event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    assert_eq!(Via::DataService, event.via);
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn watch_updates(event: &mut UpdateUser, _ctx: &Context) -> Result<Flow<UpdateUser>> {
    assert_eq!(Via::DataService, event.via);
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn watch_removals(event: &mut RemoveUser, _ctx: &Context) -> Result<Flow<RemoveUser>> {
    assert_eq!(Via::DataService, event.via);
    Ok(Flow::Continue)
}

#[before(table = "Users", collect = false)]
async fn watch_bulk(event: &mut BulkCreate, _ctx: &Context) -> Result<Flow<BulkCreate>> {
    assert_eq!(2, event.records.len());
    Ok(Flow::Continue)
}

#[before(table = "Users", collect = false)]
async fn wait_in_vain(_event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    Ok(Flow::Continue)
}

/// One order leads to another of the same table.
#[after(table = "Order", collect = false)]
async fn order_again(_event: &Create, outcome: Outcome<Create>, ctx: &Context) -> Outcome<Create> {
    outcome?;
    ctx.cloud().data("Order").create(record! {}).await
}

/// Each order has an item, which is another table.
#[after(table = "Order", collect = false)]
async fn order_an_item(
    _event: &Create,
    outcome: Outcome<Create>,
    ctx: &Context,
) -> Outcome<Create> {
    let order = outcome?;
    ctx.cloud().data("Item").create(record! {}).await?;
    Ok(order)
}

fn open_world(builder: TestKitBuilder) -> TestKitBuilder {
    builder.profile(Profile::Backendless)
}

#[tokio::test]
async fn a_handler_of_one_table_sees_that_table_only() {
    let kit = TestKit::with::<number_orders>()
        .and::<thank>()
        .and::<watch_orders>()
        .and::<watch_all_tables>();
    let kit = open_world(kit).start().await;
    let ann = kit.user("ann@example.com").await;
    let order = ann.submit(Create::new("Order", record! {})).await.unwrap();
    let item = ann.submit(Create::new("Item", record! {})).await.unwrap();
    assert_eq!(Some(7), order.get("number").as_integer());
    assert!(item.get("number").is_null());
    kit.engine().observed().await;
    kit.expect_calls([
        ("it::rule_10::number_orders", 1),
        ("it::rule_10::thank", 1),
        ("it::rule_10::watch_orders", 1),
        ("it::rule_10::watch_all_tables", 2),
    ]);
}

#[tokio::test]
async fn a_row_of_users_has_its_own_events_through_the_data_service() {
    let kit = TestKit::with::<watch_registrations>()
        .and::<watch_updates>()
        .and::<watch_removals>()
        .and::<watch_all_tables>();
    let kit = open_world(kit).start().await;
    let engine = kit.engine();
    let request = async || kit.anonymous().request().await;
    let ann = record! { "email" => "ann@example.com", "password" => "correct horse" };
    let ann = engine.create_record(request().await, "Users", ann).await;
    let ann = ann.outcome.unwrap();
    assert!(!ann.properties.contains_key("password"));

    let code = kit.code_runner();
    let named = engine
        .update_record(
            code.request().await,
            "Users",
            ann.id().clone(),
            record! { "name" => "Ann" },
        )
        .await;
    assert_eq!(Some("Ann"), named.outcome.unwrap().get("name").as_text());
    let removed = engine
        .remove_record(code.request().await, "Users", ann.id().clone())
        .await;
    removed.outcome.unwrap();
    kit.expect_calls([
        ("it::rule_10::watch_registrations", 1),
        ("it::rule_10::watch_updates", 1),
        ("it::rule_10::watch_removals", 1),
    ]);
    kit.expect_no_other_calls();
}

#[tokio::test]
async fn the_bulk_forms_are_one_bulk_event_of_the_table_users() {
    let kit = TestKit::with::<watch_bulk>().and::<watch_registrations>();
    let kit = open_world(kit).start().await;
    let row = |email: &str| record! { "email" => email, "password" => "secret" };
    let rows = vec![row("ann@example.com"), row("ben@example.com")];
    let ids = kit
        .anonymous()
        .submit(BulkCreate::new("Users", rows))
        .await
        .unwrap();
    assert_eq!(2, ids.len());
    kit.expect_calls([("it::rule_10::watch_bulk", 1)]);
    kit.expect_no_other_calls();
    kit.log_in("ann@example.com").await;
}

#[tokio::test]
async fn what_belongs_to_the_server_is_ignored() {
    let kit = open_world(TestKit::bare()).start().await;
    let ann = kit.user("ann@example.com").await;
    let echo = record! {
        "ownerId" => "somebody-else", "created" => 1, "updated" => 2, "___class" => "Order",
    };
    let order = ann
        .submit(Create::new("Order", echo.clone()))
        .await
        .unwrap();
    assert_eq!(Some(ann.id().as_str()), order.owner_id());
    assert_ne!(Some(Timestamp::from_millis(1)), order.created());
    assert_eq!(None, order.updated());
    let order = ann
        .submit(Update::new("Order", order.id().clone(), echo))
        .await
        .unwrap();
    assert_eq!(Some(ann.id().as_str()), order.owner_id());
    assert_ne!(Some(Timestamp::from_millis(1)), order.created());

    let echo = record! { "userStatus" => "DISABLED", "lastLogin" => 1, "ownerId" => "x" };
    let update = UpdateUser::new(ann.id().clone(), echo);
    let user = ann.submit(update).await.unwrap();
    assert_eq!(UserStatus::Enabled, user.status);
    assert_eq!(Some(ann.id()), user.owner_id.as_ref());
    assert_ne!(Some(Timestamp::from_millis(1)), user.last_login);
}

#[tokio::test]
async fn server_code_may_say_who_owns_a_record() {
    let kit = open_world(TestKit::bare()).start().await;
    let owned = record! { "ownerId" => "ANN" };
    let order = kit
        .code_runner()
        .submit(Create::new("Order", owned))
        .await
        .unwrap();
    assert_eq!(Some("ANN"), order.owner_id());
}

#[tokio::test]
async fn another_table_is_another_event_on_the_chain_and_the_same_one_is_a_circle() {
    let kit = open_world(TestKit::with::<order_an_item>()).start().await;
    let ann = kit.user("ann@example.com").await;
    ann.submit(Create::new("Order", record! {})).await.unwrap();

    let kit = open_world(TestKit::with::<order_again>()).start().await;
    let ann = kit.user("ann@example.com").await;
    let circle = ann
        .submit(Create::new("Order", record! {}))
        .await
        .unwrap_err();
    assert!(
        circle.log().contains("create of Order > create of Order"),
        "{}",
        circle.log()
    );
}

#[test]
fn a_handler_that_waits_for_rows_of_users_in_vain_stops_the_start() {
    let handlers = [<wait_in_vain as vestibule_core::Handler>::REGISTRATION];
    let refused = Registry::of(handlers, &HandlerConfig::default()).unwrap_err();
    assert!(
        matches!(
            refused,
            RegistryError::UsersHaveEventsOfTheirOwn {
                instead: "Register",
                ..
            }
        ),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("rule_10.rs:"), "{refused}");
}
