use serde_json::json;
use vestibule_model::{USERS, UserStatus, Value};

use super::{Scratch, samples::*, shop::*, tables::*};
use crate::{
    Applied, Calculation, Change, Comparison, Constraint, Function, Operand, Precondition,
    RecordUpdate, Visibility,
};

pub async fn a_record_is_read_as_it_was_made(scratch: &dyn Scratch) {
    let properties = [
        ("name", Value::from("ünï")),
        ("note", "a\nb".into()),
        ("maker", "M".into()),
        ("stock", i64::MAX.into()),
        ("price", (-0.1).into()),
        ("sold", false.into()),
        ("since", (-1).into()),
        ("tags", Value::Json(json!({"a": [1.5, null]}))),
    ];
    let storage = shop_with(scratch, [item("A", properties.clone()), item("B", [])]).await;
    let full = record(&*storage, ITEM, "A").await.unwrap();
    let empty = record(&*storage, ITEM, "B").await.unwrap();
    for (column, value) in &properties {
        assert_eq!(value, full.get(column));
        assert!(empty.get(column).is_null());
    }
    assert_eq!((None, Some(at(0))), (full.owner_id(), full.created()));
}

pub async fn an_id_is_taken_once_in_each_table(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", []), order("A")]).await;
    let taken = Constraint::ObjectId(id("A"));
    assert_conflict(&taken, storage.apply(vec![item("A", [])]).await);
}

pub async fn an_update_changes_what_it_names(scratch: &dyn Scratch) {
    let values = [("name", "a".into()), ("stock", 1.into())];
    let storage = shop_with(scratch, [item("A", values), item("B", [])]).await;
    let change = update_of_item("A", 9, [("stock", to(2)), ("ownerId", to("G"))]);
    let applied = done(storage.apply(vec![Change::UpdateRecord(change)]).await);
    assert_eq!(
        0, applied.changed,
        "one record is changed, or the step is refused"
    );
    let changed = record(&*storage, ITEM, "A").await.unwrap();
    assert_eq!(&Value::from(2), changed.get("stock"));
    assert_eq!(&Value::from("a"), changed.get("name"));
    assert_eq!(Some("G"), changed.owner_id());
    assert_eq!(
        (Some(at(0)), Some(at(9))),
        (changed.created(), changed.updated())
    );
    let other = record(&*storage, ITEM, "B").await.unwrap();
    assert_eq!(None, other.updated());
}

pub async fn no_two_changes_leave_the_same_moment_behind(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", []), insert(&guest("G"))]).await;
    let record_changes = |second| {
        let user_change = RecordUpdate {
            table: USERS.to_owned(),
            ..update_of_item("G", second, [])
        };
        let item_change = update_of_item("A", second, []);
        [user_change, item_change]
            .map(Change::UpdateRecord)
            .to_vec()
    };
    for (second, expected) in [
        (5, at(5).as_millis()),
        (5, at(5).as_millis() + 1),
        (2, at(5).as_millis() + 2),
        (6, at(6).as_millis()),
    ] {
        done(storage.apply(record_changes(second)).await);
        for (table, name) in [(ITEM, "A"), (USERS, "G")] {
            let row = record(&*storage, table, name).await.unwrap();
            assert_eq!(&Value::from(expected), row.get("updated"), "{table}");
        }
    }
    let mut same = update("G", [("name", "x".into())]);
    same.at = at(6);
    let status = Change::SetUserStatus {
        id: id("G"),
        status: UserStatus::Disabled,
        at: at(6),
    };
    done(storage.apply(vec![Change::UpdateUser(same), status]).await);
    let updated = user(&*storage, "G").await.unwrap().updated.unwrap();
    assert_eq!(at(6).as_millis() + 1, updated.as_millis());
}

