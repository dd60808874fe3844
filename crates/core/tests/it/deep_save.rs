//! A record is saved together with what it refers to (wire contract, section 9.5).

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_core::Ending;
use vestibule_model::{Cardinality, Column, ColumnType, Profile, Relation};
use vestibule_testkit::{TestKit, TestKitBuilder};

use crate::records::{create, open, props, refused, stored, update};

/// People with friends, families and a user each.
async fn people(kit: TestKitBuilder) -> TestKit {
    let kit = kit.profile(Profile::Backendless).start().await;
    let engine = kit.engine();
    engine.create_table("Person").await.unwrap();
    for column in [
        Column::new("name", ColumnType::String),
        Column::new("age", ColumnType::Int),
    ] {
        engine.add_column("Person", column).await.unwrap();
    }
    for (name, to_table, cardinality) in [
        ("friend", "Person", Cardinality::OneToOne),
        ("family", "Person", Cardinality::OneToMany),
        ("account", "Users", Cardinality::OneToOne),
    ] {
        let relation = Relation {
            name: name.to_owned(),
            to_table: to_table.to_owned(),
            cardinality,
        };
        engine.add_relation("Person", relation).await.unwrap();
    }
    create(
        &kit,
        "Person",
        json!({ "objectId": "1", "name": "Bob", "age": 20 }),
    )
    .await
    .unwrap();
    kit.advance(Duration::from_millis(10)).await;
    kit
}

async fn save(kit: &TestKit, json: Json) -> Result<Record> {
    let event = DeepSave::new("Person", props(json));
    kit.anonymous().submit(event).await
}

#[track_caller]
fn one<'r>(record: &'r Record, relation: &str) -> &'r Record {
    match record.related.get(relation) {
        Some(Related::One(Some(one))) => one,
        other => panic!("{relation}: {other:?}"),
    }
}

#[track_caller]
fn many<'r>(record: &'r Record, relation: &str) -> &'r [Record] {
    match record.related.get(relation) {
        Some(Related::Many(many)) => many,
        other => panic!("{relation}: {other:?}"),
    }
}

fn age(record: &Record) -> Option<i64> {
    record.get("age").as_integer()
}

async fn count(kit: &TestKit, table: &str) -> u64 {
    let event = Count::new(table, Query::new());
    kit.anonymous().submit(event).await.unwrap()
}

#[tokio::test]
async fn a_record_is_made_with_what_it_refers_to() {
    let kit = people(TestKit::bare()).await;
    let ann = json!({
        "name": "Ann", "age": null, "friend": { "objectId": "1" },
        "family": [{ "objectId": "1", "age": 15 }, { "name": "Cid", "family": [{ "age": 3 }] }],
    });
    let ann = save(&kit, ann).await.unwrap();
    assert_eq!((Some("Ann"), None), (ann.get("name").as_text(), age(&ann)));
    let friend = one(&ann, "friend");
    assert_eq!(
        (Some("Bob"), Some(15)),
        (friend.get("name").as_text(), age(friend))
    );
    let family = many(&ann, "family");
    assert_eq!(
        Some("Cid"),
        family[0].get("name").as_text(),
        "the newest comes first"
    );
    assert_eq!(("1", Some(15)), (family[1].id().as_str(), age(&family[1])));
    assert_eq!(Some(3), age(&many(&family[0], "family")[0]));
    assert_eq!(4, count(&kit, "Person").await);
}

