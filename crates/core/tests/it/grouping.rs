//! Records in groups, and groups of groups.

use vestibule::{GroupItems, GroupPage, GroupStep, prelude::*};
use vestibule_testkit::TestKit;

use crate::shop::{self, refused};

/// Eight customers: three of age 1 in Rome (one since 5), one of age 2 in Rome, two of age 1 in Paris,
/// two without a city.
async fn crowd() -> TestKit {
    let kit = shop::open(TestKit::bare()).start().await;
    let person = |number: i32, city: Option<&str>, age: i32, since: Option<i64>| {
        record! { "name" => format!("P{number}"), "city" => city, "age" => age, "since" => since }
    };
    let rows = vec![
        person(1, Some("Rome"), 1, Some(5)),
        person(2, Some("Rome"), 1, None),
        person(3, Some("Rome"), 1, None),
        person(4, Some("Rome"), 2, None),
        person(5, Some("Paris"), 1, None),
        person(6, Some("Paris"), 1, None),
        person(7, None, 1, None),
        person(8, None, 2, None),
    ];
    shop::make(&kit, "Customer", rows).await;
    kit
}

fn by(columns: &[&str]) -> GroupQuery {
    let mut query = Query::new().sort_by("name");
    for column in columns {
        query = query.group_by(*column);
    }
    GroupQuery {
        query,
        ..GroupQuery::default()
    }
}

fn at(path: &[(&str, Value)], grouping: GroupQuery) -> GroupQuery {
    let step = |(column, value): &(&str, Value)| GroupStep {
        column: (*column).to_owned(),
        value: value.clone(),
    };
    GroupQuery {
        path: path.iter().map(step).collect(),
        ..grouping
    }
}

async fn group(kit: &TestKit, grouping: GroupQuery) -> Result<GroupPage> {
    kit.anonymous()
        .submit(Group::new("Customer", grouping))
        .await
}

/// A page in one line: `Rome(1(P1 P2) 2(P4))`, with `+` where there is more.
fn show(page: &GroupPage) -> String {
    let items: Vec<_> = match &page.items {
        GroupItems::Groups(groups) => groups
            .iter()
            .map(|group| format!("{}({})", show_value(&group.step.value), show(&group.page)))
            .collect(),
        GroupItems::Rows(rows) => rows.iter().map(|row| show_value(row.get("name"))).collect(),
    };
    let more = if page.has_next_page { " +" } else { "" };
    format!("{}{more}", items.join(" "))
}

fn show_value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.to_json().to_string(),
    }
}

async fn shown(kit: &TestKit, grouping: GroupQuery) -> String {
    show(&group(kit, grouping).await.unwrap())
}

#[tokio::test]
async fn records_stand_in_groups_level_by_level() {
    let kit = crowd().await;
    assert_eq!(
        "null(1(P7) 2(P8)) Paris(1(P5 P6)) Rome(1(P1 P2 P3) 2(P4))",
        shown(&kit, by(&["city", "age"])).await
    );
    assert_eq!(
        "1(P1 P2 P3 P5 P6 P7) 2(P4 P8)",
        shown(&kit, by(&["age"])).await
    );
    assert_eq!("5(P1)", {
        let mut grouping = by(&["since"]);
        grouping.query.where_clause = Some("since != null".to_owned());
        shown(&kit, grouping).await
    });
}

#[tokio::test]
async fn the_depth_says_how_many_levels_are_groups() {
    let kit = crowd().await;
    let grouping = |depth| GroupQuery {
        depth: Some(depth),
        ..by(&["city", "age"])
    };
    assert_eq!(
        "null(P7 P8) Paris(P5 P6) Rome(P1 P2 P3 P4)",
        shown(&kit, grouping(1)).await
    );
    assert_eq!("P1 P2 P3 P4 P5 P6 P7 P8", shown(&kit, grouping(0)).await);
    assert_eq!(
        shown(&kit, grouping(2)).await,
        shown(&kit, grouping(99)).await
    );
    refused(8008, group(&kit, grouping(-1)).await);
}

#[tokio::test]
async fn a_path_leads_into_a_group() {
    let kit = crowd().await;
    let grouping = || by(&["city", "age"]);
    let rome = ("city", Value::from("Rome"));
    assert_eq!(
        "1(P1 P2 P3) 2(P4)",
        shown(&kit, at(std::slice::from_ref(&rome), grouping())).await
    );
    let one = ("age", Value::from(1));
    assert_eq!(
        "P1 P2 P3",
        shown(&kit, at(&[rome.clone(), one.clone()], grouping())).await
    );
    let nowhere = ("city", Value::Null);
    assert_eq!(
        "P7",
        shown(&kit, at(&[nowhere, one.clone()], grouping())).await
    );
    assert_eq!(
        "",
        shown(&kit, at(&[("city", Value::from("Oslo"))], grouping())).await
    );
    for path in [
        vec![one.clone()],
        vec![rome.clone(), one.clone(), one],
        vec![("city", Value::from(7))],
    ] {
        refused(8008, group(&kit, at(&path, grouping())).await);
    }
}

