//! What the operator does to roles.

use vestibule::prelude::*;
use vestibule_model::{Actor, check_role_name};
use vestibule_testkit::TestKit;

use crate::roles::roles_of;

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> i32 {
    outcome.unwrap_err().code().number()
}

#[tokio::test]
async fn the_operator_makes_and_removes_roles() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    assert!(engine.custom_roles().await.unwrap().is_empty());
    for role in ["Support", "Årsmöte / \"x\"", "Admins"] {
        engine.create_role(role).await.unwrap();
    }
    let expected = ["Admins", "Support", "Årsmöte / \"x\""];
    assert_eq!(expected, *engine.custom_roles().await.unwrap());
    engine.drop_role("Support").await.unwrap();
    assert_eq!(2005, refused(engine.drop_role("Support").await));
    assert_eq!(2005, refused(engine.drop_role("admins").await));
    assert_eq!(9008, refused(engine.drop_role("GuestUser").await));
    assert_eq!(2, engine.custom_roles().await.unwrap().len());
    let trail = kit.storage().audit(0, 10).await.unwrap();
    assert_eq!(
        (Actor::Admin, "dropRole Support"),
        (trail[0].actor.clone(), &*trail[0].action)
    );
}

#[tokio::test]
async fn a_name_that_no_role_can_have_is_refused_and_says_which_key() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_role("Support").await.unwrap();
    let long = "x".repeat(101);
    for (code, name) in [
        (2006, "Support"),
        (2006, "SUPPORT"),
        (2006, "GuestUser"),
        (2006, "servercodeuser"),
        (8008, ""),
        (8008, "*"),
        (8008, " Support"),
        (8008, "Sup\u{0}port"),
        (8008, "Sup\nport"),
        (8008, &long),
    ] {
        assert!(code == 2006 || check_role_name(name).is_err());
        let error = kit.engine().create_role(name).await.unwrap_err();
        assert_eq!(code, error.code().number(), "{name:?}");
        assert!(error.message().contains("'name'"), "{error:?}");
    }
    assert_eq!(["Support"], *kit.engine().custom_roles().await.unwrap());
}

#[tokio::test]
async fn the_operator_gives_roles_to_users_and_takes_them_away() {
    let kit = TestKit::bare().start().await;
    let (engine, guest) = (kit.engine(), kit.guest().await);
    let ann = kit.user("ann@example.com").await;
    engine.create_role("Support").await.unwrap();
    engine.assign_role(ann.id(), "Support").await.unwrap();
    engine.assign_role(ann.id(), "Support").await.unwrap();
    assert_eq!(
        ["Support"],
        *engine.custom_roles_of(ann.id()).await.unwrap()
    );
    assert!(roles_of(&kit, &ann).await.contains(&"Support".to_owned()));
    engine.unassign_role(ann.id(), "Support").await.unwrap();
    engine.unassign_role(ann.id(), "Support").await.unwrap();
    assert!(engine.custom_roles_of(ann.id()).await.unwrap().is_empty());
    assert_eq!(["AuthenticatedUser", "JSUser"], *roles_of(&kit, &ann).await);
    let trail = kit.storage().audit(0, 10).await.unwrap();
    assert_eq!(
        ("unassignRole Support", &Actor::Admin, Some(ann.id())),
        (
            &*trail[0].action,
            &trail[0].actor,
            trail[0].subject.as_ref()
        )
    );

    let nobody = ObjectId::parse("nobody").unwrap();
    assert_eq!(3057, refused(engine.custom_roles_of(&nobody).await));
    assert_eq!(3057, refused(engine.assign_role(&nobody, "Support").await));
    assert_eq!(
        2005,
        refused(engine.assign_role(ann.id(), "Nonsense").await)
    );
    assert_eq!(2007, refused(engine.assign_role(ann.id(), "JSUser").await));
    assert_eq!(
        2008,
        refused(engine.unassign_role(ann.id(), "JSUser").await)
    );
    assert_eq!(
        8008,
        refused(engine.assign_role(guest.id(), "Support").await)
    );
}

#[tokio::test]
async fn there_are_a_thousand_roles_at_most() {
    let kit = TestKit::bare().start().await;
    for number in 0..1000 {
        kit.engine()
            .create_role(&format!("R{number}"))
            .await
            .unwrap();
    }
    assert_eq!(8008, refused(kit.engine().create_role("R1000").await));
    kit.engine().drop_role("R7").await.unwrap();
    kit.engine().create_role("R1000").await.unwrap();
}