#[tokio::test]
async fn relations_that_are_sent_are_replaced_and_others_stay() {
    let kit = people(TestKit::bare()).await;
    let family = json!({
        "objectId": "1", "family": [{ "name": "A" }, { "name": "B" }], "friend": { "name": "F" },
    });
    let bob = save(&kit, family).await.unwrap();
    assert_eq!(
        (Some(20), None),
        (age(&bob), bob.updated()),
        "nothing but relations was sent"
    );
    let kept = many(&bob, "family")[0].clone();
    let fewer =
        json!({ "objectId": "1", "age": 21, "family": [{ "objectId": kept.id().as_str() }] });
    let bob = save(&kit, fewer).await.unwrap();
    assert_eq!((Some(21), &[kept][..]), (age(&bob), many(&bob, "family")));
    assert!(!bob.related.contains_key("friend"), "it was not sent");
    let none = save(
        &kit,
        json!({ "objectId": "1", "family": [], "friend": null }),
    )
    .await
    .unwrap();
    assert!(none.related.is_empty());
    let all = FindById::new(
        "Person",
        none.id().clone(),
        Query::new().load("family").load("friend"),
    );
    let all = kit.anonymous().submit(all).await.unwrap();
    assert_eq!(Some(&Related::Many(Vec::new())), all.related.get("family"));
    assert_eq!(4, count(&kit, "Person").await, "the records stay");
}

#[tokio::test]
async fn an_object_that_stands_in_two_places_is_one_record() {
    let kit = people(TestKit::bare()).await;
    let ann = json!({
        "__subID": "x", "name": "Ann", "family": [{ "__originSubID": "x" }, { "name": "Cid" }],
    });
    let bob = json!({ "__subID": "root", "objectId": "1", "family": [ann], "friend": ann });
    let bob = save(&kit, bob).await.unwrap();
    let [in_family] = many(&bob, "family") else {
        panic!("{bob:?}")
    };
    assert_eq!(3, count(&kit, "Person").await);
    assert_eq!(in_family.id(), one(&bob, "friend").id());
    let family = many(in_family, "family");
    let own = family.iter().find(|record| record.id() == in_family.id());
    assert!(
        own.unwrap().related.is_empty(),
        "the answer ends where it began"
    );
    assert_eq!(2, family.len());
    let elsewhere = json!({ "name": "Eve", "friend": ann, "account": { "__subID": "x" } });
    refused(8008, save(&kit, elsewhere).await);
    let many = vec![json!({ "__subID": "x", "name": "Ann" }); 101];
    refused(8008, save(&kit, json!({ "family": many })).await);
    assert_eq!(3, count(&kit, "Person").await);
}

#[tokio::test]
async fn one_wrong_record_keeps_all_out() {
    let kit = people(TestKit::bare()).await;
    let child = |child: Json| json!({ "name": "Ann", "family": [{ "name": "A" }, child] });
    for (code, child) in [
        (1007, child(json!({ "age": "x" }))),
        (1000, child(json!({ "objectId": "9" }))),
        (1000, child(json!({ "objectId": "9", "age": 1 }))),
        (1126, child(json!({ "size": 1 }))),
        (1127, child(json!({ "parents": [{}] }))),
        (1128, child(json!({ "friend": [{}, {}] }))),
        (8008, child(json!({ "friend": "1" }))),
        (8008, child(json!({ "family": ["1"] }))),
        (8008, child(json!({ "__originSubID": "x" }))),
        (8008, child(json!({ "objectId": 1 }))),
        (
            3011,
            child(json!({ "account": { "email": "a@example.com" } })),
        ),
    ] {
        refused(code, save(&kit, child).await);
    }
    assert_eq!(
        (1, 0),
        (count(&kit, "Person").await, count(&kit, "Users").await)
    );
    let nothing = DeepSave::new("Nothing", props(json!({ "a": 1 })));
    let message = refused(1125, kit.anonymous().submit(nothing).await);
    assert!(message.contains("must exist"), "{message}");
    refused(
        1000,
        save(&kit, json!({ "objectId": "9", "family": [] })).await,
    );
}

#[tokio::test]
async fn depth_and_number_of_records_are_bounded() {
    let kit = people(TestKit::bare()).await;
    let deep = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "friend": inner }));
    save(&kit, deep(5)).await.unwrap();
    refused(8008, save(&kit, deep(6)).await);
    refused(
        8008,
        save(&kit, json!({ "family": vec![json!({}); 100] })).await,
    );
    let wide = save(&kit, json!({ "family": vec![json!({}); 99] }))
        .await
        .unwrap();
    assert_eq!(99, many(&wide, "family").len());
}