#[tokio::test]
async fn every_level_has_pages_and_says_whether_there_is_more() {
    let kit = crowd().await;
    let mut grouping = by(&["city", "age"]);
    grouping.query.page_size = Some(2);
    grouping.group_page_size = Some(1);
    grouping.records_page_size = Some(2);
    assert_eq!(
        "null(1(P7) +) Paris(1(P5 P6)) +",
        shown(&kit, grouping.clone()).await
    );
    grouping.query.offset = Some(2);
    assert_eq!("Rome(1(P1 P2 +) +)", shown(&kit, grouping.clone()).await);
    grouping.query.offset = Some(3);
    assert_eq!("", shown(&kit, grouping).await);
    let mut records = at(&[("age", Value::from(1))], by(&["age"]));
    records.query.page_size = Some(2);
    records.query.offset = Some(4);
    assert_eq!("P6 P7", shown(&kit, records).await);
}

#[tokio::test]
async fn groups_come_in_the_order_asked_for() {
    let kit = crowd().await;
    let mut grouping = by(&["city", "age"]);
    grouping.query.sort_by = vec!["name desc, city desc".to_owned(), "age desc".to_owned()];
    assert_eq!(
        "Rome(2(P4) 1(P3 P2 P1)) Paris(1(P6 P5)) null(2(P8) 1(P7))",
        shown(&kit, grouping).await
    );
}

#[tokio::test]
async fn records_in_groups_bring_their_relations() {
    let kit = crowd().await;
    let all = Query::new().sort_by("name");
    let all = kit
        .anonymous()
        .submit(Find::new("Customer", all))
        .await
        .unwrap();
    let first = all[0].record().unwrap().id().as_str();
    shop::relate(&kit, ("Customer", first), "friends", &[first]).await;
    let mut grouping = by(&["age"]);
    grouping.query.load_relations = vec!["friends".to_owned()];
    let page = group(&kit, grouping).await.unwrap();
    let GroupItems::Groups(groups) = page.items else {
        panic!("no groups")
    };
    let GroupItems::Rows(rows) = &groups[0].page.items else {
        panic!("no rows")
    };
    let friends = |row: &Row| shop::many(row.record().unwrap(), "friends").len();
    assert_eq!((1, 0), (friends(&rows[0]), friends(&rows[1])));
}

#[tokio::test]
async fn a_count_says_how_many_records_a_group_has() {
    let kit = crowd().await;
    let rome = ("city", Value::from("Rome"));
    for (path, expected) in [
        (vec![], 8),
        (vec![rome.clone()], 4),
        (vec![rome, ("age", Value::from(1))], 3),
        (vec![("city", Value::Null)], 2),
    ] {
        let event = CountInGroup::new("Customer", at(&path, by(&["city", "age"])));
        assert_eq!(expected, kit.anonymous().submit(event).await.unwrap());
    }
}

#[tokio::test]
async fn what_cannot_be_grouped_has_a_code() {
    let kit = crowd().await;
    let pages = |size| GroupQuery {
        group_page_size: Some(size),
        ..by(&["city"])
    };
    let having = {
        let mut grouping = by(&["city"]);
        grouping.query.having = Some("Count(objectId) > 1".to_owned());
        grouping
    };
    for (grouping, code) in [
        (by(&[]), 8008),
        (by(&["nothing"]), 1006),
        (by(&["city; drop"]), 8008),
        (pages(0), 1005),
        (pages(101), 1025),
        (having, 19001),
    ] {
        refused(code, group(&kit, grouping).await);
    }
    let users = Group::new("Users", by(&["password"]));
    refused(1006, kit.anonymous().submit(users).await);
    let unknown = Group::new("Nothing", by(&["a"]));
    refused(1009, kit.anonymous().submit(unknown).await);
}

#[tokio::test]
async fn a_grouping_that_grows_too_large_is_refused() {
    let kit = shop::open(TestKit::bare()).start().await;
    let rows =
        |from: i32| (from..from + 100).map(|n| record! { "age" => n, "name" => n.to_string() });
    for from in 0..6 {
        let bulk = BulkCreate::new("Customer", rows(from * 100).collect());
        kit.code_runner().submit(bulk).await.unwrap();
    }
    let mut grouping = by(&["city", "age", "name"]);
    grouping.query.page_size = Some(100);
    grouping.group_page_size = Some(100);
    let page = group(&kit, grouping.clone()).await.unwrap();
    assert!(!page.has_next_page);
    let mut wide = by(&["since", "city", "age", "name"]);
    wide.group_page_size = Some(100);
    wide.query.sort_by = Vec::new();
    assert!(group(&kit, wide).await.is_ok());
    for age in 0..10 {
        let clause = format!("age >= {} and age < {}", age * 60, age * 60 + 60);
        let change = record! { "city" => format!("C{age}") };
        let bulk = BulkUpdate::new("Customer", clause, change);
        kit.code_runner().submit(bulk).await.unwrap();
    }
    refused(8008, group(&kit, grouping).await);
}

#[tokio::test]
async fn strict_callers_group_what_they_own() {
    let kit = shop::strict(TestKit::bare()).start().await;
    shop::stock(&kit).await;
    let guest = kit.guest().await;
    let mine = record! { "name" => "Mine", "city" => "Oslo" };
    guest.submit(Create::new("Customer", mine)).await.unwrap();
    let page = guest.submit(Group::new("Customer", by(&["city"]))).await;
    assert_eq!("Oslo(Mine)", show(&page.unwrap()));
    let rome = at(&[("city", Value::from("Rome"))], by(&["city"]));
    let count = guest.submit(CountInGroup::new("Customer", rome)).await;
    assert_eq!(0, count.unwrap());
}