pub async fn what_is_calculated_fits_its_column(scratch: &dyn Scratch) {
    let storage = shop_with(
        scratch,
        [item(
            "A",
            [
                ("name", "12 apes".into()),
                ("stock", 7.into()),
                ("price", 1e308.into()),
                ("sold", true.into()),
            ],
        )],
    )
    .await;
    let calculate = |name: &str, how, with: f64| {
        let (left, right) = (Box::new(column(name)), Box::new(value(with)));
        Operand::Calculation(left, how, right)
    };
    let half = || calculate("stock", Calculation::Divide, 2.0);
    let infinite = || calculate("price", Calculation::Multiply, 10.0);
    let undefined = || {
        let (left, right) = (Box::new(infinite()), Box::new(infinite()));
        Operand::Calculation(left, Calculation::Subtract, right)
    };
    let nothing = || column("note");
    for (name, operand, expected) in [
        ("stock", half(), Value::from(3)),
        ("since", half(), 3.into()),
        ("stock", nothing(), Value::Null),
        ("price", half(), 3.5.into()),
        ("price", column("stock"), 7.0.into()),
        ("price", infinite(), Value::Null),
        ("price", undefined(), Value::Null),
        ("price", nothing(), Value::Null),
        ("note", column("stock"), "7".into()),
        (
            "maker",
            function(Function::Upper, [column("name")]),
            "12 APES".into(),
        ),
        ("note", nothing(), Value::Null),
        ("sold", column("stock"), true.into()),
        ("sold", nothing(), Value::Null),
    ] {
        let before = record(&*storage, ITEM, "A").await.unwrap();
        let change = update_of_item("A", 1, [(name, to_result_of(operand.clone()))]);
        done(storage.apply(vec![Change::UpdateRecord(change)]).await);
        assert_eq!(
            expected,
            cell(&*storage, "A", name).await,
            "{name} {operand:?}"
        );
        let back = update_of_item("A", 1, [(name, to(before.get(name).clone()))]);
        done(storage.apply(vec![Change::UpdateRecord(back)]).await);
    }
    // These say nothing sensible; what counts is that the row can be read.
    for name in ["stock", "since", "price", "sold", "note"] {
        for operand in [column("name"), infinite(), undefined(), column("price")] {
            let change = update_of_item("A", 1, [(name, to_result_of(operand))]);
            done(storage.apply(vec![Change::UpdateRecord(change)]).await);
            record(&*storage, ITEM, "A").await.unwrap();
        }
    }
    let document = update_of_item("A", 1, [("tags", to_result_of(column("name")))]);
    assert_wrong_type(
        (ITEM, "tags"),
        storage.apply(vec![Change::UpdateRecord(document)]).await,
    );
}

pub async fn a_calculation_sees_the_record_as_it_was(scratch: &dyn Scratch) {
    let numbers = [("stock", 1.into()), ("since", 2.into())];
    let storage = shop_with(scratch, [item("A", numbers)]).await;
    let swapped = [
        ("stock", to_result_of(column("since"))),
        ("since", to_result_of(column("stock"))),
    ];
    let change = Change::UpdateRecord(update_of_item("A", 1, swapped));
    done(storage.apply(vec![change]).await);
    assert_eq!(Value::from(2), cell(&*storage, "A", "stock").await);
    assert_eq!(Value::from(1), cell(&*storage, "A", "since").await);
}

pub async fn what_may_not_be_seen_can_be_neither_changed_nor_removed(scratch: &dyn Scratch) {
    let owned = |name, owner| record_of(ITEM, name, Some(owner), 0);
    let storage = shop_with(scratch, [owned("A", "G"), owned("B", "H")]).await;
    for (name, visibility, may) in [
        ("A", Visibility::owned_by(&id("G")), true),
        ("B", Visibility::owned_by(&id("G")), false),
        ("A", Visibility::Nothing, false),
        ("NOTHING", Visibility::Everything, false),
    ] {
        let exists = Precondition::RecordExists {
            table: ITEM.to_owned(),
            id: id(name),
            visibility: visibility.clone(),
        };
        let change = Change::UpdateRecord(RecordUpdate {
            visibility: visibility.clone(),
            ..update_of_item(name, 1, [("stock", to(1))])
        });
        let remove = remove_item(name, visibility);
        for change in [Change::Require(exists.clone()), change, remove] {
            let result = storage.apply(vec![change]).await;
            if may {
                assert_eq!(Applied::default(), done(result));
            } else {
                assert_refused(&exists, result);
            }
        }
    }
    assert_eq!(["B"], *everything_in(&*storage, ITEM).await);
}

