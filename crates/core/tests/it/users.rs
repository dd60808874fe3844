//! Registration, updates, and who may read whom.

use vestibule::{KeyKind, prelude::*};
use vestibule_core::{ChangeUserStatus, VerifyPassword};
use vestibule_model::Profile;
use vestibule_testkit::TestKit;

fn properties<const N: usize>(entries: [(&str, Value); N]) -> Properties {
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn text(text: &str) -> Value {
    Value::from(text)
}

async fn refused<const N: usize>(kit: &TestKit, entries: [(&str, Value); N]) -> i32 {
    let outcome = kit
        .anonymous()
        .submit(Register::new(properties(entries)))
        .await;
    outcome.unwrap_err().code().number()
}

#[tokio::test]
async fn a_fresh_user_is_as_the_wire_contract_describes_it() {
    let kit = TestKit::bare().start().await;
    let user = properties([
        ("email", text("ann@example.com")),
        ("password", text("secret")),
        ("name", text("Ann")),
        ("shoeSize", Value::from(43)),
        ("userStatus", text("DISABLED")),
        ("ownerId", text("somebody")),
        ("created", Value::from(1)),
        ("socialAccount", text("NOWHERE")),
    ]);
    let user = kit.anonymous().submit(Register::new(user)).await.unwrap();
    assert_eq!(
        (Some("ann@example.com"), Some("Ann")),
        (user.email(), user.name())
    );
    assert_eq!(UserStatus::Enabled, user.status);
    assert_eq!(Some(user.id()), user.owner_id.as_ref());
    assert_eq!(
        (kit.engine().now(), None, None),
        (user.created, user.updated, user.last_login)
    );
    let column = |name: &str| user.properties.get(name).cloned();
    assert_eq!(Some(text("BACKENDLESS")), column("accountType"));
    assert_eq!(Some(text("BACKENDLESS")), column("socialAccount"));
    assert_eq!(Some(text("en")), column("blUserLocale"));
    assert_eq!((None, None), (column("shoeSize"), column("password")));
    assert_eq!(
        Some(user.clone()),
        kit.storage().user(user.id()).await.unwrap()
    );
}

#[tokio::test]
async fn a_registration_is_refused_with_the_code_of_its_reason() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    let (mail, word) = (
        || ("email", text("bob@example.com")),
        || ("password", text("secret")),
    );
    assert_eq!(3011, refused(&kit, []).await, "the password comes first");
    assert_eq!(3013, refused(&kit, [word()]).await);
    assert_eq!(3013, refused(&kit, [word(), ("email", Value::Null)]).await);
    assert_eq!(3013, refused(&kit, [word(), ("email", text(""))]).await);
    assert_eq!(
        3033,
        refused(&kit, [word(), ("email", text("ann@example.com"))]).await
    );
    assert_eq!(
        3033,
        refused(&kit, [word(), ("email", text("ANN@example.com"))]).await
    );
    assert_eq!(
        3039,
        refused(&kit, [word(), mail(), ("objectId", text("mine"))]).await
    );
    for no_address in [
        "not an address",
        "Ann <ann@example.com>",
        "<ann@example.com>",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann@example.com, bob@example.com",
    ] {
        let email = ("email", text(no_address));
        assert_eq!(3040, refused(&kit, [word(), email]).await, "{no_address}");
    }
    assert_eq!(
        3049,
        refused(&kit, [word(), mail(), ("name", Value::from(7))]).await
    );
    assert_eq!(
        3050,
        refused(&kit, [mail(), ("password", Value::from(7))]).await
    );
    assert_eq!(
        8000,
        refused(&kit, [word(), mail(), ("name", text(&"x".repeat(501)))]).await
    );
    assert_eq!(
        8008,
        refused(&kit, [word(), mail(), ("name", text("a\0b"))]).await
    );
    kit.set("registration.enabled", false).await;
    assert_eq!(
        3009,
        refused(&kit, []).await,
        "the switch comes before everything else"
    );
}

#[tokio::test]
async fn of_two_registrations_at_once_exactly_one_wins() {
    let kit = TestKit::bare().start().await;
    let ann = || {
        Register::new(properties([
            ("email", text("ann@example.com")),
            ("password", text("secret")),
        ]))
    };
    let (one, other) = (kit.anonymous(), kit.anonymous());
    let (one, other) = tokio::join!(one.submit(ann()), other.submit(ann()));
    let (won, lost) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    won.unwrap();
    assert_eq!(3033, lost.unwrap_err().code().number());
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let changes = properties([
        ("name", text("Ann")),
        ("userStatus", text("DISABLED")),
        ("created", Value::from(1)),
        ("objectId", text("other")),
        ("___class", text("Users")),
    ]);
    let user = ann
        .submit(UpdateUser::new(ann.id().clone(), changes))
        .await
        .unwrap();
    assert_eq!(
        (Some("ann@example.com"), Some("Ann")),
        (user.email(), user.name())
    );
    assert_eq!(
        (UserStatus::Enabled, Some(kit.engine().now())),
        (user.status, user.updated)
    );
    assert!(ann.is_alive().await);
}

