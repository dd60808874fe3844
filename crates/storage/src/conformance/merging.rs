use vestibule_model::{Cardinality, Relation, USERS};

use super::{Scratch, samples::*, shop::*, tables::*};
use crate::{Change, Constraint, Precondition, Storage, Visibility};

pub async fn sessions_move_and_are_named(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let opened = [(2, "G"), (1, "G"), (3, "ANN")];
    let mut changes = vec![insert(&guest("G")), insert(&guest("ANN"))];
    changes.extend(opened.map(|(number, name)| Change::OpenSession(session(number, name))));
    done(storage.apply(changes).await);
    let moved = done(storage.apply(vec![move_sessions("G", "ANN")]).await).moved;
    assert_eq!([selector(1), selector(2)], *moved);
    assert!(selectors_of(&*storage, "G").await.is_empty());
    let all = [1, 2, 3].map(selector);
    assert_eq!(all, *selectors_of(&*storage, "ANN").await);
    let stored = done(storage.session(&selector(1)).await).unwrap();
    assert_eq!(session(1, "ANN"), stored.session);
}

pub async fn sessions_move_to_a_user_that_is_there(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![insert(&guest("G")), Change::OpenSession(session(1, "G"))];
    done(storage.apply(changes).await);
    let exists = Precondition::UserExists(id("NOBODY"));
    for from in ["G", "NOBODY"] {
        let moved = storage.apply(vec![move_sessions(from, "NOBODY")]).await;
        assert_refused(&exists, moved);
    }
    assert_eq!([selector(1)], *selectors_of(&*storage, "G").await);
}

pub async fn links_move_and_those_that_are_there_stay_once(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let links = vec![
        link(ORDER, "items", "O", ["A", "B"]),
        link(ORDER, "items", "P", ["B", "C"]),
    ];
    done(storage.apply(links).await);
    let moved = done(storage.apply(vec![move_links("items", "O", "P")]).await);
    assert_eq!(1, moved.linked);
    assert!(items_of(&*storage, "O").await.is_empty());
    assert_eq!(["A", "B", "C"], *items_of(&*storage, "P").await);
    let again = done(storage.apply(vec![move_links("items", "O", "P")]).await);
    assert_eq!(0, again.linked);
}

pub async fn a_relation_to_one_takes_over_one(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let links = vec![
        link(ORDER, "customer", "O", ["G"]),
        link(ORDER, "customer", "P", ["H"]),
    ];
    done(storage.apply(links).await);
    let broken = Constraint::OneToOne {
        table: ORDER.to_owned(),
        relation: "customer".to_owned(),
    };
    let take_over = || vec![move_links("customer", "O", "P")];
    assert_conflict(&broken, storage.apply(take_over()).await);
    assert_eq!(["G"], *customer_of(&*storage, "O").await);
    let mut instead = vec![Change::Unlink {
        table: ORDER.to_owned(),
        relation: "customer".to_owned(),
        parent: id("P"),
        children: None,
        except: Vec::new(),
    }];
    instead.extend(take_over());
    done(storage.apply(instead).await);
    assert_eq!(["G"], *customer_of(&*storage, "P").await);
    let same = vec![link(ORDER, "customer", "O", ["G"])];
    done(storage.apply(same).await);
    done(storage.apply(take_over()).await);
    assert_eq!(["G"], *customer_of(&*storage, "P").await);
}

pub async fn whoever_refers_to_one_refers_to_the_other(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let links = vec![
        link(ORDER, "customer", "O", ["G"]),
        link(ORDER, "customer", "P", ["H"]),
        link(ORDER, "items", "O", ["A", "B"]),
        link(ORDER, "items", "P", ["A"]),
    ];
    done(storage.apply(links).await);
    let customers = done(
        storage
            .apply(vec![move_references("customer", "G", "H")])
            .await,
    );
    assert_eq!(1, customers.linked);
    assert_eq!(["H"], *customer_of(&*storage, "O").await);
    assert_eq!(["H"], *customer_of(&*storage, "P").await);
    let items = done(
        storage
            .apply(vec![move_references("items", "A", "B")])
            .await,
    );
    assert_eq!(1, items.linked, "one order has both");
    assert_eq!(["B"], *items_of(&*storage, "O").await);
    assert_eq!(["B"], *items_of(&*storage, "P").await);
}