pub async fn several_records_are_changed_and_counted(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, four_items()).await;
    let (all, none, own) = (Visibility::Everything, Visibility::Nothing, own());
    for (condition, visibility, expected) in [
        (Some(equal("stock", 1)), all.clone(), 2),
        (Some(equal("stock", 1)), own.clone(), 1),
        (None, own, 2),
        (None, all, 3),
        (None, none, 0),
    ] {
        let change = Change::UpdateRecords {
            ids: ["A", "B", "C", "NOTHING"].map(id).to_vec(),
            condition,
            update: RecordUpdate {
                visibility,
                ..update_of_item("A", 1, [("note", to("changed"))])
            },
        };
        let before = items(&*storage, equal("note", "changed")).await.len();
        let applied = done(storage.apply(vec![change]).await);
        assert_eq!(expected, applied.changed);
        let after = items(&*storage, equal("note", "changed")).await.len();
        assert!(before.max(usize::try_from(expected).unwrap()) <= after);
    }
    assert!(cell(&*storage, "D", "updated").await.is_null());
}

pub async fn several_records_are_removed_and_counted(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, four_items()).await;
    let remove = |condition, visibility| Change::RemoveRecords {
        table: ITEM.to_owned(),
        ids: ["A", "B", "C", "NOTHING"].map(id).to_vec(),
        condition,
        visibility,
    };
    let seen = remove(Some(equal("stock", 1)), own());
    assert_eq!(1, done(storage.apply(vec![seen]).await).changed);
    assert_eq!(["B", "C", "D"], *everything_in(&*storage, ITEM).await);
    let nothing = remove(None, Visibility::Nothing);
    let rest = remove(None, Visibility::Everything);
    let applied = done(storage.apply(vec![nothing, rest]).await);
    assert_eq!(2, applied.changed);
    assert_eq!(["D"], *everything_in(&*storage, ITEM).await);
}

pub async fn conditions_of_changes_reach_related_records(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, four_items()).await;
    let links = vec![
        link(ITEM, "similar", "A", ["B"]),
        link(ITEM, "similar", "B", ["A"]),
    ];
    done(storage.apply(links).await);
    let similar_to_few = related("similar", compare(column("stock"), Comparison::Less, 3));
    let change = Change::UpdateRecords {
        ids: ["A", "B", "C", "D"].map(id).to_vec(),
        condition: Some(similar_to_few.clone()),
        update: update_of_item("A", 1, [("note", to("changed"))]),
    };
    assert_eq!(2, done(storage.apply(vec![change]).await).changed);
    // Either is the reason for the other to go; both were there when that was decided.
    let remove = Change::RemoveRecords {
        table: ITEM.to_owned(),
        ids: ["A", "B", "C", "D"].map(id).to_vec(),
        condition: Some(similar_to_few),
        visibility: Visibility::Everything,
    };
    assert_eq!(2, done(storage.apply(vec![remove]).await).changed);
    assert_eq!(["C", "D"], *everything_in(&*storage, ITEM).await);
}

pub async fn thousands_of_records_are_changed_at_once(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let names: Vec<_> = (0..2_500).map(|number| format!("I{number}")).collect();
    let made = names.iter().map(|name| item(name, []));
    done(storage.apply(made.collect()).await);
    // Each twice, far from each other.
    let ids = || names.iter().chain(&names).map(|name| id(name)).collect();
    let changes = vec![
        Change::UpdateRecords {
            ids: ids(),
            condition: None,
            update: update_of_item("A", 1, [("stock", to(1))]),
        },
        order("O"),
        Change::Link {
            table: ORDER.to_owned(),
            relation: "items".to_owned(),
            parent: id("O"),
            children: ids(),
            visibility: Visibility::Everything,
        },
        Change::Unlink {
            table: ORDER.to_owned(),
            relation: "items".to_owned(),
            parent: id("O"),
            children: Some(ids()),
            except: vec![id("I7")],
        },
        Change::RemoveRecords {
            table: ITEM.to_owned(),
            ids: ids(),
            condition: Some(equal("stock", 1)),
            visibility: Visibility::Everything,
        },
    ];
    let applied = done(storage.apply(changes).await);
    let counts = (applied.changed, applied.linked, applied.unlinked);
    assert_eq!((5_000, 2_500, 2_499), counts);
    assert!(everything_in(&*storage, ITEM).await.is_empty());
}

