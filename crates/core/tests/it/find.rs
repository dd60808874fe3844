//! Finding and counting records, and finding one by its id.

use vestibule::{Role, prelude::*};
use vestibule_testkit::TestKit;

use crate::shop::{self, id, many, refused, sorted, stock};

async fn shop() -> TestKit {
    let kit = shop::open(TestKit::bare()).start().await;
    stock(&kit).await;
    kit
}

async fn find(kit: &TestKit, table: &str, query: Query) -> Result<Vec<Row>> {
    kit.anonymous().submit(Find::new(table, query)).await
}

async fn records(kit: &TestKit, table: &str, query: Query) -> Vec<Record> {
    let rows = find(kit, table, query).await.unwrap();
    rows.into_iter()
        .map(|row| match row {
            Row::Record(record) => record,
            Row::Computed { .. } => panic!("{row:?}"),
        })
        .collect()
}

fn depth(levels: i64) -> Query {
    Query {
        relations_depth: Some(levels),
        ..Query::new()
    }
}

#[tokio::test]
async fn a_find_answers_whole_records_without_relations() {
    let kit = shop().await;
    let found = records(&kit, "Customer", Query::matching("age > 26")).await;
    assert_eq!(vec!["ann"], sorted(&found));
    let columns: Vec<_> = found[0].properties.keys().map(String::as_str).collect();
    assert_eq!(
        [
            "age", "city", "created", "name", "ownerId", "since", "updated"
        ],
        columns[..]
    );
    assert!(found[0].related.is_empty());
}

#[tokio::test]
async fn a_where_clause_reaches_through_relations() {
    let kit = shop().await;
    for (clause, expected) in [
        ("orders.lines.product = 'Milk'", vec!["ann"]),
        ("orders.lines.product = 'Tea'", vec!["ann", "ben"]),
        (
            "address.town = 'Rome' and friends.name = 'Ben'",
            vec!["ann"],
        ),
        ("Customer[friends].objectId = 'ben'", vec!["ann"]),
        ("city = null", vec!["cid"]),
    ] {
        let found = records(&kit, "Customer", Query::matching(clause)).await;
        assert_eq!(expected, sorted(&found), "{clause}");
    }
}

#[tokio::test]
async fn one_level_of_relations_is_all_relations_of_the_table() {
    let kit = shop().await;
    let found = records(&kit, "Customer", depth(1)).await;
    let ann = found
        .iter()
        .find(|record| record.id() == &id("ann"))
        .unwrap();
    let relations: Vec<_> = ann.related.keys().map(String::as_str).collect();
    assert_eq!(["account", "address", "friends", "orders"], relations[..]);
    assert_eq!(Related::One(None), ann.related["account"]);
    let Related::One(Some(home)) = &ann.related["address"] else {
        panic!("{ann:?}");
    };
    assert_eq!(Some("Rome"), home.get("town").as_text());
    assert_eq!(vec!["A1", "A2"], sorted(many(ann, "orders")));
    assert!(many(ann, "orders")[0].related.is_empty());
    let cid = found
        .iter()
        .find(|record| record.id() == &id("cid"))
        .unwrap();
    assert_eq!(0, many(cid, "orders").len());
}

#[tokio::test]
async fn levels_go_on_through_related_records_and_a_circle_ends_with_them() {
    let kit = shop().await;
    let ann = FindById::new("Customer", id("ann"), depth(3));
    let ann = kit.anonymous().submit(ann).await.unwrap();
    let a1 = many(&ann, "orders")
        .iter()
        .find(|order| order.id() == &id("A1"));
    assert_eq!(vec!["milk", "tea"], sorted(many(a1.unwrap(), "lines")));
    let mut friend = &ann;
    for _ in 0..3 {
        let ann = |friend: &&Record| friend.id() == &id("ann");
        friend = many(friend, "friends").iter().find(ann).unwrap();
    }
    assert!(friend.related.is_empty(), "three levels were asked for");
}

