//! What may be seen where permissions of records decide.

use std::sync::Arc;

use vestibule_model::{Access, USERS, UserStatus};

use super::{
    Scratch,
    record_permissions::{denied, deny, grant, granted, put, user_called},
    samples::*,
    shop::*,
    tables::*,
};
use crate::{
    Assignment, Calculation, Change, Comparison, Condition, FindQuery, Function, Operand,
    Precondition, Rows, Storage, StorageError, Visibility, VisibleRows,
};

/// Ann may find her own items unless they deny it to her, and those that grant it to her.
fn seen_by_ann() -> Visibility {
    let ann = || [user_called("ANN")];
    let own = Condition::All(vec![not(denied(ann())), equal("ownerId", "ANN")]);
    let rows = Rows::Where(Condition::Any(vec![granted(ann()), own]));
    Visibility::ByTable(Arc::new(VisibleRows {
        tables: [(ITEM.to_owned(), rows)].into(),
        rest: Rows::All,
    }))
}

/// Ann owns A and D, of which D is denied to her; B is granted to her; C is nobody's. Order O has
/// all of them.
async fn guarded(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let storage = shop(scratch).await;
    let owned = |name, owner| record_of(ITEM, name, owner, 0);
    let changes = vec![
        owned("A", Some("ANN")),
        owned("B", Some("BEN")),
        owned("C", None),
        owned("D", Some("ANN")),
        grant("B", user_called("ANN")),
        deny("D", user_called("ANN")),
        order("O"),
        link(ORDER, "items", "O", ["A", "B", "C", "D"]),
        link(ITEM, "similar", "A", ["B", "D"]),
    ];
    done(storage.apply(changes).await);
    storage
}

pub async fn they_decide_what_may_be_seen(scratch: &dyn Scratch) {
    let storage = guarded(scratch).await;
    let storage = &*storage;
    let find = async |table: &str, condition| {
        let query = FindQuery {
            condition: Some(condition),
            visibility: seen_by_ann(),
            sort: vec![ascending(column("objectId"))],
            ..all_of(table)
        };
        ids(storage, &query).await
    };
    assert_eq!(["A", "B"], *find(ITEM, anything()).await);
    let or_anything = Condition::Any(vec![equal("objectId", "C"), anything()]);
    assert_eq!(["A", "B"], *find(ITEM, or_anything).await);
    let has = |name: &str| related("items", equal("objectId", name));
    for (name, expected) in [("A", &["O"][..]), ("B", &["O"]), ("C", &[]), ("D", &[])] {
        assert_eq!(expected, find(ORDER, has(name)).await, "{name}");
    }
    let similar = |name: &str| related("similar", equal("objectId", name));
    assert_eq!(["A"], *find(ITEM, similar("B")).await);
    assert!(find(ITEM, similar("D")).await.is_empty());
    let remove = |name: &str| Change::RemoveRecord {
        table: ITEM.to_owned(),
        id: id(name),
        visibility: seen_by_ann(),
    };
    for name in ["C", "D"] {
        let exists = Precondition::RecordExists {
            table: ITEM.to_owned(),
            id: id(name),
            visibility: seen_by_ann(),
        };
        assert_refused(&exists, storage.apply(vec![remove(name)]).await);
        let require = Change::Require(exists.clone());
        assert_refused(&exists, storage.apply(vec![require]).await);
    }
    done(storage.apply(vec![remove("A"), remove("B")]).await);
    assert_eq!(["C", "D"], *items(storage, anything()).await);
}

pub async fn no_test_fails_because_of_a_record_that_is_denied(scratch: &dyn Scratch) {
    let storage = guarded(scratch).await;
    let stock = |name: &str, stock: i64| {
        let stock = Assignment::Value(stock.into());
        Change::UpdateRecord(update_of_item(name, 1, [("stock", stock)]))
    };
    done(storage.apply(vec![stock("A", 1), stock("D", 2)]).await);
    // Beyond 64 bits for the one item that has so many.
    let fails_for = |stock: i64| {
        let calculation = |left, calculation, right| {
            Operand::Calculation(Box::new(left), calculation, Box::new(right))
        };
        let difference = calculation(value(stock), Calculation::Subtract, column("stock"));
        let least = calculation(difference, Calculation::Add, value(i64::MIN));
        let fails = function(Function::Abs, [least]);
        compare(fails, Comparison::GreaterOrEqual, 0)
    };
    for wrap in [|it| it, not, |it| related("similar", it)] {
        let query = FindQuery {
            condition: Some(wrap(fails_for(2))),
            visibility: seen_by_ann(),
            ..all_of(ITEM)
        };
        done(storage.find(&query).await);
    }
    let query = FindQuery {
        condition: Some(fails_for(1)),
        visibility: seen_by_ann(),
        ..all_of(ITEM)
    };
    let found = storage.find(&query).await;
    assert!(matches!(found, Err(StorageError::OutOfRange)), "{found:?}");
}

pub async fn users_have_permissions_of_their_own_rows(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut ann = registered("ANN", "ann@example.com");
    ann.owner_id = Some(id("ANN"));
    let changes = vec![
        insert(&ann),
        insert(&guest("G")),
        put(USERS, "G", user_called("ANN"), Access::Grant),
    ];
    done(storage.apply(changes).await);
    let own = equal("ownerId", "ANN");
    let condition = Condition::Any(vec![granted([user_called("ANN")]), own]);
    let rows = Rows::Where(condition);
    let query = FindQuery {
        visibility: Visibility::ByTable(Arc::new(VisibleRows {
            tables: [(USERS.to_owned(), rows)].into(),
            rest: Rows::Nothing,
        })),
        ..all_of(USERS)
    };
    assert_eq!(["G", "ANN"], *ids(&*storage, &query).await);
    // A guest that registers stays whom it is.
    let status = Change::SetUserStatus {
        id: id("G"),
        status: UserStatus::Enabled,
        at: at(1),
    };
    done(storage.apply(vec![status]).await);
    assert_eq!(["G", "ANN"], *ids(&*storage, &query).await);
}
