use serde_json::json;
use tokio::task::JoinSet;
use vestibule_model::{Column, ColumnType, Table, USERS, Value};

use super::{Scratch, samples::*, shop::*, tables::*};
use crate::{Change, Constraint, Precondition, StorageError};

pub async fn a_new_table_has_the_columns_of_every_table(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![create(ORDER)]).await);
    assert_eq!(Some(Table::new(ORDER)), described(&*storage, ORDER).await);
    assert!(everything_in(&*storage, ORDER).await.is_empty());
    let made = record_of(ORDER, "O", Some("G"), 1);
    done(storage.apply(vec![made]).await);
    let order = record(&*storage, ORDER, "O").await.unwrap();
    assert_eq!(Some("G"), order.owner_id());
    assert_eq!((Some(at(1)), None), (order.created(), order.updated()));
}

pub async fn tables_differ_in_more_than_case(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![create("Order")]).await);
    for name in ["Order", "order", "USERS"] {
        let taken = Constraint::TableName(name.to_owned());
        assert_conflict(&taken, storage.apply(vec![create(name)]).await);
    }
    let twice = vec![create("Item"), create("ITEM")];
    let taken = Constraint::TableName("ITEM".to_owned());
    assert_conflict(&taken, storage.apply(twice).await);
    assert_eq!(None, described(&*storage, "Item").await);
}

pub async fn a_removed_table_is_gone_with_its_rows_and_its_links(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let rows = vec![
        item("A", []),
        order("O"),
        link(ORDER, "items", "O", ["A"]),
        drop_table(ORDER),
    ];
    done(storage.apply(rows).await);
    assert_eq!(None, described(&*storage, ORDER).await);
    assert_eq!(["A"], *everything_in(&*storage, ITEM).await);
    let again = vec![
        create(ORDER),
        order("O"),
        add_relation(ORDER, to_many("items", ITEM)),
    ];
    done(storage.apply(again).await);
    let links = children(&*storage, (ORDER, "items"), "O").await;
    assert!(links.is_empty(), "{links:?}");
    done(storage.apply(vec![drop_table("Nothing")]).await);
}

pub async fn a_table_that_others_relate_to_is_not_removed(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let refused = storage.apply(vec![drop_table(ITEM)]).await;
    assert!(
        matches!(refused, Err(StorageError::SchemaChanged)),
        "{refused:?}"
    );
    done(
        storage
            .apply(vec![drop_table(ORDER), drop_table(ITEM)])
            .await,
    );
}

pub async fn what_is_said_of_columns_and_relations_is_kept(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let full = Column {
        size: Some(7),
        required: true,
        unique: true,
        indexed: true,
        default: Some("x".into()),
        validator: Some("^[a-z]+$".to_owned()),
        ..Column::new("code", ColumnType::String)
    };
    let list = Column {
        default: Some(Value::Json(json!([1, {"a": null}]))),
        ..Column::new("list", ColumnType::Json)
    };
    let ratio = Column {
        indexed: true,
        default: Some(2.0.into()),
        ..Column::new("ratio", ColumnType::Double)
    };
    let columns = [full, list, ratio];
    let changes = columns.clone().map(|column| add_column(ORDER, column));
    done(storage.apply(changes.to_vec()).await);
    let before = described(&*storage, ORDER).await.unwrap();
    assert_eq!(columns[..], before.columns[4..]);
    assert_eq!(to_many("items", ITEM), before.relations[0]);
    storage.close().await;
    drop(storage);
    let storage = scratch.open().await;
    assert_eq!(Some(before), described(&*storage, ORDER).await);
}

pub async fn columns_and_relations_share_their_names(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    for name in ["NAME", "name", "Similar", "similar", "objectid"] {
        let taken = Constraint::ColumnName {
            table: ITEM.to_owned(),
            column: name.to_owned(),
        };
        let column = add_column(ITEM, Column::new(name, ColumnType::Int));
        assert_conflict(&taken, storage.apply(vec![column]).await);
        let relation = add_relation(ITEM, to_many(name, ORDER));
        assert_conflict(&taken, storage.apply(vec![relation]).await);
    }
}