#[tokio::test]
async fn relations_come_in_pages_of_their_own() {
    let kit = shop().await;
    let orders: Vec<_> = (10..35)
        .map(|number| record! { "objectId" => format!("o{number}") })
        .collect();
    let orders = shop::make(&kit, "Order", orders).await;
    let event = AddRelation::new("Customer", id("cid"), "orders", orders.into());
    assert_eq!(25, kit.anonymous().submit(event).await.unwrap());
    for (asked, expected) in [(None, 10), (Some(5), 5), (Some(20), 20), (Some(100), 25)] {
        let query = Query {
            relations_page_size: asked,
            ..Query::new().load("orders")
        };
        let cid = FindById::new("Customer", id("cid"), query);
        let cid = kit.anonymous().submit(cid).await.unwrap();
        assert_eq!(expected, many(&cid, "orders").len());
    }
    for (asked, code) in [
        (0, 1005),
        (-1, 1005),
        (101, 1025),
        (1_000_000_000_000, 1025),
    ] {
        let query = Query {
            relations_page_size: Some(asked),
            ..Query::new().load("orders")
        };
        refused(code, find(&kit, "Customer", query).await);
    }
}

#[tokio::test]
async fn pages_are_stable_and_end_in_nothing() {
    let kit = shop().await;
    let rows: Vec<_> = (0..250)
        .map(|number| record! { "pieces" => number })
        .collect();
    shop::make(&kit, "Line", rows).await;
    let mut seen = Vec::new();
    for page in 0.. {
        let query = Query::matching("pieces >= 0")
            .page_size(100)
            .offset(page * 100);
        let found = records(&kit, "Line", query).await;
        if found.is_empty() {
            break;
        }
        seen.extend(sorted(&found));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(252, seen.len());
    assert_eq!(10, records(&kit, "Line", Query::new()).await.len());
}

#[tokio::test]
async fn what_cannot_be_asked_has_the_code_of_the_contract() {
    let kit = shop().await;
    for (query, code) in [
        (Query::matching("nothing = 1"), 1006),
        (Query::matching("name = 'a"), 1017),
        (Query::matching("name = 'a'; drop table Customer"), 1017),
        (Query::new().property("nothing"), 1006),
        (Query::new().page_size(101), 1025),
        (Query::new().page_size(0), 1005),
        (Query::new().offset(-1), 1004),
        (Query::new().load("nothing"), 1021),
        (Query::new().load("name"), 1021),
        (depth(6), 8008),
        (
            Query {
                distinct: true,
                ..Query::new().property("city").load("orders")
            },
            8008,
        ),
    ] {
        refused(code, find(&kit, "Customer", query).await);
    }
    refused(1009, find(&kit, "Nothing", Query::new()).await);
    refused(1009, find(&kit, "customer", Query::new()).await);
}

#[tokio::test]
async fn a_password_can_be_neither_read_nor_probed() {
    let kit = shop().await;
    kit.register("ann@example.com").await;
    let users = records(&kit, "Users", Query::new()).await;
    assert!(!users[0].properties.contains_key("password"));
    for query in [
        Query::new().property("password"),
        Query::matching("password like '%'"),
        Query::new().sort_by("password"),
        Query::new().property("Max(password) as p"),
        Query::new().property("email").group_by("password"),
    ] {
        refused(1006, find(&kit, "Users", query).await);
    }
    refused(
        1006,
        find(
            &kit,
            "Customer",
            Query::matching("account.password != null"),
        )
        .await,
    );
}

#[tokio::test]
async fn values_are_computed_over_groups() {
    let kit = shop().await;
    let query = Query::new()
        .property("city")
        .property("Count(objectId) as people")
        .group_by("city")
        .sort_by("people desc");
    let rows = find(&kit, "Customer", query).await.unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.get("city"), row.get("people")))
        .collect();
    assert_eq!(
        vec![
            (&Value::from("Rome"), &Value::from(2)),
            (&Value::Null, &Value::from(1))
        ],
        shown
    );
}

#[tokio::test]
async fn a_count_counts_what_a_find_would_find() {
    let kit = shop().await;
    let different = Query {
        distinct: true,
        ..Query::new().property("city")
    };
    for (query, expected) in [
        (Query::new(), 3),
        (Query::matching("age > 26"), 1),
        (Query::matching("orders.total > 0").page_size(1), 2),
        (different, 2),
        (Query::new().group_by("city"), 2),
    ] {
        let count = kit.anonymous().submit(Count::new("Customer", query)).await;
        assert_eq!(expected, count.unwrap());
    }
    refused(
        1009,
        kit.anonymous()
            .submit(Count::new("Nothing", Query::new()))
            .await,
    );
}

