use std::sync::Arc;

use vestibule_model::{
    Access, Grantee, ObjectId, Permission, PermissionOperation, Resource, USERS,
};

use super::{Scratch, samples::*, shop::*};
use crate::{Change, Condition, Constraint, FindQuery, Precondition, Storage, Visibility};

pub(super) fn create_role(name: &str) -> Change {
    Change::CreateRole {
        name: name.to_owned(),
    }
}

fn drop_role(name: &str) -> Change {
    Change::DropRole {
        name: name.to_owned(),
    }
}

pub(super) fn assign(user: &str, role: &str) -> Change {
    Change::AssignRole {
        user_id: id(user),
        role: role.to_owned(),
    }
}

fn unassign(user: &str, role: &str) -> Change {
    Change::UnassignRole {
        user_id: id(user),
        role: role.to_owned(),
    }
}

fn has_role(role: &str) -> Condition {
    Condition::HasRole(role.to_owned())
}

/// Names that would do harm as a part of a statement or of a pattern.
const HOSTILE: [&str; 7] = [
    "%",
    "_",
    "O'Neil \"the\" `boss`",
    "x'; DROP TABLE vestibule_role; --",
    "Ωμέγα 🦊 張偉",
    "? $1 :a @b",
    "a\\b",
];

/// Ann and Ben, who are registered, a guest, and these roles.
async fn with_roles<const N: usize>(scratch: &dyn Scratch, roles: [&str; N]) -> Arc<dyn Storage> {
    let storage = scratch.open().await;
    let mut changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        insert(&registered("BEN", "ben@example.com")),
        insert(&guest("G")),
    ];
    changes.extend(roles.map(create_role));
    done(storage.apply(changes).await);
    storage
}

/// The roles of Ann, of Ben and of nobody, who has none.
async fn roles_of(storage: &dyn Storage) -> Vec<(ObjectId, Vec<String>)> {
    let users = ["BEN", "ANN", "NOBODY"].map(id);
    let mut roles = done(storage.roles_of(&users).await);
    roles.sort();
    roles
}

fn of(user: &str, roles: &[&str]) -> (ObjectId, Vec<String>) {
    let roles = roles.iter().map(|role| (*role).to_owned());
    (id(user), roles.collect())
}

pub async fn roles_are_there_in_ascending_order(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert!(done(storage.roles().await).is_empty());
    let changes = ["Support", "Editor", "ärzte", "editors"].map(create_role);
    done(storage.apply(changes.to_vec()).await);
    let roles = done(storage.roles().await);
    assert_eq!(["Editor", "Support", "editors", "ärzte"], *roles);
}

pub async fn a_name_is_taken_whatever_the_case(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support"]).await;
    for name in ["Support", "SUPPORT", "support"] {
        let taken = Constraint::RoleName(name.to_owned());
        assert_conflict(&taken, storage.apply(vec![create_role(name)]).await);
    }
    let twice = vec![create_role("Two"), create_role("two")];
    let taken = Constraint::RoleName("two".to_owned());
    assert_conflict(&taken, storage.apply(twice).await);
    done(storage.apply(vec![create_role("Supports")]).await);
    assert_eq!(["Support", "Supports"], *done(storage.roles().await));
}

pub async fn a_role_is_meant_by_its_exact_name(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support"]).await;
    done(storage.apply(vec![assign("ANN", "Support")]).await);
    for name in ["support", "SUPPORT", "Suppor%", "Support ", ""] {
        let exists = Precondition::RoleExists(name.to_owned());
        let require = Change::Require(exists.clone());
        assert_refused(&exists, storage.apply(vec![require]).await);
        assert_refused(&exists, storage.apply(vec![assign("BEN", name)]).await);
        let others = vec![unassign("ANN", name), drop_role(name)];
        done(storage.apply(others).await);
        assert!(those_of(&*storage, USERS, has_role(name)).await.is_empty());
    }
    let exists = Precondition::RoleExists("Support".to_owned());
    done(storage.apply(vec![Change::Require(exists)]).await);
    assert_eq!([of("ANN", &["Support"])], *roles_of(&*storage).await);
}

pub async fn roles_are_assigned_and_unassigned(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support", "Editor"]).await;
    assert!(roles_of(&*storage).await.is_empty());
    assert!(done(storage.roles_of(&[]).await).is_empty());
    let changes = vec![
        assign("ANN", "Support"),
        assign("ANN", "Editor"),
        assign("BEN", "Editor"),
        assign("ANN", "Editor"),
    ];
    done(storage.apply(changes).await);
    let both = of("ANN", &["Editor", "Support"]);
    assert_eq!([both, of("BEN", &["Editor"])], *roles_of(&*storage).await);
    let changes = vec![
        unassign("ANN", "Editor"),
        unassign("ANN", "Editor"),
        unassign("NOBODY", "Editor"),
    ];
    done(storage.apply(changes).await);
    let expected = [of("ANN", &["Support"]), of("BEN", &["Editor"])];
    assert_eq!(expected, *roles_of(&*storage).await);
}

pub async fn a_role_needs_its_user(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support"]).await;
    let exists = Precondition::UserExists(id("NOBODY"));
    let assigned = storage.apply(vec![assign("NOBODY", "Support")]).await;
    assert_refused(&exists, assigned);
}