pub async fn rows_that_are_there_get_the_default(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", []), item("B", [])]).await;
    let defaults = [
        ("label", ColumnType::String, Value::from("new")),
        ("count", ColumnType::Int, 7.into()),
        ("ratio", ColumnType::Double, 2.into()),
        ("good", ColumnType::Boolean, true.into()),
        ("list", ColumnType::Json, Value::Json(json!(["a"]))),
    ];
    let columns = defaults.clone().map(|(name, column_type, default)| {
        let default = Some(default);
        add_column(
            ITEM,
            Column {
                default,
                ..Column::new(name, column_type)
            },
        )
    });
    done(storage.apply(columns.to_vec()).await);
    for (name, column_type, default) in defaults {
        let expected = match column_type {
            ColumnType::Double => 2.0.into(),
            _ => default,
        };
        assert_eq!(expected, cell(&*storage, "A", name).await);
        assert_eq!(expected, cell(&*storage, "B", name).await);
    }
    // Whoever makes a record says what is in it.
    done(storage.apply(vec![item("C", [])]).await);
    assert!(cell(&*storage, "C", "label").await.is_null());
    assert!(cell(&*storage, "A", "updated").await.is_null());
}

pub async fn a_unique_column_takes_a_value_once_and_null_often(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", []), item("B", [])]).await;
    let code = |default: Option<&str>| {
        let column = Column {
            unique: true,
            default: default.map(Value::from),
            ..Column::new("code", ColumnType::String)
        };
        add_column(ITEM, column)
    };
    let taken = Constraint::Unique {
        table: ITEM.to_owned(),
        column: "code".to_owned(),
    };
    assert_conflict(&taken, storage.apply(vec![code(Some("x"))]).await);
    let columns = described(&*storage, ITEM).await.unwrap().columns;
    assert!(columns.iter().all(|column| column.name != "code"));

    done(storage.apply(vec![code(None)]).await);
    let first = item("C", [("code", "x".into())]);
    let second = item("D", [("code", "x".into())]);
    assert_conflict(&taken, storage.apply(vec![first.clone(), second]).await);
    let another_case = item("D", [("code", "X".into())]);
    done(storage.apply(vec![first, another_case]).await);
    let update = update_of_item("A", 1, [("code", to("x"))]);
    assert_conflict(
        &taken,
        storage.apply(vec![Change::UpdateRecord(update)]).await,
    );
}

pub async fn whole_numbers_become_numbers_with_a_fraction(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("stock", 7.into())])]).await;
    let changes = vec![
        widen(ITEM, "stock"),
        widen(ITEM, "stock"),
        item("B", [("stock", 1.5.into())]),
        item("C", [("stock", 2.into())]),
        item("D", [("stock", 2.0.into())]),
        item("E", [("stock", 1e300.into())]),
    ];
    done(storage.apply(changes).await);
    let table = described(&*storage, ITEM).await.unwrap();
    assert_eq!(
        ColumnType::Double,
        table.column("stock").unwrap().column_type
    );
    for (name, number) in [("A", 7.0), ("B", 1.5), ("C", 2.0), ("D", 2.0), ("E", 1e300)] {
        assert_eq!(Value::from(number), cell(&*storage, name, "stock").await);
    }
    assert_eq!(["C", "D"], *items(&*storage, equal("stock", 2)).await);
    assert_unknown_column(
        (ITEM, "nothing"),
        storage.apply(vec![widen(ITEM, "nothing")]).await,
    );
}

pub async fn a_removed_column_is_gone_and_leaves_its_name(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("name", "a".into())])]).await;
    let code = |column_type| Column {
        unique: true,
        ..Column::new("code", column_type)
    };
    let changes = vec![
        add_column(ITEM, code(ColumnType::String)),
        item("B", [("code", "x".into())]),
        drop_column(ITEM, "code"),
        drop_column(ITEM, "nothing"),
        add_column(ITEM, code(ColumnType::Int)),
        item("C", [("code", 1.into())]),
    ];
    done(storage.apply(changes).await);
    assert!(cell(&*storage, "B", "code").await.is_null());
    assert_eq!(Value::from(1), cell(&*storage, "C", "code").await);
    assert_eq!(Value::from("a"), cell(&*storage, "A", "name").await);

    done(storage.apply(vec![drop_column(ITEM, "code")]).await);
    let gone = storage.apply(vec![item("D", [("code", 1.into())])]).await;
    assert_unknown_column((ITEM, "code"), gone);
}

