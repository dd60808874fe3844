use std::{collections::BTreeMap, sync::Arc};

use vestibule_model::{ColumnType, Value};

use super::{Scratch, samples::*, shop::*};
use crate::{RelatedQuery, Storage, StorageError, Visibility};

/// Order O1 has A to E, O2 has B and F, O3 has nothing. A to F were made in the seconds 1 to 6, but
/// C and D in one.
async fn orders(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let storage = shop(scratch).await;
    let items = ["A", "B", "C", "D", "E", "F"]
        .iter()
        .zip([1, 2, 4, 4, 5, 6]);
    let items = items.map(|(name, second)| record_of(ITEM, name, None, second));
    let mut changes: Vec<_> = items.collect();
    changes.extend(["O1", "O2", "O3"].map(order));
    changes.push(insert(&registered("ANN", "ann@example.com")));
    changes.push(link(ORDER, "items", "O1", ["A", "B", "C", "D", "E"]));
    changes.push(link(ORDER, "items", "O2", ["B", "F"]));
    changes.push(link(ORDER, "customer", "O1", ["ANN"]));
    changes.push(link(ORDER, "customer", "O3", ["ANN"]));
    done(storage.apply(changes).await);
    storage
}

fn items_of<const N: usize>(parents: [&str; N]) -> RelatedQuery {
    RelatedQuery {
        table: ORDER.to_owned(),
        relation: "items".to_owned(),
        parents: parents.map(id).to_vec(),
        outputs: Vec::new(),
        condition: None,
        sort: Vec::new(),
        offset: 0,
        limit: 100,
        visibility: Visibility::Everything,
    }
}

/// The ids of the related records in their order, by parent.
async fn load(storage: &dyn Storage, query: &RelatedQuery) -> BTreeMap<String, Vec<String>> {
    let loaded = done(storage.related(query).await);
    let parents = loaded.len();
    let of_parent = |(parent, records): (vestibule_model::ObjectId, Vec<_>)| {
        let ids = records.iter().map(|record: &vestibule_model::Record| {
            assert_eq!(ITEM, record.table());
            record.id().to_string()
        });
        (parent.to_string(), ids.collect())
    };
    let loaded: BTreeMap<_, _> = loaded.into_iter().map(of_parent).collect();
    assert_eq!(parents, loaded.len(), "each parent comes once");
    loaded
}

#[track_caller]
fn assert_loaded<const N: usize>(
    expected: [(&str, &str); N],
    loaded: &BTreeMap<String, Vec<String>>,
) {
    let expected = expected.map(|(parent, children)| {
        let children = children.split(' ').map(str::to_owned).collect();
        (parent.to_owned(), children)
    });
    assert_eq!(BTreeMap::from(expected), *loaded);
}

pub async fn each_parent_gets_its_own_newest_first(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let loaded = load(&*storage, &items_of(["O1", "O2", "O3", "NOBODY"])).await;
    assert_loaded([("O1", "E D C B A"), ("O2", "F B")], &loaded);
    assert!(load(&*storage, &items_of([])).await.is_empty());
    let twice = load(&*storage, &items_of(["O2", "O2"])).await;
    assert_loaded([("O2", "F B")], &twice);
}

pub async fn each_parent_gets_a_page(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let mut query = items_of(["O1", "O2"]);
    query.limit = 2;
    assert_loaded(
        [("O1", "E D"), ("O2", "F B")],
        &load(&*storage, &query).await,
    );
    query.offset = 1;
    assert_loaded([("O1", "D C"), ("O2", "B")], &load(&*storage, &query).await);
    query.offset = 4;
    assert_loaded([("O1", "A")], &load(&*storage, &query).await);
    query.offset = u64::MAX;
    query.limit = u64::MAX;
    assert!(load(&*storage, &query).await.is_empty());
    query.offset = 0;
    query.limit = 0;
    assert!(load(&*storage, &query).await.is_empty());
}

