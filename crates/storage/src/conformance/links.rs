use vestibule_model::{Cardinality, Relation, USERS};

use super::{Scratch, samples::*, shop::*, tables::*};
use crate::{Change, Constraint, Precondition, Storage, Visibility};

pub async fn new_links_are_counted_and_old_ones_stay(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, order_and_items()).await;
    let add = |children| vec![link(ORDER, "items", "O", children)];
    assert_eq!(2, done(storage.apply(add(["A", "B"])).await).linked);
    assert_eq!(1, done(storage.apply(add(["B", "C"])).await).linked);
    assert_eq!(0, done(storage.apply(add(["C", "C"])).await).linked);
    let none = link(ORDER, "items", "O", []);
    assert_eq!(0, done(storage.apply(vec![none]).await).linked);
    assert_eq!(["A", "B", "C"], *items_of(&*storage, "O").await);
    assert!(items_of(&*storage, "P").await.is_empty());
}

pub async fn children_that_are_not_there_or_not_seen_are_left_out(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, order_and_items()).await;
    let link_seen = |visibility| Change::Link {
        table: ORDER.to_owned(),
        relation: "items".to_owned(),
        parent: id("O"),
        children: ["A", "B", "NOTHING"].map(id).to_vec(),
        visibility,
    };
    let nothing = vec![link_seen(Visibility::Nothing)];
    assert_eq!(0, done(storage.apply(nothing).await).linked);
    let own = vec![link_seen(Visibility::owned_by(&id("G")))];
    assert_eq!(1, done(storage.apply(own).await).linked);
    assert_eq!(["A"], *items_of(&*storage, "O").await);
    let everything = vec![link_seen(Visibility::Everything)];
    assert_eq!(1, done(storage.apply(everything).await).linked);
}

pub async fn a_relation_to_one_leads_to_one(scratch: &dyn Scratch) {
    let users = [
        insert(&guest("G")),
        insert(&guest("H")),
        order("O"),
        order("P"),
    ];
    let storage = shop_with(scratch, users).await;
    let broken = Constraint::OneToOne {
        table: ORDER.to_owned(),
        relation: "customer".to_owned(),
    };
    let two = link(ORDER, "customer", "O", ["G", "H"]);
    assert_conflict(&broken, storage.apply(vec![two]).await);
    let to = |parent, child| vec![link(ORDER, "customer", parent, [child])];
    assert_eq!(1, done(storage.apply(to("O", "G")).await).linked);
    assert_eq!(0, done(storage.apply(to("O", "G")).await).linked);
    assert_conflict(&broken, storage.apply(to("O", "H")).await);
    assert_eq!(1, done(storage.apply(to("P", "G")).await).linked);
    let mut instead = vec![unlink("O", "customer", None, ["H"])];
    instead.extend(to("O", "H"));
    let applied = done(storage.apply(instead).await);
    assert_eq!((1, 1), (applied.unlinked, applied.linked));
    let customer = children(&*storage, (ORDER, "customer"), "O").await;
    assert_eq!(["H"], *customer);
}

pub async fn links_are_taken_away(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, order_and_items()).await;
    let all = || {
        ["O", "P"]
            .map(|parent| link(ORDER, "items", parent, ["A", "B", "C"]))
            .to_vec()
    };
    let some = Some(["A", "B", "NOTHING"].map(id).to_vec());
    for (children, except, unlinked, left) in [
        (some.clone(), vec![], 2, vec!["C"]),
        (some, vec!["B", "C"], 1, vec!["B", "C"]),
        (None, vec!["B"], 2, vec!["B"]),
        (None, vec![], 3, vec![]),
        (Some(vec![]), vec![], 0, vec!["A", "B", "C"]),
    ] {
        done(storage.apply(all()).await);
        let change = Change::Unlink {
            table: ORDER.to_owned(),
            relation: "items".to_owned(),
            parent: id("O"),
            children,
            except: except.into_iter().map(id).collect(),
        };
        assert_eq!(unlinked, done(storage.apply(vec![change]).await).unlinked);
        assert_eq!(left, items_of(&*storage, "O").await);
        assert_eq!(["A", "B", "C"], *items_of(&*storage, "P").await);
    }
}