pub async fn a_removed_relation_is_gone_with_its_links(scratch: &dyn Scratch) {
    let storage = shop_with(
        scratch,
        [item("A", []), order("O"), link(ORDER, "items", "O", ["A"])],
    )
    .await;
    done(storage.apply(vec![drop_column(ORDER, "items")]).await);
    let link_again = || link(ORDER, "items", "O", ["A"]);
    assert_unknown_column((ORDER, "items"), storage.apply(vec![link_again()]).await);
    let relation = add_relation(ORDER, to_many("items", ITEM));
    let applied = done(storage.apply(vec![relation, link_again()]).await);
    assert_eq!(1, applied.linked);
}

pub async fn users_have_columns_and_relations_like_others(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let columns = [
        ("age", ColumnType::Int, Value::from(7)),
        ("happy", ColumnType::Boolean, true.into()),
        ("weight", ColumnType::Double, 61.5.into()),
        ("nick", ColumnType::Text, "zoë".into()),
        ("list", ColumnType::Json, Value::Json(json!([1]))),
    ];
    let mut changes = vec![insert(&guest("OLD"))];
    for (name, column_type, value) in &columns {
        let column = Column {
            unique: *name == "nick",
            default: (*name == "age").then(|| value.clone()),
            ..Column::new(*name, *column_type)
        };
        changes.push(add_column(USERS, column));
    }
    changes.push(add_relation(USERS, to_many("cart", ITEM)));
    let mut ann = registered("ANN", "ann@example.com");
    for (name, _, value) in &columns {
        ann.properties.insert((*name).to_owned(), value.clone());
    }
    changes.push(insert(&ann));
    changes.push(item("A", []));
    changes.push(link(USERS, "cart", "ANN", ["A"]));
    assert_eq!(1, done(storage.apply(changes).await).linked);

    assert_eq!(Some(ann), user(&*storage, "ANN").await);
    let old = user(&*storage, "OLD").await.unwrap();
    assert_eq!(Value::from(7), old.properties["age"]);
    assert!(old.properties["happy"].is_null());
    let row = record(&*storage, USERS, "ANN").await.unwrap();
    assert_eq!(&Value::from(true), row.get("happy"));
    let cart = children(&*storage, (USERS, "cart"), "ANN").await;
    assert_eq!(["A"], *cart);

    let nick = update("OLD", [("nick", "zoë".into())]);
    let taken = Constraint::Unique {
        table: USERS.to_owned(),
        column: "nick".to_owned(),
    };
    assert_conflict(&taken, storage.apply(vec![Change::UpdateUser(nick)]).await);

    done(storage.apply(vec![drop_column(USERS, "nick")]).await);
    let ann = user(&*storage, "ANN").await.unwrap();
    assert!(!ann.properties.contains_key("nick"));
}

pub async fn tables_and_their_rows_are_made_together_or_not_at_all(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let together = || {
        vec![
            create(ITEM),
            create(ORDER),
            add_column(ITEM, Column::new("stock", ColumnType::Int)),
            add_relation(ORDER, to_many("items", ITEM)),
            item("A", [("stock", 1.into())]),
            widen(ITEM, "stock"),
            item("B", [("stock", 1.5.into())]),
            order("O"),
            link(ORDER, "items", "O", ["A", "B"]),
        ]
    };
    let refused = Precondition::UserExists(id("NOBODY"));
    let mut changes = together();
    changes.push(Change::Require(refused.clone()));
    let before = done(storage.catalogue().await);
    assert_refused(&refused, storage.apply(changes).await);
    assert_eq!(before, done(storage.catalogue().await));
    assert_unknown_table(ITEM, storage.find(&all_of(ITEM)).await);

    assert_eq!(2, done(storage.apply(together()).await).linked);
    let items = children(&*storage, (ORDER, "items"), "O").await;
    assert_eq!(["A", "B"], *items);
}

