use std::sync::Arc;

use super::{Scratch, samples::*, shop::*};
use crate::{Change, Comparison, Condition, FindQuery, Storage, StorageError};

/// Order O1 has A and B, O2 has B, O3 has nothing; A is similar to B and to itself, B to C. Ann is
/// the customer of O1.
async fn orders(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let stock = |name, stock: i64| item(name, [("stock", stock.into())]);
    let storage = shop_with(scratch, [stock("A", 1), stock("B", 2), item("C", [])]).await;
    let changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        order("O1"),
        order("O2"),
        order("O3"),
        link(ORDER, "items", "O1", ["A", "B"]),
        link(ORDER, "items", "O2", ["B"]),
        link(ORDER, "customer", "O1", ["ANN"]),
        link(ITEM, "similar", "A", ["A", "B"]),
        link(ITEM, "similar", "B", ["C"]),
    ];
    done(storage.apply(changes).await);
    storage
}

pub async fn any_related_record_will_do(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let storage = &*storage;
    let with = |condition| those_of(storage, ORDER, related("items", condition));
    assert_eq!(["O1"], *with(equal("stock", 1)).await);
    assert_eq!(["O1", "O2"], *with(equal("stock", 2)).await);
    assert!(with(equal("stock", 3)).await.is_empty());
    assert_eq!(["O1", "O2"], *with(anything()).await);
    // Each comparison may be about another record.
    let two = Condition::All(vec![
        related("items", equal("stock", 1)),
        related("items", equal("stock", 2)),
    ]);
    assert_eq!(["O1"], *those_of(storage, ORDER, two).await);
    let one = Condition::All(vec![equal("stock", 1), equal("stock", 2)]);
    assert!(with(one).await.is_empty());
}

pub async fn whoever_has_no_related_record_is_not_unknown(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let storage = &*storage;
    let without = |condition| those_of(storage, ORDER, not(related("items", condition)));
    assert_eq!(["O2", "O3"], *without(equal("stock", 1)).await);
    assert_eq!(["O3"], *without(anything()).await);
    let unlike = related("items", compare(column("stock"), Comparison::NotEqual, 2));
    assert_eq!(["O1"], *those_of(storage, ORDER, unlike).await);
    // What is unknown of the related record is no match, and that is known.
    let none = not(related("similar", equal("stock", 1)));
    assert_eq!(["B", "C"], *items(storage, none).await);
}

pub async fn relations_lead_to_users(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let ann = related("customer", equal("email", "ann@example.com"));
    assert_eq!(["O1"], *those_of(&*storage, ORDER, ann).await);
    let customers = referred(ORDER, "customer", anything());
    assert_eq!(["ANN"], *those_of(&*storage, "Users", customers).await);
}

pub async fn an_inverted_relation_leads_to_whoever_refers(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let storage = &*storage;
    let of = |condition| items(storage, referred(ORDER, "items", condition));
    assert_eq!(["A", "B"], *of(equal("objectId", "O1")).await);
    assert_eq!(["B"], *of(equal("objectId", "O2")).await);
    assert!(of(equal("objectId", "O3")).await.is_empty());
    assert_eq!(["A", "B"], *of(anything()).await);
    let unordered = not(referred(ORDER, "items", anything()));
    assert_eq!(["C"], *items(storage, unordered).await);
}

pub async fn a_table_may_be_related_to_itself(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let storage = &*storage;
    let similar = |condition| items(storage, related("similar", condition));
    assert_eq!(["A"], *similar(equal("stock", 1)).await);
    assert_eq!(["A"], *similar(equal("objectId", "A")).await);
    assert_eq!(["B"], *similar(equal("objectId", "C")).await);
    let twice = related("similar", related("similar", equal("objectId", "C")));
    assert_eq!(["A"], *items(storage, twice).await);
    let by = |condition| items(storage, referred(ITEM, "similar", condition));
    assert_eq!(["A", "B"], *by(equal("objectId", "A")).await);
    assert_eq!(["C"], *by(equal("objectId", "B")).await);
}

pub async fn paths_go_on(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let storage = &*storage;
    let via_items = related("items", related("similar", equal("objectId", "C")));
    assert_eq!(["O1", "O2"], *those_of(storage, ORDER, via_items).await);
    let with_customer = referred(ORDER, "items", related("customer", anything()));
    assert_eq!(["A", "B"], *items(storage, with_customer).await);
    let there_and_back = related("items", referred(ORDER, "items", equal("objectId", "O2")));
    assert_eq!(
        ["O1", "O2"],
        *those_of(storage, ORDER, there_and_back).await
    );
}

pub async fn names_mean_the_innermost_table(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let same = Condition::Compare(column("objectId"), Comparison::Equal, column("objectId"));
    let inner = Condition::All(vec![equal("objectId", "B"), same]);
    let found = those_of(&*storage, ORDER, related("items", inner)).await;
    assert_eq!(["O1", "O2"], *found);
}

pub async fn relations_that_do_not_exist_are_refused(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    for condition in [
        related("nothing", anything()),
        related("name", anything()),
        referred(ORDER, "nothing", anything()),
        // It leads to a user, not to an item.
        referred(ORDER, "customer", anything()),
        related("similar", equal("nothing", 1)),
        referred(ORDER, "items", equal("name", "a")),
    ] {
        let query = FindQuery {
            condition: Some(condition),
            ..all_of(ITEM)
        };
        let unknown = storage.find(&query).await;
        assert!(
            matches!(unknown, Err(StorageError::UnknownColumn { .. })),
            "{unknown:?}"
        );
    }
    let query = FindQuery {
        condition: Some(referred("Nothing", "items", anything())),
        ..all_of(ITEM)
    };
    let unknown = storage.find(&query).await;
    assert!(
        matches!(unknown, Err(StorageError::UnknownTable { .. })),
        "{unknown:?}"
    );
}

pub async fn a_removed_record_is_related_to_nobody(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let removed = Change::RemoveRecord {
        table: ITEM.to_owned(),
        id: id("B"),
        visibility: crate::Visibility::Everything,
    };
    done(storage.apply(vec![removed]).await);
    let found = those_of(&*storage, ORDER, related("items", anything())).await;
    assert_eq!(["O1"], *found);
}