#[tokio::test]
async fn a_record_is_found_by_its_id_with_the_columns_asked_for() {
    let kit = shop().await;
    let query = Query::new().property("name").property("age as years");
    let ann = FindById::new("Customer", id("ann"), query);
    let ann = kit.anonymous().submit(ann).await.unwrap();
    let columns: Vec<_> = ann.properties.keys().map(String::as_str).collect();
    assert_eq!(["name", "years"], columns[..]);
    assert_eq!(&id("ann"), ann.id());

    let nobody = FindById::new("Customer", id("nobody"), Query::new());
    let error = kit.anonymous().submit(nobody).await.unwrap_err();
    assert_eq!(
        (1000, "Entity with ID nobody not found"),
        (error.code().number(), error.message())
    );
    let aggregate = Query::new().property("Count(objectId)");
    let aggregate = FindById::new("Customer", id("ann"), aggregate);
    refused(8008, kit.anonymous().submit(aggregate).await);
}

#[tokio::test]
async fn strict_callers_see_what_they_own_and_can_probe_nothing_else() {
    let kit = shop::strict(TestKit::bare()).start().await;
    stock(&kit).await;
    let guest = kit.guest().await;
    let mine = record! { "objectId" => "mine", "name" => "Mine", "age" => 7 };
    guest.submit(Create::new("Customer", mine)).await.unwrap();
    shop::relate(&kit, ("Customer", "mine"), "friends", &["ann", "mine"]).await;
    shop::relate(&kit, ("Customer", "ann"), "friends", &["mine"]).await;

    let rows = guest.submit(Find::new("Customer", depth(1))).await.unwrap();
    assert_eq!(1, rows.len());
    assert_eq!(
        vec!["mine"],
        sorted(many(rows[0].record().unwrap(), "friends"))
    );
    let count = |query| Count::new("Customer", query);
    for (clause, expected) in [
        ("age > 0", 1),
        ("friends.name = 'Ann'", 0),
        ("Customer[friends].name = 'Ann'", 0),
        ("not (friends.name = 'Ann')", 1),
    ] {
        let seen = guest.submit(count(Query::matching(clause))).await.unwrap();
        assert_eq!(expected, seen, "{clause}");
    }
    refused(
        1000,
        guest
            .submit(FindById::new("Customer", id("ann"), Query::new()))
            .await,
    );
    refused(1013, kit.anonymous().submit(count(Query::new())).await);
    assert_eq!(
        4,
        kit.code_runner().submit(count(Query::new())).await.unwrap()
    );

    let users = guest
        .submit(Find::new("Users", Query::new()))
        .await
        .unwrap();
    assert_eq!(
        vec![guest.id()],
        users
            .iter()
            .map(|row| row.record().unwrap().id())
            .collect::<Vec<_>>()
    );
}

#[before(table = "Customer", collect = false)]
async fn romans_only(event: &mut Find, _ctx: &Context) -> Result<Flow<Find>> {
    event.query.where_clause = Some("city = 'Rome'".to_owned());
    Ok(Flow::Continue)
}

#[after(table = "Customer", collect = false)]
async fn hide_age(
    _event: &FindById,
    outcome: Outcome<FindById>,
    _ctx: &Context,
) -> Outcome<FindById> {
    let mut record = outcome?;
    record.properties.remove("age");
    Ok(record)
}

#[derive(Default)]
struct Log(std::sync::Mutex<Vec<String>>);

#[observe(collect = false)]
async fn log(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let line = format!("{} {}", seen.event, seen.input);
    assert!(!witness.call().roles.contains(&Role::GuestUser));
    witness.state::<Log>().0.lock().unwrap().push(line);
    Ok(())
}

#[tokio::test]
async fn handlers_change_query_and_answer_and_observers_see_the_call() {
    let kit = shop::open(
        TestKit::with::<romans_only>()
            .and::<hide_age>()
            .and::<log>(),
    );
    let kit = kit.start().await;
    stock(&kit).await;
    assert_eq!(
        vec!["ann", "ben"],
        sorted(&records(&kit, "Customer", Query::new()).await)
    );
    assert_eq!(3, records(&kit, "Order", Query::new()).await.len());
    let ann = FindById::new("Customer", id("ann"), Query::new());
    let ann = kit.anonymous().submit(ann).await.unwrap();
    assert!(!ann.properties.contains_key("age"));
    let log = kit.state::<Log>();
    let log = log.0.lock().unwrap();
    let finds = log.iter().filter(|line| line.starts_with("find "));
    assert_eq!(2, finds.count());
    let expected = r#"find {"query":{"where":"city = 'Rome'"},"table":"Customer"}"#;
    assert!(log.iter().any(|line| line == expected), "{log:?}");
}