pub async fn of_many_who_make_one_table_or_column_exactly_one_wins(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for (list, taken) in [
        (vec![create(ITEM)], Constraint::TableName(ITEM.to_owned())),
        (
            vec![add_column(ITEM, Column::new("stock", ColumnType::Int))],
            Constraint::ColumnName {
                table: ITEM.to_owned(),
                column: "stock".to_owned(),
            },
        ),
    ] {
        let mut tasks = JoinSet::new();
        for number in 0..20_i64 {
            let storage = std::sync::Arc::clone(&storage);
            let mut changes = list.clone();
            if changes.len() == 1 && matches!(taken, Constraint::ColumnName { .. }) {
                changes.push(item(&format!("I{number}"), [("stock", number.into())]));
            }
            tasks.spawn(async move { storage.apply(changes).await });
        }
        let mut winners = 0;
        for result in tasks.join_all().await {
            if result.is_ok() {
                winners += 1;
            } else {
                assert_conflict(&taken, result);
            }
        }
        assert_eq!(1, winners);
    }
    assert_eq!(1, everything_in(&*storage, ITEM).await.len());
}

pub async fn readers_and_writers_see_the_new_schema_at_once(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [("stock", 1.into())])]).await;
    for round in 0..20_i64 {
        // What these statements name has been another table and another column in each round.
        let changes = vec![
            drop_table("Round"),
            create("Round"),
            add_column(ITEM, Column::new("round", ColumnType::Int)),
        ];
        done(storage.apply(changes).await);
        let write = update_of_item("A", round, [("round", to(round))]);
        let write = vec![
            Change::UpdateRecord(write),
            record_of("Round", "R", None, 0),
        ];
        done(storage.apply(write).await);
        assert_eq!(Value::from(round), cell(&*storage, "A", "round").await);
        assert_eq!(["R"], *everything_in(&*storage, "Round").await);
        done(storage.apply(vec![drop_column(ITEM, "round")]).await);
    }
}

pub async fn the_longest_names_are_all_different(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let long = |last: &str| format!("{}{last}", "x".repeat(62));
    let mut changes = Vec::new();
    for last in ["A", "B"] {
        let table = long(last);
        changes.push(create(&table));
        for column in ["A", "B"] {
            let column = Column {
                indexed: true,
                ..Column::new(long(column), ColumnType::Int)
            };
            changes.push(add_column(&table, column));
        }
        for relation in ["C", "D"] {
            changes.push(add_relation(&table, to_many(&long(relation), &table)));
        }
        changes.push(record_of(&table, "R", None, 0));
    }
    changes.push(link(&long("B"), &long("D"), "R", ["R"]));
    assert_eq!(1, done(storage.apply(changes).await).linked);
}

pub async fn what_is_no_name_becomes_no_table_and_no_column(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    for name in ["", "1st", "a b", "a\"b", "a$b", "ü"] {
        assert_unknown_table(name, storage.apply(vec![create(name)]).await);
        let column = add_column(ITEM, Column::new(name, ColumnType::Int));
        assert_unknown_column((ITEM, name), storage.apply(vec![column]).await);
        let relation = add_relation(ITEM, to_many(name, ITEM));
        assert_unknown_column((ITEM, name), storage.apply(vec![relation]).await);
    }
}

pub async fn what_is_not_there_cannot_be_changed(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    for change in [
        add_column("Nothing", Column::new("a", ColumnType::Int)),
        widen("Nothing", "a"),
        drop_column("Nothing", "a"),
        add_relation("Nothing", to_many("a", ITEM)),
        add_relation(ITEM, to_many("a", "Nothing")),
        record_of("Nothing", "A", None, 0),
        link("Nothing", "a", "A", ["B"]),
    ] {
        assert_unknown_table("Nothing", storage.apply(vec![change]).await);
    }
}
