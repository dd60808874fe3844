use vestibule_model::{Access, Grantee, Permission, PermissionOperation, Resource, USERS};

use super::{Scratch, samples::*, shop::*, tables::*};
use crate::{Change, Precondition, StorageError};

fn put(permission: &Permission) -> Change {
    Change::PutPermission {
        grantee: permission.grantee.clone(),
        resource: permission.resource.clone(),
        operation: permission.operation,
        access: Some(permission.access),
    }
}

fn forget(permission: &Permission) -> Change {
    Change::PutPermission {
        grantee: permission.grantee.clone(),
        resource: permission.resource.clone(),
        operation: permission.operation,
        access: None,
    }
}

fn role(name: &str) -> Grantee {
    Grantee::Role(name.to_owned())
}

fn on(resource: &str, grantee: Grantee) -> Permission {
    Permission {
        grantee,
        resource: Resource::from_name(resource).unwrap(),
        operation: PermissionOperation::Find,
        access: Access::Deny,
    }
}

/// That these are the permissions, in any order.
#[track_caller]
fn assert_same(mut expected: Vec<Permission>, mut permissions: Vec<Permission>) {
    let key = |permission: &Permission| format!("{permission:?}");
    expected.sort_by_key(key);
    permissions.sort_by_key(key);
    assert_eq!(expected, permissions);
}

pub async fn permissions_of_every_kind_survive(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    assert!(done(storage.permissions().await).is_empty());
    let grantees = [
        role("GuestUser"),
        role("Support"),
        Grantee::AllRoles,
        Grantee::User(id("ANN")),
        Grantee::AllUsers,
        Grantee::Owner,
    ];
    let resources = [
        "data",
        "data:Item",
        "data:Users",
        "users",
        "services",
        "services:magic-link",
        "events",
        "events:Shout:loudly",
    ];
    let mut expected = Vec::new();
    for grantee in grantees {
        for resource in resources.map(|name| Resource::from_name(name).unwrap()) {
            let operations = resource.operations().iter().zip([0, 1].iter().cycle());
            expected.extend(operations.map(|(operation, odd)| Permission {
                grantee: grantee.clone(),
                resource: resource.clone(),
                operation: *operation,
                access: [Access::Grant, Access::Deny][*odd],
            }));
        }
    }
    done(storage.apply(expected.iter().map(put).collect()).await);
    assert_same(expected, done(storage.permissions().await));
}

pub async fn a_permission_is_replaced_and_forgotten(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let deny = on("data", role("Support"));
    let grant = Permission {
        access: Access::Grant,
        ..deny.clone()
    };
    let other = on("users", role("Support"));
    done(storage.apply(vec![put(&deny), put(&other)]).await);
    done(storage.apply(vec![put(&grant)]).await);
    let expected = vec![grant.clone(), other.clone()];
    assert_same(expected, done(storage.permissions().await));
    done(storage.apply(vec![forget(&deny), forget(&deny)]).await);
    assert_same(vec![other], done(storage.permissions().await));
}

pub async fn whoever_is_meant_is_meant_exactly(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    // Whatever a role or a user is called, it is neither all of them nor of the other kind.
    let mut expected = vec![
        on("data", Grantee::AllRoles),
        on("data", Grantee::AllUsers),
        on("data", Grantee::Owner),
    ];
    for name in [
        "ANN",
        "ann",
        "*",
        "%",
        "'; DROP TABLE x; --",
        "\"Ω\" 🦊 ? $1",
    ] {
        expected.push(on("data", role(name)));
        expected.push(on("data", Grantee::User(id(name))));
    }
    done(storage.apply(expected.iter().map(put).collect()).await);
    assert_same(expected.clone(), done(storage.permissions().await));
    while let Some(last) = expected.pop() {
        done(storage.apply(vec![forget(&last)]).await);
        assert_same(expected.clone(), done(storage.permissions().await));
    }
}

pub async fn a_permission_on_a_table_needs_the_table(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    for name in ["Nothing", "item", "x'\"; DROP TABLE y; --"] {
        let refused = storage
            .apply(vec![put(&on(&format!("data:{name}"), Grantee::Owner))])
            .await;
        match refused {
            Err(StorageError::UnknownTable { table }) => assert_eq!(name, table),
            other => panic!("{other:?}"),
        }
        let forget = forget(&on(&format!("data:{name}"), Grantee::Owner));
        done(storage.apply(vec![forget]).await);
    }
    let mine = on("data:New", Grantee::Owner);
    done(storage.apply(vec![create("New"), put(&mine)]).await);
    assert_same(vec![mine], done(storage.permissions().await));
}

pub async fn a_table_that_goes_takes_the_permissions_on_it_along(scratch: &dyn Scratch) {
    let storage = shop(scratch).await;
    let permissions = ["data:Order", "data:Item", "data", "services:Order"];
    let permissions = permissions.map(|resource| on(resource, Grantee::AllUsers));
    done(storage.apply(permissions.iter().map(put).collect()).await);
    let anew = vec![drop_table(ORDER), create(ORDER)];
    done(storage.apply(anew).await);
    let left = permissions[1..].to_vec();
    assert_same(left, done(storage.permissions().await));
}

pub async fn a_removed_user_takes_its_permissions_along(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let others = [
        on("data:Users", Grantee::User(id("BEN"))),
        on("data:Users", role("ANN")),
        on("data:Users", Grantee::AllUsers),
    ];
    let mut changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        put(&on("data:Users", Grantee::User(id("ANN")))),
        put(&on("users", Grantee::User(id("ANN")))),
    ];
    changes.extend(others.iter().map(put));
    done(storage.apply(changes).await);
    let remove = Change::RemoveUser { id: id("ANN") };
    done(storage.apply(vec![remove]).await);
    assert_same(others.to_vec(), done(storage.permissions().await));
}

pub async fn what_is_undone_leaves_the_permissions_as_they_were(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let first = on("data", Grantee::AllRoles);
    done(storage.apply(vec![put(&first)]).await);
    let exists = Precondition::UserExists(id("NOBODY"));
    let changes = vec![
        forget(&first),
        put(&on(&format!("data:{USERS}"), Grantee::Owner)),
        Change::Require(exists.clone()),
    ];
    assert_refused(&exists, storage.apply(changes).await);
    assert_same(vec![first], done(storage.permissions().await));
}
