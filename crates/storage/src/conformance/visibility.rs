use std::sync::Arc;

use vestibule_model::{Column, ColumnType, ObjectId};

use super::{Scratch, samples::*, shop::*};
use crate::{
    Aggregate, Assignment, Calculation, Change, Comparison, Condition, CountQuery, FindQuery,
    Function, Operand, RecordUpdate, RelatedQuery, Select, Storage, StorageError, Visibility,
};

fn ann() -> Visibility {
    Visibility::owned_by(&id("ANN"))
}

/// Ann owns item A and order O1; Ben owns B and O2; nobody owns N and O3. Every order has all items,
/// Ben is everybody's customer, and A is similar to B.
async fn owned(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let storage = shop(scratch).await;
    let user = |name: &str, email: &str| {
        let mut user = registered(name, email);
        user.owner_id = Some(id(name));
        insert(&user)
    };
    let owners = [Some("ANN"), Some("BEN"), None];
    let mut changes = vec![
        user("ANN", "ann@example.com"),
        user("BEN", "ben@example.com"),
    ];
    let items = ["A", "B", "N"].into_iter().zip(owners);
    changes.extend(items.map(|(name, owner)| record_of(ITEM, name, owner, 0)));
    let orders = ["O1", "O2", "O3"].into_iter().zip(owners);
    changes.extend(orders.map(|(name, owner)| record_of(ORDER, name, owner, 0)));
    for name in ["O1", "O2", "O3"] {
        changes.push(link(ORDER, "items", name, ["A", "B", "N"]));
        changes.push(link(ORDER, "customer", name, ["BEN"]));
    }
    changes.push(link(ITEM, "similar", "A", ["B"]));
    done(storage.apply(changes).await);
    storage
}

async fn seen(
    storage: &dyn Storage,
    table: &str,
    condition: Condition,
    visibility: Visibility,
) -> Vec<String> {
    let query = FindQuery {
        condition: Some(condition),
        visibility,
        ..all_of(table)
    };
    ids(storage, &query).await
}

pub async fn everybody_finds_the_own_records_only(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    let storage = &*storage;
    for (table, all, own) in [
        (ITEM, &["N", "B", "A"][..], "A"),
        (ORDER, &["O3", "O2", "O1"], "O1"),
        ("Users", &["BEN", "ANN"], "ANN"),
    ] {
        let everything = seen(storage, table, anything(), Visibility::Everything);
        assert_eq!(all, everything.await);
        assert_eq!([own], *seen(storage, table, anything(), ann()).await);
        let nobody = Visibility::owned_by(&id("NOBODY"));
        assert!(seen(storage, table, anything(), nobody).await.is_empty());
        let nothing = Visibility::Nothing;
        assert!(seen(storage, table, anything(), nothing).await.is_empty());
    }
}

pub async fn no_condition_shows_more(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    let or_anything = Condition::Any(vec![equal("objectId", "B"), anything()]);
    assert_eq!(["A"], *seen(&*storage, ITEM, or_anything, ann()).await);
    let not_mine = not(equal("ownerId", "ANN"));
    assert!(seen(&*storage, ITEM, not_mine, ann()).await.is_empty());
    let always = compare(value(1), Comparison::Equal, 1);
    assert!(
        seen(&*storage, ITEM, always, Visibility::Nothing)
            .await
            .is_empty()
    );
}

pub async fn related_records_out_of_sight_match_nothing(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    let storage = &*storage;
    let with = |name: &str| related("items", equal("objectId", name));
    assert_eq!(["O1"], *seen(storage, ORDER, with("A"), ann()).await);
    for name in ["B", "N"] {
        assert!(seen(storage, ORDER, with(name), ann()).await.is_empty());
        assert_eq!(["O1"], *seen(storage, ORDER, not(with(name)), ann()).await);
    }
    let customer = related("customer", equal("email", "ben@example.com"));
    assert!(
        seen(storage, ORDER, customer.clone(), ann())
            .await
            .is_empty()
    );
    let everything = Visibility::Everything;
    assert_eq!(3, seen(storage, ORDER, customer, everything).await.len());
    let similar = related("similar", anything());
    assert!(seen(storage, ITEM, similar, ann()).await.is_empty());
}

pub async fn records_out_of_sight_do_not_refer(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    let storage = &*storage;
    let of = |name: &str| referred(ORDER, "items", equal("objectId", name));
    assert_eq!(["A"], *seen(storage, ITEM, of("O1"), ann()).await);
    for name in ["O2", "O3"] {
        assert!(seen(storage, ITEM, of(name), ann()).await.is_empty());
    }
}

pub async fn a_path_ends_at_what_is_out_of_sight(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    let storage = &*storage;
    // O1 has B, which Ann cannot see, and O2 has A.
    let through_hidden = related("items", referred(ORDER, "items", equal("objectId", "O2")));
    assert!(seen(storage, ORDER, through_hidden, ann()).await.is_empty());
    let to_hidden = related("items", related("similar", anything()));
    assert!(seen(storage, ORDER, to_hidden, ann()).await.is_empty());
    let in_sight = related("items", referred(ORDER, "items", anything()));
    assert_eq!(["O1"], *seen(storage, ORDER, in_sight, ann()).await);
}

