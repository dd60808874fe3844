//! Handlers for tables that there are not: the start says so.

use std::sync::Arc;

use vestibule::prelude::*;
use vestibule_core::{Engine, EngineBuilder, HandlerConfig};
use vestibule_model::Profile;
use vestibule_testkit::TestKit;

table! { Parcel { weight: Int } }

#[before(collect = false, table = "Parcel")]
async fn weigh(_event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    Ok(Flow::Continue)
}

#[before(collect = false, table = "Parcels")]
async fn misspelt(_event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    Ok(Flow::Continue)
}

#[observe(collect = false, table = "Nowhere", events = [Create, Update])]
async fn nowhere<E: Event>(_seen: &Seen<E>, _witness: &Witness) -> Result<()> {
    Ok(())
}

/// What the next server on the data of this app says to a start with these handlers.
async fn refusal(kit: &TestKit, add: impl FnOnce(EngineBuilder) -> EngineBuilder) -> String {
    let builder = Engine::builder(Arc::clone(kit.storage())).without_cleanup();
    add(builder).start().await.unwrap_err().log()
}

#[tokio::test]
async fn a_handler_for_a_table_that_nobody_has_stops_the_start_with_its_place() {
    let kit = TestKit::bare().schema(&[Parcel]).start().await;
    let add = |builder: EngineBuilder| builder.handler::<misspelt>().handler::<nowhere>();
    let text = refusal(&kit, add).await;
    for part in [
        "it::handler_tables::misspelt at ",
        "for the table 'Parcels'",
        "did you mean Parcel?",
        "it::handler_tables::nowhere at ",
        "`table! { Nowhere { .. } }`, or start with the handler in handlers.disable",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(2, text.matches("handler_tables.rs:").count(), "{text}");
}

#[tokio::test]
async fn a_table_may_be_declared_or_be_in_the_database_from_before() {
    let kit = TestKit::with::<weigh>().schema(&[Parcel]).start().await;
    let builder = Engine::builder(Arc::clone(kit.storage())).without_cleanup();
    builder.handler::<weigh>().start().await.unwrap();
}

#[tokio::test]
async fn one_that_the_configuration_disables_may_wait_for_its_table() {
    let kit = TestKit::bare().start().await;
    let config = HandlerConfig {
        disable: vec!["it::handler_tables::weigh".to_owned()],
        ..HandlerConfig::default()
    };
    let builder = Engine::builder(Arc::clone(kit.storage())).without_cleanup();
    let builder = builder.handler::<weigh>().handler_config(config);
    builder.start().await.unwrap();
}

#[tokio::test]
#[should_panic(
    expected = "is for the table 'Parcel', which neither the database nor a declaration"
)]
async fn a_first_start_is_refused_likewise() {
    TestKit::with::<weigh>().start().await;
}

#[tokio::test]
async fn under_a_dynamic_schema_the_table_may_come() {
    let kit = TestKit::with::<weigh>().profile(Profile::Backendless);
    let kit = kit.start().await;
    let ann = kit.user("ann@example.com").await;
    let parcel = record! { "weight" => 3 };
    ann.submit(Create::new("Parcel", parcel)).await.unwrap();
    kit.expect_calls([("it::handler_tables::weigh", 1)]);
}
