use std::sync::Arc;

use vestibule_model::{Access, Grantee, PermissionOperation, RecordPermission, USERS};

use super::{
    Scratch,
    roles::{assign, create_role},
    samples::*,
    shop::*,
    tables::*,
};
use crate::{Change, Condition, CountQuery, Precondition, Storage, StorageError, Visibility};

pub(super) fn put(table: &str, record: &str, grantee: Grantee, access: Access) -> Change {
    Change::PutRecordPermission {
        table: table.to_owned(),
        id: id(record),
        permission: RecordPermission {
            grantee,
            operation: PermissionOperation::Find,
            access,
        },
    }
}

pub(super) fn grant(record: &str, grantee: Grantee) -> Change {
    put(ITEM, record, grantee, Access::Grant)
}

pub(super) fn deny(record: &str, grantee: Grantee) -> Change {
    put(ITEM, record, grantee, Access::Deny)
}

fn role(name: &str) -> Grantee {
    Grantee::Role(name.to_owned())
}

pub(super) fn user_called(name: &str) -> Grantee {
    Grantee::User(id(name))
}

fn permits<const N: usize>(access: Access, grantees: [Grantee; N]) -> Condition {
    Condition::Permits {
        operation: PermissionOperation::Find,
        grantees: grantees.to_vec(),
        access,
    }
}

pub(super) fn granted<const N: usize>(grantees: [Grantee; N]) -> Condition {
    permits(Access::Grant, grantees)
}

pub(super) fn denied<const N: usize>(grantees: [Grantee; N]) -> Condition {
    permits(Access::Deny, grantees)
}

/// Three items.
async fn with_items(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    shop_with(scratch, ["A", "B", "C"].map(|name| named(name, name))).await
}

async fn has_permissions(storage: &dyn Storage, table: &str) -> bool {
    let catalogue = done(storage.catalogue().await);
    catalogue.table(table).unwrap().record_permissions
}

pub async fn records_without_permissions_permit_nothing(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let storage = &*storage;
    assert!(!has_permissions(storage, ITEM).await);
    let anybody = || [Grantee::AllUsers, Grantee::AllRoles, role("GuestUser")];
    let check = async || {
        assert!(items(storage, granted(anybody())).await.is_empty());
        assert!(items(storage, denied(anybody())).await.is_empty());
        let neither = not(denied(anybody()));
        assert_eq!(["A", "B", "C"], *items(storage, neither).await);
    };
    check().await;
    // And so it is beside a record that has one.
    done(storage.apply(vec![named("D", "D")]).await);
    let change = grant("D", Grantee::AllUsers);
    done(storage.apply(vec![change]).await);
    done(storage.apply(vec![remove(ITEM, "D")]).await);
    assert!(has_permissions(storage, ITEM).await, "it stays so");
    check().await;
}