#[tokio::test]
async fn users_within_are_registered_and_their_passwords_stay_unseen() {
    let kit = people(TestKit::bare()).await;
    let account = json!({ "email": "ann@example.com", "password": "secret", "name": "Ann" });
    let ann = save(&kit, json!({ "name": "Ann", "account": account.clone() }))
        .await
        .unwrap();
    let user = one(&ann, "account");
    assert_eq!(
        ("Users", Some("ENABLED")),
        (user.table(), user.get("userStatus").as_text())
    );
    assert!(!user.properties.contains_key("password"));
    kit.log_in("ann@example.com").await;
    refused(
        3033,
        save(&kit, json!({ "name": "Eve", "account": account })).await,
    );
    let renamed = json!({ "objectId": user.id().as_str(), "name": "Anna", "user-token": "t" });
    let ann = save(
        &kit,
        json!({ "objectId": ann.id().as_str(), "account": renamed }),
    )
    .await
    .unwrap();
    assert_eq!(Some("Anna"), one(&ann, "account").get("name").as_text());
    assert_eq!(2, count(&kit, "Person").await);
}

#[tokio::test]
async fn strict_callers_save_and_relate_what_is_their_own() {
    let kit = people(TestKit::bare()).await;
    kit.set("permissions.base", "own").await;
    let ann = kit.guest().await;
    let save = async |json| ann.submit(DeepSave::new("Person", props(json))).await;
    let mine = save(json!({ "name": "Ann", "family": [{ "name": "A" }] }))
        .await
        .unwrap();
    assert_eq!(Some(ann.id().as_str()), many(&mine, "family")[0].owner_id());
    refused(1000, save(json!({ "friend": { "objectId": "1" } })).await);
    refused(
        1000,
        save(json!({ "friend": { "objectId": "1", "age": 1 } })).await,
    );
    let anyone = kit
        .anonymous()
        .submit(DeepSave::new("Person", props(json!({}))))
        .await;
    refused(1011, anyone);
    assert_eq!(
        Some(20),
        age(&stored(&kit.code_runner(), "Person", "1").await.unwrap())
    );
}

/// Nobody is called Eve, however deep.
#[before(collect = false, table = "Person")]
async fn no_eve(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    if event.properties.get("name").and_then(Value::as_text) == Some("Eve") {
        return Err(Error::refused(4242));
    }
    event.properties.insert("age".to_owned(), Value::from(1));
    Ok(Flow::Continue)
}

#[after(collect = false)]
async fn after_create(
    _event: &Create,
    outcome: Outcome<Create>,
    _ctx: &Context,
) -> Outcome<Create> {
    outcome
}