pub async fn related_records_are_sorted(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let mut query = items_of(["O1", "O2"]);
    query.sort = vec![ascending(column("created"))];
    query.limit = 4;
    let loaded = load(&*storage, &query).await;
    assert_loaded([("O1", "A B D C"), ("O2", "B F")], &loaded);
    query.sort = vec![ascending(column("stock")), ascending(column("objectId"))];
    let loaded = load(&*storage, &query).await;
    assert_loaded([("O1", "A B C D"), ("O2", "B F")], &loaded);
}

pub async fn related_records_are_chosen(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let mut query = items_of(["O1", "O2"]);
    query.condition = Some(crate::Condition::In(
        column("objectId"),
        vec!["A".into(), "F".into()],
    ));
    assert_loaded([("O1", "A"), ("O2", "F")], &load(&*storage, &query).await);
    query.condition = Some(referred(ORDER, "items", equal("objectId", "O2")));
    assert_loaded([("O1", "B"), ("O2", "F B")], &load(&*storage, &query).await);
}

pub async fn related_records_have_what_was_asked_for(scratch: &dyn Scratch) {
    let storage = orders(scratch).await;
    let mut query = items_of(["O1", "O3"]);
    query.relation = "customer".to_owned();
    query.outputs = vec![
        output("email", column("email"), ColumnType::String),
        output("page$", column("created"), ColumnType::DateTime),
    ];
    let mut loaded = done(storage.related(&query).await);
    loaded.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(2, loaded.len());
    for ((parent, records), expected) in loaded.into_iter().zip(["O1", "O3"]) {
        assert_eq!(id(expected), parent);
        let [ann] = &records[..] else {
            panic!("{records:?}");
        };
        assert_eq!(("Users", &id("ANN")), (ann.table(), ann.id()));
        let email = ("email".to_owned(), Value::from("ann@example.com"));
        let created = ("page$".to_owned(), at(0).as_millis().into());
        assert_eq!(
            vestibule_model::Properties::from([email, created]),
            ann.properties
        );
    }
}

pub async fn a_table_related_to_itself_is_loaded(scratch: &dyn Scratch) {
    let names = ["A", "B", "C"].map(|name| item(name, []));
    let storage = shop_with(scratch, names).await;
    let links = vec![
        link(ITEM, "similar", "A", ["A", "B"]),
        link(ITEM, "similar", "B", ["C"]),
    ];
    done(storage.apply(links).await);
    let mut query = items_of(["A", "B", "C"]);
    query.table = ITEM.to_owned();
    query.relation = "similar".to_owned();
    assert_loaded([("A", "B A"), ("B", "C")], &load(&*storage, &query).await);
    query.condition = Some(related("similar", anything()));
    assert_loaded([("A", "B A")], &load(&*storage, &query).await);
}

pub async fn thousands_of_parents_are_served_at_once(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [item("A", [])]).await;
    let mut query = items_of([]);
    let mut changes = Vec::new();
    for number in 0..2_500 {
        let name = format!("O{number:04}");
        query.parents.push(id(&name));
        if number % 10 == 0 {
            changes.push(order(&name));
            changes.push(link(ORDER, "items", &name, ["A"]));
        }
    }
    done(storage.apply(changes).await);
    let loaded = load(&*storage, &query).await;
    assert_eq!(250, loaded.len());
    assert!(loaded.values().all(|children| children == &["A"]));
}

pub async fn loading_by_what_is_no_relation_is_refused(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let mut query = items_of(["O1"]);
    query.relation = "created".to_owned();
    let unknown = storage.related(&query).await;
    assert!(
        matches!(unknown, Err(StorageError::UnknownColumn { .. })),
        "{unknown:?}"
    );
    query.table = "Nothing".to_owned();
    let unknown = storage.related(&query).await;
    assert!(
        matches!(unknown, Err(StorageError::UnknownTable { .. })),
        "{unknown:?}"
    );
}