pub async fn a_session_is_read_with_the_roles_of_its_user(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["b", "a", "B2"]).await;
    let sessions = [(1, "ANN"), (2, "ANN"), (3, "BEN")];
    let open = sessions.map(|(number, user)| Change::OpenSession(session(number, user)));
    done(storage.apply(open.to_vec()).await);
    let roles = async |number| {
        let stored = done(storage.session(&selector(number)).await).unwrap();
        let user = if number == 3 { "BEN" } else { "ANN" };
        assert_eq!(session(number, user), stored.session);
        stored.user_roles
    };
    assert!(roles(1).await.is_empty());
    let changes = ["b", "a", "B2"].map(|role| assign("ANN", role));
    done(storage.apply(changes.to_vec()).await);
    assert_eq!(["B2", "a", "b"], *roles(1).await);
    assert_eq!(["B2", "a", "b"], *roles(2).await);
    assert!(roles(3).await.is_empty());
    let changes = vec![unassign("ANN", "a"), drop_role("B2")];
    done(storage.apply(changes).await);
    assert_eq!(["b"], *roles(1).await);
}

pub async fn users_are_found_by_their_roles(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support", "Editor", "Nobody"]).await;
    let storage = &*storage;
    let changes = vec![
        assign("ANN", "Support"),
        assign("BEN", "Support"),
        assign("BEN", "Editor"),
    ];
    done(storage.apply(changes).await);
    let those = async |condition| those_of(storage, USERS, condition).await;
    assert_eq!(["ANN", "BEN"], *those(has_role("Support")).await);
    assert_eq!(["BEN"], *those(has_role("Editor")).await);
    assert!(those(has_role("Nobody")).await.is_empty());
    assert_eq!(["ANN", "G"], *those(not(has_role("Editor"))).await);
    let own = FindQuery {
        condition: Some(has_role("Support")),
        visibility: Visibility::Nothing,
        ..all_of(USERS)
    };
    assert!(ids(storage, &own).await.is_empty());
}

pub async fn no_record_but_a_user_has_a_role(scratch: &dyn Scratch) {
    let storage = shop_with(scratch, [named("ANN", "an item"), order("O")]).await;
    let changes = vec![
        insert(&registered("ANN", "ann@example.com")),
        create_role("Support"),
        assign("ANN", "Support"),
        link(ORDER, "customer", "O", ["ANN"]),
    ];
    done(storage.apply(changes).await);
    assert!(items(&*storage, has_role("Support")).await.is_empty());
    assert_eq!(["ANN"], *items(&*storage, not(has_role("Support"))).await);
    let served = related("customer", has_role("Support"));
    assert_eq!(["O"], *those_of(&*storage, ORDER, served).await);
}

pub async fn a_role_that_goes_takes_its_assignments_and_permissions_along(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support", "Editor"]).await;
    let permission = |role: &str| Permission {
        grantee: Grantee::Role(role.to_owned()),
        resource: Resource::Data,
        operation: PermissionOperation::Find,
        access: Access::Grant,
    };
    let put = |role: &str| {
        let of = permission(role);
        Change::PutPermission {
            grantee: of.grantee,
            resource: of.resource,
            operation: of.operation,
            access: Some(of.access),
        }
    };
    let changes = vec![
        assign("ANN", "Support"),
        assign("ANN", "Editor"),
        put("Support"),
        put("Editor"),
        put("GuestUser"),
    ];
    done(storage.apply(changes).await);
    // A system role is no custom one, and keeps what it may.
    let changes = ["Support", "Support", "GuestUser", "editor"].map(drop_role);
    done(storage.apply(changes.to_vec()).await);
    assert_eq!(["Editor"], *done(storage.roles().await));
    assert_eq!([of("ANN", &["Editor"])], *roles_of(&*storage).await);
    let permissions = done(storage.permissions().await);
    assert_eq!(2, permissions.len(), "{permissions:?}");
    assert!(permissions.contains(&permission("Editor")));
    assert!(permissions.contains(&permission("GuestUser")));
    done(storage.apply(vec![create_role("Support")]).await);
    assert_eq!([of("ANN", &["Editor"])], *roles_of(&*storage).await);
}

pub async fn a_removed_user_takes_its_roles_along(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support"]).await;
    let changes = vec![assign("ANN", "Support"), assign("BEN", "Support")];
    done(storage.apply(changes).await);
    let again = vec![
        Change::RemoveUser { id: id("ANN") },
        insert(&registered("ANN", "ann@example.com")),
    ];
    done(storage.apply(again).await);
    assert_eq!([of("BEN", &["Support"])], *roles_of(&*storage).await);
}

pub async fn the_roles_of_a_great_many_users_are_read(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, ["Support"]).await;
    done(storage.apply(vec![assign("BEN", "Support")]).await);
    let mut users: Vec<_> = (0..2_500).map(|number| id(&format!("U{number}"))).collect();
    users.push(id("BEN"));
    let roles = done(storage.roles_of(&users).await);
    assert_eq!([of("BEN", &["Support"])], *roles);
}

pub async fn a_role_may_have_any_name(scratch: &dyn Scratch) {
    let storage = with_roles(scratch, HOSTILE).await;
    let mut names = HOSTILE.map(str::to_owned).to_vec();
    names.sort();
    assert_eq!(names, done(storage.roles().await));
    for name in HOSTILE {
        done(storage.apply(vec![assign("ANN", name)]).await);
        assert_eq!([of("ANN", &[name])], *roles_of(&*storage).await);
        let found = those_of(&*storage, USERS, has_role(name)).await;
        assert_eq!(["ANN"], *found, "{name}");
        done(storage.apply(vec![unassign("ANN", name)]).await);
        assert!(roles_of(&*storage).await.is_empty());
        done(storage.apply(vec![drop_role(name)]).await);
    }
    assert!(done(storage.roles().await).is_empty());
}