pub async fn a_permission_is_for_its_grantee_alone(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let storage = &*storage;
    let grantees = [
        user_called("ANN"),
        user_called("ann"),
        role("ANN"),
        role("%"),
        role("*"),
        role("'; DROP TABLE x; --"),
        role("Ω \"🦊\" ? $1"),
        Grantee::AllUsers,
        Grantee::AllRoles,
    ];
    for grantee in &grantees {
        let changes = vec![named("X", "X"), grant("X", grantee.clone())];
        done(storage.apply(changes).await);
        for other in &grantees {
            let expected: &[&str] = if grantee == other { &["X"] } else { &[] };
            let found = items(storage, granted([other.clone()])).await;
            assert_eq!(expected, found, "{grantee:?} and {other:?}");
        }
        let several = granted([user_called("BEN"), grantee.clone(), role("Other")]);
        assert_eq!(["X"], *items(storage, several).await);
        assert!(items(storage, granted([])).await.is_empty());
        assert!(items(storage, granted([Grantee::Owner])).await.is_empty());
        done(storage.apply(vec![remove(ITEM, "X")]).await);
    }
    let all: Vec<_> = grantees.iter().cloned().map(|it| grant("A", it)).collect();
    done(storage.apply(all).await);
    let anybody = || granted(grantees.clone());
    assert_eq!(["A"], *items(storage, anybody()).await, "it is there once");
    let query = CountQuery {
        table: ITEM.to_owned(),
        condition: Some(anybody()),
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    assert_eq!(1, done(storage.count(&query).await));
}

pub async fn a_permission_is_for_its_operation_alone_and_is_replaced(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let storage = &*storage;
    let ann = || [user_called("ANN")];
    done(storage.apply(vec![grant("A", user_called("ANN"))]).await);
    for operation in PermissionOperation::OF_RECORDS {
        for access in [Access::Grant, Access::Deny] {
            let found = items(
                storage,
                Condition::Permits {
                    operation,
                    grantees: ann().to_vec(),
                    access,
                },
            );
            let is_it = operation == PermissionOperation::Find && access == Access::Grant;
            let expected: &[&str] = if is_it { &["A"] } else { &[] };
            assert_eq!(expected, found.await, "{operation} {access:?}");
        }
    }
    done(storage.apply(vec![deny("A", user_called("ANN"))]).await);
    assert_eq!(["A"], *items(storage, denied(ann())).await);
    assert!(items(storage, granted(ann())).await.is_empty());
}

pub async fn it_is_never_unknown(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let changes = vec![
        grant("A", user_called("ANN")),
        deny("B", user_called("ANN")),
    ];
    done(storage.apply(changes).await);
    let ann = || [user_called("ANN")];
    for condition in [
        granted(ann()),
        denied(ann()),
        granted([]),
        granted([role("Nobody")]),
    ] {
        let mut both = items(&*storage, condition.clone()).await;
        both.extend(items(&*storage, not(condition)).await);
        both.sort();
        assert_eq!(["A", "B", "C"], *both);
    }
}

pub async fn a_permission_needs_its_record(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let exists = |name| Precondition::RecordExists {
        table: ITEM.to_owned(),
        id: id(name),
        visibility: Visibility::Everything,
    };
    let first = storage.apply(vec![grant("NOTHING", role("R"))]).await;
    assert_refused(&exists("NOTHING"), first);
    assert!(!has_permissions(&*storage, ITEM).await);
    done(storage.apply(vec![grant("A", role("R"))]).await);
    let second = storage.apply(vec![grant("NOTHING", role("R"))]).await;
    assert_refused(&exists("NOTHING"), second);
    let nowhere = put("Nothing", "A", role("R"), Access::Grant);
    let refused = storage.apply(vec![nowhere]).await;
    assert!(
        matches!(refused, Err(StorageError::UnknownTable { .. })),
        "{refused:?}"
    );
}

pub async fn permissions_go_with_their_record(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let changes = ["A", "B", "C"].map(|name| grant(name, Grantee::AllUsers));
    done(storage.apply(changes.to_vec()).await);
    let several = Change::RemoveRecords {
        table: ITEM.to_owned(),
        ids: ["A", "B"].map(id).to_vec(),
        condition: None,
        visibility: Visibility::Everything,
    };
    let removed = done(storage.apply(vec![several]).await).changed;
    assert_eq!(2, removed, "permissions that went along do not count");
    done(storage.apply(vec![named("A", "another")]).await);
    let found = items(&*storage, granted([Grantee::AllUsers])).await;
    assert_eq!(["C"], *found);
}

pub async fn permissions_go_with_their_grantee(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let storage = &*storage;
    let changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        insert(&guest("G")),
        create_role("ANN"),
        assign("G", "ANN"),
        order("O"),
        grant("A", user_called("ANN")),
        grant("B", role("ANN")),
        grant("C", user_called("G")),
        put(ORDER, "O", user_called("ANN"), Access::Deny),
        put(ORDER, "O", role("ANN"), Access::Deny),
        put(USERS, "G", role("ANN"), Access::Grant),
        put(USERS, "G", user_called("ANN"), Access::Grant),
        put(USERS, "ANN", Grantee::AllUsers, Access::Deny),
    ];
    done(storage.apply(changes).await);
    let ann = || [user_called("ANN")];
    let of_role = || [role("ANN")];
    let remove = Change::RemoveUser { id: id("ANN") };
    let again = insert(&registered("ANN", "ann@example.com"));
    done(storage.apply(vec![remove, again]).await);
    assert!(items(storage, granted(ann())).await.is_empty());
    assert!(those_of(storage, ORDER, denied(ann())).await.is_empty());
    assert!(those_of(storage, USERS, granted(ann())).await.is_empty());
    let all = denied([Grantee::AllUsers]);
    assert!(those_of(storage, USERS, all).await.is_empty());
    assert_eq!(["B"], *items(storage, granted(of_role())).await);
    assert_eq!(["O"], *those_of(storage, ORDER, denied(of_role())).await);
    assert_eq!(["G"], *those_of(storage, USERS, granted(of_role())).await);

    let drop = |name: &str| Change::DropRole {
        name: name.to_owned(),
    };
    // There is no custom role of that name: permissions of system roles stay.
    done(storage.apply(vec![drop("ann")]).await);
    assert_eq!(["B"], *items(storage, granted(of_role())).await);
    done(storage.apply(vec![drop("ANN")]).await);
    assert!(items(storage, granted(of_role())).await.is_empty());
    assert!(those_of(storage, ORDER, denied(of_role())).await.is_empty());
    assert!(
        those_of(storage, USERS, granted(of_role()))
            .await
            .is_empty()
    );
    assert_eq!(["C"], *items(storage, granted([user_called("G")])).await);
}