pub async fn links_go_with_either_record(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, order_and_items()).await;
    let link_all = || {
        vec![
            link(ORDER, "items", "O", ["A", "B"]),
            link(ORDER, "items", "P", ["A"]),
            link(ITEM, "similar", "A", ["A", "B"]),
        ]
    };
    done(storage.apply(link_all()).await);
    let remove = |table: &str, name| Change::RemoveRecord {
        table: table.to_owned(),
        id: id(name),
        visibility: Visibility::Everything,
    };
    let again = vec![remove(ITEM, "A"), item("A", [])];
    done(storage.apply(again).await);
    assert_eq!(["B"], *items_of(&*storage, "O").await);
    assert!(items_of(&*storage, "P").await.is_empty());
    let similar = children(&*storage, (ITEM, "similar"), "A").await;
    assert!(similar.is_empty());
    done(storage.apply(vec![remove(ORDER, "O"), order("O")]).await);
    assert!(items_of(&*storage, "O").await.is_empty());
    assert_eq!(["A", "B", "C"], *everything_in(&*storage, ITEM).await);
}

pub async fn links_go_with_a_user(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, order_and_items()).await;
    let cart = Relation {
        cardinality: Cardinality::OneToOne,
        ..to_many("cart", ORDER)
    };
    let changes = vec![
        insert(&guest("G")),
        Change::OpenSession(session(1, "G")),
        add_relation(USERS, cart),
        link(USERS, "cart", "G", ["O"]),
        link(ORDER, "customer", "P", ["G"]),
    ];
    assert_eq!(2, done(storage.apply(changes).await).linked);
    let changes = vec![Change::RemoveUser { id: id("G") }, insert(&guest("G"))];
    let applied = done(storage.apply(changes).await);
    assert_eq!((vec![selector(1)], 0), (applied.ended, applied.unlinked));
    assert!(children(&*storage, (USERS, "cart"), "G").await.is_empty());
    assert!(
        children(&*storage, (ORDER, "customer"), "P")
            .await
            .is_empty()
    );
    assert_eq!(["O", "P"], *everything_in(&*storage, ORDER).await);
}

pub async fn who_is_not_there_refers_to_nobody(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, order_and_items()).await;
    let nobody = Precondition::RecordExists {
        table: ORDER.to_owned(),
        id: id("NOTHING"),
        visibility: Visibility::Everything,
    };
    let orphan = link(ORDER, "items", "NOTHING", ["A"]);
    assert_refused(&nobody, storage.apply(vec![orphan]).await);
    for relation in ["nothing", "ITEMS", "objectId"] {
        let unknown = vec![link(ORDER, relation, "O", ["A"])];
        assert_unknown_column((ORDER, relation), storage.apply(unknown).await);
        let unknown = vec![unlink("O", relation, None, [])];
        assert_unknown_column((ORDER, relation), storage.apply(unknown).await);
    }
}

/// Two orders, and three items, one of which the guest G owns.
fn order_and_items() -> [Change; 5] {
    [
        order("O"),
        order("P"),
        record_of(ITEM, "A", Some("G"), 0),
        item("B", []),
        item("C", []),
    ]
}

fn unlink<const N: usize>(
    parent: &str,
    relation: &str,
    children: Option<&str>,
    except: [&str; N],
) -> Change {
    Change::Unlink {
        table: ORDER.to_owned(),
        relation: relation.to_owned(),
        parent: id(parent),
        children: children.map(|child| vec![id(child)]),
        except: except.map(id).to_vec(),
    }
}

async fn items_of(storage: &dyn Storage, order: &str) -> Vec<String> {
    children(storage, (ORDER, "items"), order).await
}