pub async fn counts_and_groups_are_of_what_may_be_seen(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    for (visibility, count, expected) in [
        (Visibility::Everything, 3, Some("N")),
        (ann(), 1, Some("A")),
        (Visibility::Nothing, 0, None),
    ] {
        for distinct in [vec![], vec![column("ownerId")]] {
            let query = CountQuery {
                table: ITEM.to_owned(),
                condition: None,
                distinct,
                visibility: visibility.clone(),
            };
            assert_eq!(count, done(storage.count(&query).await));
        }
        let owner = output("owner", column("ownerId"), ColumnType::String);
        let mut groups = computed([owner.clone()]);
        groups.group_by = vec![column("ownerId")];
        groups.visibility = visibility.clone();
        let having = compare(count_of_rows(), Comparison::Greater, 0);
        groups.having = Some(having);
        assert_eq!(count, values(&*storage, &groups).await.len() as u64);
        let mut distinct = computed([owner]);
        distinct.select = match distinct.select {
            Select::Computed { outputs, .. } => Select::Computed {
                outputs,
                distinct: true,
            },
            records @ (Select::WholeRecords | Select::Records(_)) => records,
        };
        distinct.visibility = visibility.clone();
        assert_eq!(count, values(&*storage, &distinct).await.len() as u64);
        let maximum = aggregate(Aggregate::Maximum, "objectId");
        let mut greatest = computed([output("greatest", maximum, ColumnType::StringId)]);
        greatest.visibility = visibility;
        let greatest = values(&*storage, &greatest).await.remove(0).remove(0);
        assert_eq!(expected, greatest.as_text());
    }
}

pub async fn only_related_records_in_sight_are_loaded(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    let load = async |relation: &str, visibility, condition| {
        let query = RelatedQuery {
            table: ORDER.to_owned(),
            relation: relation.to_owned(),
            parents: vec![id("O1"), id("O2")],
            outputs: Vec::new(),
            condition,
            sort: Vec::new(),
            offset: 0,
            limit: 1,
            visibility,
        };
        let mut loaded = done(storage.related(&query).await);
        loaded.sort_by(|(one, _), (other, _)| one.cmp(other));
        let ids = loaded.into_iter().flat_map(|(_, records)| records);
        ids.map(|record| record.id().clone())
            .collect::<Vec<ObjectId>>()
    };
    let everything = Visibility::Everything;
    assert_eq!([id("N"), id("N")], *load("items", everything, None).await);
    assert_eq!([id("A"), id("A")], *load("items", ann(), None).await);
    assert!(load("items", Visibility::Nothing, None).await.is_empty());
    assert!(load("customer", ann(), None).await.is_empty());
    let similar = Some(related("similar", anything()));
    assert!(load("items", ann(), similar).await.is_empty());
}

pub async fn no_calculation_fails_because_of_what_is_out_of_sight(scratch: &dyn Scratch) {
    let storage = owned(scratch).await;
    // What an index knows of a row may be compared before the row itself is looked at.
    let code = Column {
        unique: true,
        indexed: true,
        ..Column::new("code", ColumnType::Int)
    };
    let add = Change::AddColumn {
        table: ITEM.to_owned(),
        column: code,
    };
    let set = |item: &str, code: i64| update_of(ITEM, item, "code", code);
    done(storage.apply(vec![add, set("A", 1), set("B", 2)]).await);
    // Beyond 64 bits for the one item that has this code.
    let fails_for = |code: i64| {
        let calculation = |left, calculation, right| {
            Operand::Calculation(Box::new(left), calculation, Box::new(right))
        };
        let difference = calculation(value(code), Calculation::Subtract, column("code"));
        let least = calculation(difference, Calculation::Add, value(i64::MIN));
        let fails = compare(
            function(Function::Abs, [least]),
            Comparison::GreaterOrEqual,
            0,
        );
        let by_index = Condition::In(column("code"), vec![code.into(), (-code).into()]);
        Condition::All(vec![by_index, fails])
    };
    for wrap in [|it| it, not, |it| related("similar", it)] {
        let theirs = FindQuery {
            condition: Some(wrap(fails_for(2))),
            visibility: ann(),
            ..all_of(ITEM)
        };
        let found = storage.find(&theirs).await;
        assert!(found.is_ok(), "{found:?}");
    }
    let theirs = FindQuery {
        condition: Some(related("items", fails_for(2))),
        visibility: ann(),
        ..all_of(ORDER)
    };
    let found = storage.find(&theirs).await;
    assert!(found.is_ok(), "{found:?}");
    let mine = FindQuery {
        condition: Some(fails_for(1)),
        visibility: ann(),
        ..all_of(ITEM)
    };
    let found = storage.find(&mine).await;
    assert!(matches!(found, Err(StorageError::OutOfRange)), "{found:?}");
}

fn update_of(table: &str, name: &str, column: &str, value: i64) -> Change {
    Change::UpdateRecord(RecordUpdate {
        table: table.to_owned(),
        id: id(name),
        assignments: vec![(column.to_owned(), Assignment::Value(value.into()))],
        at: at(1),
        visibility: Visibility::Everything,
    })
}