pub async fn relations_of_users_move(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let cart = Relation {
        name: "cart".to_owned(),
        to_table: ORDER.to_owned(),
        cardinality: Cardinality::OneToOne,
    };
    let changes = vec![
        add_relation(USERS, cart),
        link(USERS, "cart", "G", ["O"]),
        Change::MoveLinks {
            table: USERS.to_owned(),
            relation: "cart".to_owned(),
            from: id("G"),
            to: id("H"),
        },
        Change::RemoveUser { id: id("G") },
    ];
    done(storage.apply(changes).await);
    assert_eq!(["O"], *children(&*storage, (USERS, "cart"), "H").await);
}

pub async fn who_is_not_there_takes_nothing_over(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let links = vec![
        link(ORDER, "items", "O", ["A"]),
        link(ORDER, "customer", "O", ["G"]),
    ];
    done(storage.apply(links).await);
    let exists = |table: &str| Precondition::RecordExists {
        table: table.to_owned(),
        id: id("NOBODY"),
        visibility: Visibility::Everything,
    };
    let links = storage
        .apply(vec![move_links("items", "O", "NOBODY")])
        .await;
    assert_refused(&exists(ORDER), links);
    let references = move_references("customer", "G", "NOBODY");
    assert_refused(&exists(USERS), storage.apply(vec![references]).await);
    assert_eq!(["A"], *items_of(&*storage, "O").await);
    assert_eq!(["G"], *customer_of(&*storage, "O").await);
}

pub async fn whoever_takes_over_from_itself_loses_nothing(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let changes = vec![
        link(ORDER, "items", "O", ["A"]),
        Change::OpenSession(session(1, "G")),
        move_links("items", "O", "O"),
        move_references("items", "A", "A"),
        move_ownership(ITEM, "G", "G"),
        move_sessions("G", "G"),
    ];
    done(storage.apply(changes).await);
    assert_eq!(["A"], *items_of(&*storage, "O").await);
    assert_eq!([selector(1)], *selectors_of(&*storage, "G").await);
    assert_eq!(2, owned(&*storage, "G").await[0].1);
}

pub async fn what_one_owns_is_given_to_another(scratch: &dyn Scratch) {
    let mut ward = guest("WARD");
    ward.owner_id = Some(id("G"));
    let storage = shop_with(scratch, orders_and_items()).await;
    done(storage.apply(vec![insert(&ward)]).await);
    let before = record(&*storage, ITEM, "A").await.unwrap();
    let items = done(storage.apply(vec![move_ownership(ITEM, "G", "H")]).await);
    assert_eq!(2, items.changed);
    let after = record(&*storage, ITEM, "A").await.unwrap();
    assert_eq!(before.get("updated"), after.get("updated"));
    let users = done(storage.apply(vec![move_ownership(USERS, "G", "H")]).await);
    assert_eq!(1, users.changed);
    assert_eq!(Some(id("G")), user(&*storage, "G").await.unwrap().owner_id);
    assert_eq!(
        Some(id("H")),
        user(&*storage, "WARD").await.unwrap().owner_id
    );
    assert!(owned(&*storage, "G").await.is_empty());
}

pub async fn what_one_owns_is_counted_by_table(scratch: &dyn Scratch) {
    let mut ward = guest("WARD");
    ward.owner_id = Some(id("G"));
    let storage = shop_with(scratch, orders_and_items()).await;
    done(storage.apply(vec![insert(&ward)]).await);
    let mut of_guest = owned(&*storage, "G").await;
    of_guest.sort();
    assert_eq!(
        [(ITEM.to_owned(), 2), (USERS.to_owned(), 1)],
        *of_guest,
        "the own row does not count"
    );
    assert_eq!([(ITEM.to_owned(), 1)], *owned(&*storage, "H").await);
    assert!(owned(&*storage, "WARD").await.is_empty());
    let names = ["WARD", "H", "NOBODY", "G"].map(id);
    let owners = done(storage.owns_anything(&names).await);
    assert_eq!(["G", "H"].map(id), *owners);
    assert!(done(storage.owns_anything(&[]).await).is_empty());
}

pub async fn a_great_many_are_asked_what_they_own(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let more = (0..120).map(|number| create(&format!("Table{number}")));
    let mut changes: Vec<_> = more.collect();
    changes.push(record_of("Table119", "R", Some("WARD"), 0));
    changes.push(insert(&guest("WARD")));
    done(storage.apply(changes).await);
    let mut names: Vec<_> = (0..3_000).map(|number| id(&format!("X{number}"))).collect();
    names.extend(["WARD", "G"].map(id));
    let owners = done(storage.owns_anything(&names).await);
    assert_eq!(["G", "WARD"].map(id), *owners);
    assert_eq!(
        [("Table119".to_owned(), 1)],
        *owned(&*storage, "WARD").await
    );
    let nothing = Precondition::OwnsNothing(id("WARD"));
    let require = vec![Change::Require(nothing.clone())];
    assert_refused(&nothing, storage.apply(require).await);
}