#[tokio::test]
async fn an_update_is_refused_with_the_code_of_its_reason() {
    let kit = TestKit::bare().profile(Profile::Backendless).start().await;
    kit.register("bob@example.com").await;
    let ann = kit.user("ann@example.com").await;
    let own = ann.id().clone();
    let code = async |id: &ObjectId, name: &str, value: Value| {
        let event = UpdateUser::new(id.clone(), properties([(name, value)]));
        ann.submit(event).await.unwrap_err().code().number()
    };
    assert_eq!(3018, code(&own, "email", text("bob@example.com")).await);
    assert_eq!(3040, code(&own, "email", text("nonsense")).await);
    assert_eq!(3045, code(&own, "email", Value::Null).await);
    assert_eq!(3045, code(&own, "password", text("")).await);
    assert_eq!(3050, code(&own, "password", Value::from(1)).await);
    assert_eq!(3049, code(&own, "name", Value::from(true)).await);
    assert_eq!(
        3030,
        code(&ObjectId::parse("nobody").unwrap(), "name", text("x")).await
    );
}

#[tokio::test]
async fn a_guest_cannot_register_by_halves() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    for name in ["email", "name", "password"] {
        let event = UpdateUser::new(
            guest.id().clone(),
            properties([(name, text("a@example.com"))]),
        );
        assert_eq!(
            8008,
            guest.submit(event).await.unwrap_err().code().number(),
            "{name}"
        );
    }
    let echo = properties([("email", Value::Null), ("blUserLocale", text("de"))]);
    let user = guest
        .submit(UpdateUser::new(guest.id().clone(), echo))
        .await
        .unwrap();
    assert_eq!((None, true), (user.email(), user.is_guest()));
}

#[tokio::test]
async fn strict_shows_a_caller_its_own_row_and_nothing_else() {
    let kit = TestKit::bare().start().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let read = |id: &ObjectId| FindById::new("Users", id.clone(), Query::new());
    ann.submit(read(ann.id())).await.unwrap();
    let hidden = guest.submit(read(ann.id())).await.unwrap_err();
    assert_eq!(1000, hidden.code().number());
    let nobody = ObjectId::parse("nobody").unwrap();
    let missing = guest.submit(read(&nobody)).await.unwrap_err();
    assert_eq!(hidden.code(), missing.code(), "nobody is told which");

    let everybody = || Find::new("Users", Query::new());
    let found = guest.submit(everybody()).await.unwrap();
    let ids = found.iter().filter_map(Row::record).map(Record::id);
    assert_eq!(vec![guest.id()], ids.collect::<Vec<_>>());
    let refused = kit.anonymous().submit(everybody()).await.unwrap_err();
    assert_eq!(1013, refused.code().number());
    assert_eq!(
        2,
        kit.code_runner().submit(everybody()).await.unwrap().len()
    );
}

#[tokio::test]
async fn a_status_changes_once_and_guests_have_no_other() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let guest = kit.guest().await;
    let code = async |id: &ObjectId, status| {
        let event = ChangeUserStatus::new(id.clone(), status);
        let outcome = kit.code_runner().submit_as_code_runner(event).await;
        outcome.map_or_else(|error| error.code().number(), |()| 0)
    };
    assert_eq!(3086, code(ann.id(), UserStatus::Enabled).await);
    assert_eq!(0, code(ann.id(), UserStatus::Disabled).await);
    assert_eq!(3085, code(ann.id(), UserStatus::Disabled).await);
    assert_eq!(8008, code(ann.id(), UserStatus::Guest).await);
    assert_eq!(8008, code(guest.id(), UserStatus::Enabled).await);
    assert_eq!(
        3057,
        code(&ObjectId::parse("nobody").unwrap(), UserStatus::Enabled).await
    );
}

#[tokio::test]
async fn a_password_is_verified_for_the_caller_only() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await.with_key(KeyKind::Bl);
    let verify = |word: &str| VerifyPassword::new(Some(Password::new(word)));
    assert!(ann.submit_as_code_runner(verify("secret")).await.unwrap());
    assert!(!ann.submit_as_code_runner(verify("wrong")).await.unwrap());
    let error = kit
        .code_runner()
        .submit_as_code_runner(verify("secret"))
        .await
        .unwrap_err();
    assert_eq!(3121, error.code().number());
}
