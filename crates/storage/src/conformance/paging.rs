use serde_json::json;
use vestibule_model::{ColumnType, Record, Row, Value};

use super::{Scratch, samples::*, shop::*};
use crate::{Change, FindQuery, Select, Storage, StorageError};

pub async fn a_record_is_read_as_it_was_made(scratch: &dyn Scratch) {
    let columns = [
        ("name", Value::from("O'Hara"), ColumnType::String),
        ("note", "💥\n\"".into(), ColumnType::Text),
        ("maker", "M".into(), ColumnType::StringId),
        ("stock", i64::MAX.into(), ColumnType::Int),
        ("price", 0.1.into(), ColumnType::Double),
        ("sold", true.into(), ColumnType::Boolean),
        ("since", (-1).into(), ColumnType::DateTime),
        (
            "tags",
            Value::Json(json!({"a": [1, "x"]})),
            ColumnType::Json,
        ),
    ];
    let properties = columns.clone().map(|(name, value, _)| (name, value));
    let storage = shop_with(scratch, [item("A", properties), item("B", [])]).await;
    let system = [
        ("ownerId", ColumnType::String),
        ("created", ColumnType::DateTime),
        ("updated", ColumnType::DateTime),
    ];
    let own = columns
        .clone()
        .map(|(name, _, column_type)| (name, column_type));
    let outputs = own.into_iter().chain(system);
    let outputs = outputs.map(|(name, column_type)| output(name, column(name), column_type));
    let mut query = all_of(ITEM);
    query.select = Select::Records(outputs.collect());

    let mut full = Record::new(ITEM, id("A"));
    let mut empty = Record::new(ITEM, id("B"));
    for (name, value, _) in columns {
        full.properties.insert(name.to_owned(), value);
        empty.properties.insert(name.to_owned(), Value::Null);
    }
    for record in [&mut full, &mut empty] {
        let created = Value::from(at(0).as_millis());
        let system = [
            ("ownerId", Value::Null),
            ("created", created),
            ("updated", Value::Null),
        ];
        let system = system.map(|(name, value)| (name.to_owned(), value));
        record.properties.extend(system);
    }
    let expected = vec![Row::Record(empty), Row::Record(full)];
    assert_eq!(expected, find(&*storage, &query).await);
}

pub async fn a_record_has_what_was_asked_for_under_the_name_that_was_asked_for(
    scratch: &dyn Scratch,
) {
    let storage = shop_with(scratch, [named("A", "Pear")]).await;
    let mut query = all_of(ITEM);
    query.select = Select::Records(vec![output(
        "what \"it\" is",
        column("name"),
        ColumnType::String,
    )]);
    let mut expected = Record::new(ITEM, id("A"));
    let properties = [("what \"it\" is".to_owned(), "Pear".into())];
    expected.properties = properties.into();
    assert_eq!(vec![Row::Record(expected)], find(&*storage, &query).await);
}

pub async fn users_are_records(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let users = [guest("G"), registered("R", "ann@example.com")];
    done(
        storage
            .apply(users.map(|user| insert(&user)).to_vec())
            .await,
    );
    let mut query = all_of("Users");
    query.select = Select::Records(vec![
        output("email", column("email"), ColumnType::String),
        output("userStatus", column("userStatus"), ColumnType::String),
    ]);
    let found = find(&*storage, &query).await;
    let emails: Vec<_> = found.iter().map(|row| row.get("email").clone()).collect();
    assert_eq!([Value::from("ann@example.com"), Value::Null], *emails);
    assert_eq!(&Value::from("GUEST"), found[1].get("userStatus"));
}

pub async fn records_that_nobody_sorts_come_by_descending_id(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, ["B", "C", "A"].map(|name| item(name, []))).await;
    assert_eq!(["C", "B", "A"], *ids(&*storage, &all_of(ITEM)).await);
}

pub async fn nulls_come_first_ascending_and_last_descending(scratch: &dyn Scratch) {
    let stocks = [("A", 2.into()), ("B", Value::Null), ("C", (-1).into())];
    let stocks = stocks.map(|(name, stock)| item(name, [("stock", stock)]));
    let storage = shop_with(scratch, stocks).await;
    let stock = || column("stock");
    assert_eq!(
        ["B", "C", "A"],
        *sorted(&*storage, [ascending(stock())]).await
    );
    assert_eq!(
        ["A", "C", "B"],
        *sorted(&*storage, [descending(stock())]).await
    );
}