#[derive(Default)]
struct Endings(Mutex<Vec<(&'static str, Ending)>>);

#[observe(collect = false)]
async fn watch(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let endings = witness.state::<Endings>();
    let mut endings = endings.0.lock().unwrap_or_else(PoisonError::into_inner);
    endings.push((seen.event, seen.ending));
    Ok(())
}

#[tokio::test]
async fn each_record_is_an_event_of_its_own_that_no_nesting_gets_past() {
    let kit = TestKit::with::<no_eve>()
        .and::<after_create>()
        .and::<watch>();
    let kit = people(kit).await;
    kit.engine().observed().await;
    let endings = || std::mem::take(&mut *kit.state::<Endings>().0.lock().unwrap());
    endings();
    let ann = json!({ "name": "Ann", "friend": { "objectId": "1", "age": 9 }, "family": [{}] });
    let ann = save(&kit, ann).await.unwrap();
    assert_eq!(
        (Some(1), Some(1)),
        (age(&ann), age(&many(&ann, "family")[0]))
    );
    kit.engine().observed().await;
    let mut seen: Vec<_> = endings().into_iter().map(|(event, _)| event).collect();
    seen.sort_unstable();
    seen.retain(|event| *event != "count");
    assert_eq!(vec!["create", "create", "deepSave", "update"], seen);
    kit.expect_calls([
        (concat!(module_path!(), "::no_eve"), 3),
        (concat!(module_path!(), "::after_create"), 3),
    ]);

    refused(
        4242,
        save(
            &kit,
            json!({ "name": "Cid", "family": [{ "name": "Eve" }] }),
        )
        .await,
    );
    kit.engine().observed().await;
    let handler = concat!(module_path!(), "::no_eve");
    let endings = endings();
    assert!(
        endings.contains(&("create", Ending::Refused { handler })),
        "{endings:?}"
    );
    assert!(
        endings.contains(&("create", Ending::Abandoned)),
        "{endings:?}"
    );
    assert_eq!(3, count(&kit, "Person").await);
}

#[before(collect = false, table = "Person")]
async fn find_instead(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    if event.properties.get("name").and_then(Value::as_text) == Some("Robert") {
        let bob = Record::new("Person", ObjectId::parse("1")?);
        return Ok(Flow::Respond(bob));
    }
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_record_that_a_handler_answered_for_is_related_and_not_made() {
    let kit = people(TestKit::with::<find_instead>()).await;
    let saved =
        json!({ "name": "Ann", "friend": { "name": "Robert", "family": [{ "name": "X" }] } });
    let ann = save(&kit, saved).await.unwrap();
    assert_eq!("1", one(&ann, "friend").id().as_str());
    assert_eq!(2, count(&kit, "Person").await);
}

/// Adds a friend to everybody, past the handlers.
#[after(collect = false)]
async fn befriend(event: &Update, outcome: Outcome<Update>, ctx: &Context) -> Outcome<Update> {
    let of = Value::from(event.id().as_str());
    let friend = json!({ "name": "Eve" });
    let saved = record! { "objectId" => of, "friend" => Value::Json(friend) };
    ctx.cloud()
        .quietly()
        .data("Person")
        .deep_save(saved)
        .await?;
    outcome
}

#[tokio::test]
async fn a_quiet_deep_save_is_quiet_all_the_way_down() {
    let kit = people(TestKit::with::<no_eve>().and::<befriend>()).await;
    update(&kit, "Person", "1", json!({ "age": 5 }))
        .await
        .unwrap();
    assert_eq!(2, count(&kit, "Person").await);
    kit.expect_calls([
        (concat!(module_path!(), "::no_eve"), 1),
        (concat!(module_path!(), "::befriend"), 1),
    ]);
}

#[after(collect = false)]
async fn too_late(_: &Create, outcome: Outcome<Create>, _ctx: &Context) -> Outcome<Create> {
    outcome.and(Err(Error::refused(4242)))
}

#[tokio::test]
async fn an_after_handler_of_a_record_fails_the_call_and_what_was_saved_stays() {
    let kit = TestKit::with::<too_late>()
        .profile(Profile::Backendless)
        .start()
        .await;
    kit.engine().create_table("Person").await.unwrap();
    refused(4242, save(&kit, json!({})).await);
    assert_eq!(1, count(&kit, "Person").await);
}

#[tokio::test]
async fn the_schema_stays_as_it_is() {
    let kit = open().await;
    let event = DeepSave::new("Thing", props(json!({})));
    refused(1125, kit.anonymous().submit(event).await);
    assert!(
        kit.engine()
            .catalogue()
            .await
            .unwrap()
            .table("Thing")
            .is_none()
    );
}

/// Nobody changes anything about Bob.
#[before(collect = false, table = "Person")]
async fn leave_bob_alone(event: &mut Update, _ctx: &Context) -> Result<Flow<Update>> {
    if event.id().as_str() == "1" {
        return Err(Error::refused(4242));
    }
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_record_of_which_only_relations_are_sent_passes_its_guards_too() {
    let kit = people(TestKit::with::<leave_bob_alone>()).await;
    let bob = json!({ "objectId": "1", "family": [{ "name": "A" }] });
    refused(4242, save(&kit, bob.clone()).await);
    refused(4242, save(&kit, json!({ "friend": bob })).await);
    assert_eq!(1, count(&kit, "Person").await);
    save(&kit, json!({ "friend": { "objectId": "1" } }))
        .await
        .unwrap();
}