pub async fn that_a_user_owns_nothing(scratch: &dyn Scratch) {
    let mut ward = guest("WARD");
    ward.owner_id = Some(id("GUARDIAN"));
    let storage = shop_with(scratch, orders_and_items()).await;
    done(storage.apply(vec![insert(&ward)]).await);
    for (name, holds) in [
        ("G", false),
        ("GUARDIAN", false),
        ("WARD", true),
        ("NOBODY", true),
    ] {
        let nothing = Precondition::OwnsNothing(id(name));
        let required = storage.apply(vec![Change::Require(nothing.clone())]).await;
        if holds {
            done(required);
        } else {
            assert_refused(&nothing, required);
        }
    }
}

pub async fn what_one_owns_is_removed_in_slices(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let links = vec![link(ORDER, "items", "O", ["A", "B", "C"])];
    done(storage.apply(links).await);
    let remove = |limit| {
        vec![Change::RemoveOwned {
            table: ITEM.to_owned(),
            owner: id("G"),
            limit,
        }]
    };
    assert_eq!(0, done(storage.apply(remove(0)).await).changed);
    assert_eq!(1, done(storage.apply(remove(1)).await).changed);
    assert_eq!(["B", "C"], *everything_in(&*storage, ITEM).await);
    assert_eq!(1, done(storage.apply(remove(10)).await).changed);
    assert_eq!(0, done(storage.apply(remove(10)).await).changed);
    assert_eq!(["C"], *everything_in(&*storage, ITEM).await);
    assert_eq!(["C"], *items_of(&*storage, "O").await);
}

pub async fn only_what_the_schema_has_is_taken_over(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, orders_and_items()).await;
    let unknown = "Nothing";
    assert_unknown_table(
        unknown,
        storage.apply(vec![move_ownership(unknown, "G", "H")]).await,
    );
    let of_users = Change::RemoveOwned {
        table: USERS.to_owned(),
        owner: id("G"),
        limit: 1,
    };
    assert_unknown_table(USERS, storage.apply(vec![of_users]).await);
    let links = storage.apply(vec![move_links("nothing", "O", "P")]).await;
    assert_unknown_column((ORDER, "nothing"), links);
    let references = move_references("nothing", "O", "P");
    assert_unknown_column((ORDER, "nothing"), storage.apply(vec![references]).await);
}

/// The orders `O` and `P`; the items `A` and `B` of the guest `G`, and `C` of the guest `H`.
fn orders_and_items() -> [Change; 7] {
    [
        insert(&guest("G")),
        insert(&guest("H")),
        order("O"),
        order("P"),
        record_of(ITEM, "A", Some("G"), 0),
        record_of(ITEM, "B", Some("G"), 0),
        record_of(ITEM, "C", Some("H"), 0),
    ]
}

fn move_sessions(from: &str, to: &str) -> Change {
    Change::MoveSessions {
        from: id(from),
        to: id(to),
    }
}

fn move_links(relation: &str, from: &str, to: &str) -> Change {
    Change::MoveLinks {
        table: ORDER.to_owned(),
        relation: relation.to_owned(),
        from: id(from),
        to: id(to),
    }
}

fn move_references(relation: &str, from: &str, to: &str) -> Change {
    Change::MoveReferences {
        table: ORDER.to_owned(),
        relation: relation.to_owned(),
        from: id(from),
        to: id(to),
    }
}

fn move_ownership(table: &str, from: &str, to: &str) -> Change {
    Change::MoveOwnership {
        table: table.to_owned(),
        from: id(from),
        to: id(to),
    }
}

async fn items_of(storage: &dyn Storage, order: &str) -> Vec<String> {
    children(storage, (ORDER, "items"), order).await
}

async fn customer_of(storage: &dyn Storage, order: &str) -> Vec<String> {
    children(storage, (ORDER, "customer"), order).await
}

async fn owned(storage: &dyn Storage, owner: &str) -> Vec<(String, u64)> {
    done(storage.owned_rows(&id(owner)).await)
}