pub async fn texts_are_sorted_byte_by_byte(scratch: &dyn Scratch) {
    let names = [
        named("A", "b"),
        named("B", "B"),
        named("C", "ä"),
        named("D", "a"),
        named("E", "10"),
        named("F", "9"),
    ];
    let storage = shop_with(scratch, names).await;
    let by_name = sorted(&*storage, [ascending(column("name"))]).await;
    assert_eq!(["E", "F", "B", "D", "A", "C"], *by_name);
}

pub async fn ids_decide_between_equals_in_descending_order(scratch: &dyn Scratch) {
    let names = [
        named("A", "x"),
        named("B", "y"),
        named("C", "x"),
        named("D", "y"),
    ];
    let storage = shop_with(scratch, names).await;
    let name = || column("name");
    let up = sorted(&*storage, [ascending(name())]).await;
    assert_eq!(["C", "A", "D", "B"], *up);
    let down = sorted(&*storage, [descending(name())]).await;
    assert_eq!(["D", "B", "C", "A"], *down);
    let by_id = [ascending(name()), ascending(column("objectId"))];
    assert_eq!(["A", "C", "B", "D"], *sorted(&*storage, by_id).await);
}

pub async fn records_come_in_pages_that_fit_together(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let names: Vec<_> = (0..25).map(|number| format!("I{number:02}")).collect();
    let items = names.iter().map(|name| named(name, "the same"));
    done(storage.apply(items.collect()).await);
    let mut query = all_of(ITEM);
    query.limit = 7;
    for sort in [vec![], vec![ascending(column("name"))]] {
        query.sort = sort;
        let mut all = Vec::new();
        for offset in [0, 7, 14, 21, 28] {
            query.offset = offset;
            all.extend(ids(&*storage, &query).await);
        }
        assert!(all.iter().rev().eq(&names), "{all:?}");
    }
}

pub async fn pages_have_every_size(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", []), item("B", [])]).await;
    let page = async |offset, limit| {
        let query = FindQuery {
            offset,
            limit,
            ..all_of(ITEM)
        };
        ids(&*storage, &query).await
    };
    assert!(page(0, 0).await.is_empty());
    assert_eq!(["B", "A"], *page(0, u64::MAX).await);
    assert_eq!(["A"], *page(1, u64::MAX).await);
    assert!(page(2, 10).await.is_empty());
    assert!(page(u64::MAX, u64::MAX).await.is_empty());
}

pub async fn unknown_tables_and_columns_are_refused(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let unknown = storage.find(&all_of("Nothing")).await;
    assert!(
        matches!(&unknown, Err(StorageError::UnknownTable { table }) if table == "Nothing"),
        "{unknown:?}"
    );
    for (table, name) in [(ITEM, "nothing"), ("Users", "password")] {
        let query = FindQuery {
            sort: vec![ascending(column(name))],
            ..all_of(table)
        };
        let unknown = storage.find(&query).await;
        assert!(
            matches!(&unknown, Err(StorageError::UnknownColumn { column, .. }) if column == name),
            "{unknown:?}"
        );
    }
}

pub async fn a_removed_column_is_unknown_at_once(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("A", "Pear")]).await;
    assert_eq!(["A"], *items(&*storage, equal("name", "Pear")).await);
    let removed = Change::DropColumn {
        table: ITEM.to_owned(),
        column: "name".to_owned(),
    };
    done(storage.apply(vec![removed]).await);
    let query = FindQuery {
        condition: Some(equal("name", "Pear")),
        ..all_of(ITEM)
    };
    let unknown = storage.find(&query).await;
    assert!(
        matches!(unknown, Err(StorageError::UnknownColumn { .. })),
        "{unknown:?}"
    );
    assert_eq!(["A"], *items(&*storage, anything()).await);
}

async fn sorted<const N: usize>(storage: &dyn Storage, sort: [crate::Sort; N]) -> Vec<String> {
    let query = FindQuery {
        sort: sort.to_vec(),
        ..all_of(ITEM)
    };
    ids(storage, &query).await
}