pub async fn permissions_go_with_their_table(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [order("O"), named("A", "A")]).await;
    let changes = vec![
        put(ORDER, "O", role("R"), Access::Grant),
        grant("A", role("R")),
    ];
    done(storage.apply(changes).await);
    let anew = vec![
        drop_table(ORDER),
        create(ORDER),
        order("O"),
        put(ORDER, "O", Grantee::AllUsers, Access::Grant),
    ];
    done(storage.apply(anew).await);
    let found = those_of(&*storage, ORDER, granted([role("R")])).await;
    assert!(found.is_empty());
    assert_eq!(["A"], *items(&*storage, granted([role("R")])).await);
    done(storage.apply(vec![drop_table(ORDER), create(ORDER)]).await);
    assert!(!has_permissions(&*storage, ORDER).await);
}

pub async fn tables_of_any_name_have_permissions(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let long = "x".repeat(63);
    let longer = format!("{}y", "x".repeat(62));
    for table in ["a", "table", "Users_2", &long, &longer] {
        let changes = vec![
            create(table),
            record_of(table, "A", None, 0),
            record_of(table, "B", None, 0),
            put(table, "A", role("R"), Access::Grant),
        ];
        done(storage.apply(changes).await);
        assert!(has_permissions(&*storage, table).await);
    }
    storage.close().await;
    let storage = scratch.open().await;
    for table in ["a", "table", "Users_2", &long, &longer] {
        assert!(has_permissions(&*storage, table).await);
        let found = those_of(&*storage, table, granted([role("R")])).await;
        assert_eq!(["A"], *found);
    }
    assert!(!has_permissions(&*storage, USERS).await);
}

pub async fn the_first_permission_may_be_undone_and_be_one_of_many(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    let exists = Precondition::UserExists(id("NOBODY"));
    let undone = vec![
        grant("A", Grantee::AllUsers),
        Change::Require(exists.clone()),
    ];
    assert_refused(&exists, storage.apply(undone).await);
    assert!(!has_permissions(&*storage, ITEM).await);
    // All of these believe that theirs is the first.
    let (one, other, third) = tokio::join!(
        storage.apply(vec![grant("A", Grantee::AllUsers)]),
        storage.apply(vec![grant("B", Grantee::AllUsers)]),
        storage.apply(vec![
            grant("C", Grantee::AllUsers),
            deny("C", Grantee::AllUsers)
        ]),
    );
    done(one);
    done(other);
    done(third);
    let found = items(&*storage, granted([Grantee::AllUsers])).await;
    assert_eq!(["A", "B"], *found);
    let found = items(&*storage, denied([Grantee::AllUsers])).await;
    assert_eq!(["C"], *found);
}

pub async fn that_a_record_is_as_a_condition_says(scratch: &dyn Scratch) {
    let storage = with_items(scratch).await;
    done(storage.apply(vec![grant("A", user_called("ANN"))]).await);
    let is = |table: &str, name: &str, condition| Precondition::RecordIs {
        table: table.to_owned(),
        id: id(name),
        condition: Box::new(condition),
    };
    let ann = || granted([user_called("ANN")]);
    for holds in [
        is(ITEM, "A", ann()),
        is(ITEM, "B", not(ann())),
        is(ITEM, "A", equal("name", "A")),
        is(ITEM, "A", anything()),
    ] {
        done(storage.apply(vec![Change::Require(holds)]).await);
    }
    for fails in [
        is(ITEM, "B", ann()),
        is(ITEM, "A", not(ann())),
        is(ITEM, "A", equal("name", "B")),
        is(ITEM, "A", equal("note", "unknown")),
        is(ITEM, "A", not(equal("note", "unknown"))),
        is(ITEM, "A", not(anything())),
        is(ITEM, "NOTHING", anything()),
    ] {
        let changes = vec![named("Z", "Z"), Change::Require(fails.clone())];
        assert_refused(&fails, storage.apply(changes).await);
    }
    let unknown = is(ITEM, "A", equal("nothing", 1));
    let refused = storage.apply(vec![Change::Require(unknown)]).await;
    assert!(
        matches!(refused, Err(StorageError::UnknownColumn { .. })),
        "{refused:?}"
    );
    assert!(items(&*storage, equal("name", "Z")).await.is_empty());
}

fn remove(table: &str, name: &str) -> Change {
    Change::RemoveRecord {
        table: table.to_owned(),
        id: id(name),
        visibility: Visibility::Everything,
    }
}