pub async fn that_a_record_is_unchanged(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", []), insert(&guest("G"))]).await;
    let unchanged = |table: &str, name, updated| Precondition::RecordUnchanged {
        table: table.to_owned(),
        id: id(name),
        updated,
    };
    let require = |precondition: &Precondition| vec![Change::Require(precondition.clone())];
    for (table, name) in [(ITEM, "A"), (USERS, "G")] {
        let never = unchanged(table, name, None);
        let once = unchanged(table, name, Some(at(3)));
        done(storage.apply(require(&never)).await);
        assert_refused(&once, storage.apply(require(&once)).await);
        let change = RecordUpdate {
            table: table.to_owned(),
            ..update_of_item(name, 3, [])
        };
        done(storage.apply(vec![Change::UpdateRecord(change)]).await);
        done(storage.apply(require(&once)).await);
        assert_refused(&never, storage.apply(require(&never)).await);
    }
    let nothing = unchanged(ITEM, "NOTHING", None);
    assert_refused(&nothing, storage.apply(require(&nothing)).await);
}

pub async fn a_row_of_users_has_changes_of_its_own(scratch: &dyn Scratch) {
    let ann = registered("ANN", "ann@example.com");
    let storage = shop_with(scratch, [insert(&guest("G")), insert(&ann)]).await;
    let made = record_of(USERS, "U", None, 0);
    assert_unknown_table(USERS, storage.apply(vec![made]).await);
    let remove = Change::RemoveRecord {
        table: USERS.to_owned(),
        id: id("G"),
        visibility: Visibility::Everything,
    };
    assert_unknown_table(USERS, storage.apply(vec![remove]).await);
    let change = |name: &str, value: &str| {
        Change::UpdateRecord(RecordUpdate {
            table: USERS.to_owned(),
            ..update_of_item("G", 1, [(name, to(value))])
        })
    };
    for name in [
        "password",
        "userStatus",
        "lastLogin",
        "objectId",
        "created",
        "updated",
    ] {
        let refused = storage.apply(vec![change(name, "x")]).await;
        assert_unknown_column((USERS, name), refused);
    }
    let taken = storage
        .apply(vec![change("email", "Ann@Example.com")])
        .await;
    assert_conflict(&Constraint::Identity, taken);
    let renamed = vec![change("name", "Gus"), change("ownerId", "ANN")];
    done(storage.apply(renamed).await);
    let read = user(&*storage, "G").await.unwrap();
    assert_eq!(
        (Some("Gus"), Some(id("ANN"))),
        (read.name(), read.owner_id.clone())
    );
}

pub async fn what_a_column_cannot_hold_is_refused(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [])]).await;
    for (name, wrong) in [
        ("stock", Value::from("1")),
        ("name", 1.into()),
        ("sold", 1.into()),
    ] {
        let made = item("B", [(name, wrong.clone())]);
        assert_wrong_type((ITEM, name), storage.apply(vec![made]).await);
        let change = update_of_item("A", 1, [(name, to(wrong))]);
        let change = Change::UpdateRecord(change);
        assert_wrong_type((ITEM, name), storage.apply(vec![change]).await);
    }
    for name in [
        "nothing", "NAME", "similar", "objectId", "ownerId", "created", "updated",
    ] {
        let made = item("B", [(name, Value::Null)]);
        assert_unknown_column((ITEM, name), storage.apply(vec![made]).await);
    }
    for name in [
        "nothing", "NAME", "similar", "objectId", "created", "updated",
    ] {
        let change = Change::UpdateRecord(update_of_item("A", 1, [(name, to(Value::Null))]));
        assert_unknown_column((ITEM, name), storage.apply(vec![change]).await);
    }
    let infinite = item("B", [("price", f64::INFINITY.into())]);
    done(storage.apply(vec![infinite]).await);
    assert!(cell(&*storage, "B", "price").await.is_null());
}

/// Two of which the guest G owns, and two with a stock of one.
fn four_items() -> [Change; 4] {
    [("A", "G", 1), ("B", "G", 2), ("C", "H", 1), ("D", "H", 1)].map(|(name, owner, stock)| {
        let Change::InsertRecord(mut new) = record_of(ITEM, name, Some(owner), 0) else {
            panic!("a record is made by an insert");
        };
        new.properties.insert("stock".to_owned(), stock.into());
        Change::InsertRecord(new)
    })
}

fn own() -> Visibility {
    Visibility::owned_by(&id("G"))
}

fn remove_item(name: &str, visibility: Visibility) -> Change {
    Change::RemoveRecord {
        table: ITEM.to_owned(),
        id: id(name),
        visibility,
    }
}
