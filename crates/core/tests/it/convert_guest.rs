//! A guest registers: what it keeps, who may ask for it, and what stands in its way.

use std::{sync::Mutex, time::Duration};

use vestibule::prelude::*;
use vestibule_model::{Actor, KeyKind, Profile};
use vestibule_testkit::{TestClient, TestKit, TestKitBuilder};

use crate::shop::{refused, strict};

/// A registration of a guest with this address and the password `secret`.
fn conversion(id: &ObjectId, email: &str) -> ConvertGuest {
    ConvertGuest::new(
        id.clone(),
        record! { "email" => email, "password" => "secret" },
    )
}

async fn convert(guest: &TestClient<'_>, email: &str) -> Result<User> {
    guest.submit(conversion(guest.id(), email)).await
}

async fn stored(kit: &TestKit, id: &ObjectId) -> User {
    kit.storage().user(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_guest_who_registers_keeps_the_id_and_can_log_in() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    kit.advance(Duration::from_secs(5)).await;
    let ann = record! { "email" => "ann@example.com", "password" => "secret", "name" => "Ann" };
    let user = guest
        .submit(ConvertGuest::new(guest.id().clone(), ann))
        .await
        .unwrap();
    assert_eq!(guest.id(), user.id());
    assert_eq!(
        (UserStatus::Enabled, Some("ann@example.com"), Some("Ann")),
        (user.status, user.email(), user.name())
    );
    assert_eq!(Some(kit.engine().now()), user.updated);
    let before = guest.user();
    assert_eq!(
        (before.created, before.last_login, before.owner_id.as_ref()),
        (user.created, user.last_login, user.owner_id.as_ref())
    );
    assert_eq!(user, stored(&kit, guest.id()).await);
    assert_eq!(guest.id(), kit.log_in("ann@example.com").await.id());
}

#[tokio::test]
async fn the_session_goes_on_and_the_role_is_another_from_the_next_call_on() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    let guest = kit.guest().await;
    let roles = async || kit.engine().roles(guest.request().await).unwrap();
    assert!(roles().await.contains(&"GuestUser".to_owned()));
    // What only memory knows of the session must not be lost with it.
    kit.clock().advance(Duration::from_secs(50));
    convert(&guest, "ann@example.com").await.unwrap();
    kit.clock().advance(Duration::from_secs(50));
    assert!(guest.is_alive().await);
    let now = roles().await;
    assert_eq!(["AuthenticatedUser", "JSUser"], *now);
    kit.clock().advance(Duration::from_secs(61));
    assert!(!guest.is_alive().await);
}

#[tokio::test]
async fn the_session_goes_on_after_a_restart() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    convert(&guest, "ann@example.com").await.unwrap();
    let token = guest.token().reveal();
    drop(guest);
    let kit = kit.restart(Duration::from_secs(5)).await;
    let authentication = kit.engine().authenticate(&token).await.unwrap();
    let vestibule_core::Authentication::Live(_) = authentication else {
        panic!("{authentication:?}")
    };
}

#[tokio::test]
async fn what_the_guest_owns_and_relates_to_is_still_there() {
    let kit = strict(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let order = Create::new("Customer", record! { "name" => "Ann" });
    let customer = guest.submit(order).await.unwrap();
    let relation = AddRelation::new(
        "Users",
        guest.id().clone(),
        "customers",
        Children::Ids(vec![customer.id().clone()]),
    );
    guest.submit(relation).await.unwrap();
    convert(&guest, "ann@example.com").await.unwrap();

    let query = Query::new().load("customers");
    let find = FindById::new("Users", guest.id().clone(), query);
    let ann = kit.log_in("ann@example.com").await;
    let user = ann.submit(find).await.unwrap();
    let [found] = crate::shop::many(&user, "customers") else {
        panic!("{user:?}")
    };
    assert_eq!(
        (customer.id(), Some(guest.id().as_str())),
        (found.id(), found.owner_id())
    );
}

#[tokio::test]
async fn everybody_else_gets_one_answer_and_changes_nothing() {
    let kit = TestKit::bare().start().await;
    let (guest, other) = (kit.guest().await, kit.guest().await);
    let ann = kit.user("ann@example.com").await;
    let nobody = ObjectId::parse("nobody").unwrap();
    let before = stored(&kit, guest.id()).await;
    let attempts = [
        (kit.anonymous(), guest.id(), "no token"),
        (other.clone(), guest.id(), "the token of another guest"),
        (ann.clone(), guest.id(), "the token of a user"),
        (guest.clone(), other.id(), "another guest"),
        (guest.clone(), &nobody, "nobody"),
        (guest.clone(), ann.id(), "a user"),
        (ann.clone(), ann.id(), "a user by itself"),
        (kit.code_runner(), &nobody, "nobody, by server code"),
        (kit.code_runner(), ann.id(), "a user, by server code"),
    ];
    let mut answers = Vec::new();
    for (client, id, what) in attempts {
        let error = client.submit(conversion(id, "new@example.com")).await;
        let error = error.unwrap_err();
        assert_eq!(3039, error.code().number(), "{what}");
        answers.push(error);
    }
    assert!(answers.iter().all(|error| *error == answers[0]));
    assert_eq!(before, stored(&kit, guest.id()).await);
    assert!(guest.is_alive().await);
}

#[tokio::test]
async fn a_guest_registers_once() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    convert(&guest, "ann@example.com").await.unwrap();
    let before = stored(&kit, guest.id()).await;
    refused(3039, convert(&guest, "bob@example.com").await);
    assert_eq!(before, stored(&kit, guest.id()).await);
}

#[tokio::test]
async fn a_dead_guest_session_converts_nobody() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    guest.submit(Logout::default()).await.unwrap();
    let event = conversion(guest.id(), "ann@example.com");
    refused(3039, kit.anonymous().submit(event).await);
}

#[tokio::test]
async fn server_code_converts_any_guest_and_leaves_an_audit_record() {
    let kit = TestKit::with::<convert_for_you>().start().await;
    let (one, two) = (kit.guest().await, kit.guest().await);
    let event = conversion(one.id(), "one@example.com");
    kit.code_runner().submit(event).await.unwrap();
    let desk = kit.anonymous().with_header("x-guest", two.id().as_str());
    desk.submit(Logout::default()).await.unwrap();
    assert_eq!(
        Some("desk@example.com"),
        stored(&kit, two.id()).await.email()
    );

    let trail = kit.storage().audit(0, 10).await.unwrap();
    let trail: Vec<_> = trail
        .iter()
        .filter(|record| record.action == "convertGuest")
        .map(|record| (record.actor.clone(), record.subject.clone()))
        .collect();
    let handler = Actor::Handler(concat!(module_path!(), "::convert_for_you").to_owned());
    assert_eq!(
        vec![
            (handler, Some(two.id().clone())),
            (Actor::Key(KeyKind::Bl), Some(one.id().clone()))
        ],
        trail
    );
}

#[after(collect = false)]
async fn convert_for_you(
    _event: &Logout,
    outcome: Outcome<Logout>,
    ctx: &Context,
) -> Outcome<Logout> {
    let headers = &ctx.call().headers;
    if let Some(guest) = headers.get("x-guest") {
        let desk = record! { "email" => "desk@example.com" };
        ctx.cloud()
            .convert_guest(&ObjectId::parse(guest)?, desk, Password::new("secret"))
            .await?;
    }
    outcome
}

#[tokio::test]
async fn a_guest_leaves_no_audit_record_by_registering() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    convert(&guest, "ann@example.com").await.unwrap();
    let trail = kit.storage().audit(0, 10).await.unwrap();
    assert!(trail.iter().all(|record| record.action != "convertGuest"));
}

async fn code<const N: usize>(guest: &TestClient<'_>, entries: [(&str, Value); N]) -> i32 {
    let properties = entries.map(|(name, value)| (name.to_owned(), value));
    let event = ConvertGuest::new(guest.id().clone(), properties.into_iter().collect());
    guest.submit(event).await.unwrap_err().code().number()
}

fn strict_users(builder: TestKitBuilder) -> TestKitBuilder {
    builder.schema(&[Users])
}

vestibule::table! {
    collect = false;
    Users {
        age: Int(required),
        code: String(required, unique),
        plan: String(required) = "free",
        nick: String(validator = "^[a-z]+$"),
    }
}

#[tokio::test]
async fn a_conversion_is_refused_with_the_code_of_its_reason() {
    let kit = strict_users(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let bob = record! {
        "email" => "bob@example.com", "password" => "secret", "age" => 7, "code" => "B"
    };
    kit.anonymous().submit(Register::new(bob)).await.unwrap();
    let before = stored(&kit, guest.id()).await;
    let text = |text: &str| Value::from(text);
    let word = || ("password", text("secret"));
    let mail = || ("email", text("ann@example.com"));
    let (age, own) = (|| ("age", Value::from(7)), || ("code", text("A")));

    assert_eq!(3011, code(&guest, []).await, "the password comes first");
    assert_eq!(3050, code(&guest, [("password", Value::from(7))]).await);
    assert_eq!(3013, code(&guest, [word()]).await);
    assert_eq!(3012, code(&guest, [word(), mail(), own()]).await, "age");
    assert_eq!(3012, code(&guest, [word(), mail(), age()]).await, "code");
    let none = ("age", Value::Null);
    assert_eq!(3041, code(&guest, [word(), mail(), own(), none]).await);
    let empty = ("code", text(""));
    assert_eq!(3041, code(&guest, [word(), mail(), age(), empty]).await);
    let wrong = ("email", text("nowhere"));
    assert_eq!(3040, code(&guest, [word(), wrong, age(), own()]).await);
    let loud = ("nick", text("ANN"));
    assert_eq!(
        8008,
        code(&guest, [word(), mail(), age(), own(), loud]).await
    );
    let taken = ("email", text("BOB@example.com"));
    assert_eq!(3033, code(&guest, [word(), taken, age(), own()]).await);
    let twice = ("code", text("B"));
    assert_eq!(1155, code(&guest, [word(), mail(), age(), twice]).await);
    assert_eq!(before, stored(&kit, guest.id()).await, "nothing changed");
    assert!(guest.is_alive().await);

    let ann = record! {
        "email" => "ann@example.com", "password" => "secret", "age" => 7, "code" => "A"
    };
    let event = ConvertGuest::new(guest.id().clone(), ann);
    let user = guest.submit(event).await.unwrap();
    assert_eq!(Some(&text("free")), user.properties.get("plan"));
}

#[tokio::test]
async fn what_only_guests_may_have_must_be_mended_by_whoever_registers() {
    let kit = strict_users(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let wild = record! { "nick" => "SHOUT" };
    guest
        .submit(UpdateUser::new(guest.id().clone(), wild))
        .await
        .unwrap();
    let ann = record! {
        "email" => "ann@example.com", "password" => "secret", "age" => 7, "code" => "A"
    };
    let event = ConvertGuest::new(guest.id().clone(), ann);
    refused(8008, guest.submit(event.clone()).await);
    let mut event = event;
    event
        .properties
        .insert("nick".to_owned(), Value::from("ann"));
    guest.submit(event).await.unwrap();
}

#[tokio::test]
async fn the_switches_of_registration_count() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    kit.set("registration.enabled", false).await;
    refused(3009, convert(&guest, "ann@example.com").await);
    kit.set("registration.enabled", true).await;
    kit.set("registration.emailConfirmationRequired", true)
        .await;
    let user = convert(&guest, "ann@example.com").await.unwrap();
    assert_eq!(UserStatus::EmailConfirmationPending, user.status);
    assert!(guest.is_alive().await, "the session lives on");
    let login = Login::new("ann@example.com", "secret");
    refused(3087, kit.anonymous().submit(login).await);
}

#[tokio::test]
async fn a_dynamic_schema_follows_and_a_fixed_one_ignores() {
    for (profile, kept) in [(Profile::Backendless, true), (Profile::Strict, false)] {
        let kit = TestKit::bare().profile(profile).start().await;
        let guest = kit.guest().await;
        let echo = record! {
            "email" => "ann@example.com", "password" => "secret", "shoeSize" => 43,
            "userStatus" => "GUEST", "user-token" => "t", "___class" => "Users",
            "objectId" => guest.id().as_str(), "ownerId" => "somebody", "name" => Value::Null,
            "blUserLocale" => Value::Null
        };
        let event = ConvertGuest::new(guest.id().clone(), echo);
        let user = guest.submit(event).await.unwrap();
        assert_eq!(kept, user.properties.contains_key("shoeSize"));
        assert_eq!(
            (UserStatus::Enabled, Some(guest.id())),
            (user.status, user.owner_id.as_ref())
        );
        assert_eq!(
            Some(&Value::from("en")),
            user.properties.get("blUserLocale")
        );
    }
}

#[tokio::test]
async fn of_two_conversions_at_once_exactly_one_wins() {
    let kit = TestKit::bare().start().await;
    for round in 0..10 {
        let guest = kit.guest().await;
        let mails = ["one", "other"].map(|name| format!("{name}{round}@example.com"));
        let (one, other) = tokio::join!(convert(&guest, &mails[0]), convert(&guest, &mails[1]));
        let (won, lost) = if one.is_ok() {
            (one, other)
        } else {
            (other, one)
        };
        assert_eq!(won.unwrap().email(), stored(&kit, guest.id()).await.email());
        refused(3039, lost);
    }
}

#[tokio::test]
async fn a_conversion_and_a_removal_at_once_have_one_winner() {
    let kit = TestKit::bare().start().await;
    for round in 0..10 {
        let guest = kit.guest().await;
        let (runner, mail) = (kit.code_runner(), format!("ann{round}@example.com"));
        let (converted, removed) = tokio::join!(
            convert(&guest, &mail),
            runner.submit(RemoveUser::new(guest.id().clone())),
        );
        removed.unwrap();
        if let Err(error) = converted {
            assert_eq!(3039, error.code().number());
        }
        assert_eq!(None, kit.storage().user(guest.id()).await.unwrap());
    }
}

#[tokio::test]
async fn two_guests_with_one_address_have_one_winner() {
    let kit = TestKit::bare().start().await;
    let (one, other) = (kit.guest().await, kit.guest().await);
    let (first, second) = tokio::join!(
        convert(&one, "ann@example.com"),
        convert(&other, "ann@example.com"),
    );
    let (lost, loser) = if first.is_ok() {
        (second, &other)
    } else {
        (first, &one)
    };
    refused(3033, lost);
    assert!(stored(&kit, loser.id()).await.is_guest());
    assert!(loser.is_alive().await);
}

/// The events that observers saw.
#[derive(Default)]
struct Observed(Mutex<Vec<&'static str>>);

#[observe(collect = false)]
async fn note(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let observed = witness.state::<Observed>();
    observed.0.lock().unwrap().push(seen.event);
    assert!(!seen.input.to_string().contains("secret"));
    Ok(())
}

#[before(collect = false)]
async fn never(_event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    Err(Error::refused(4242))
}

#[before(collect = false)]
async fn greet(event: &mut ConvertGuest, _ctx: &Context) -> Result<Flow<ConvertGuest>> {
    event
        .properties
        .insert("name".to_owned(), Value::from("Ann"));
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_conversion_is_an_event_of_its_own() {
    let kit = TestKit::with::<never>()
        .and::<greet>()
        .and::<note>()
        .start()
        .await;
    let guest = kit.guest().await;
    let user = convert(&guest, "ann@example.com").await.unwrap();
    assert_eq!(Some("Ann"), user.name());
    let observed = kit.state::<Observed>();
    assert_eq!(
        vec!["loginAsGuest", "convertGuest"],
        *observed.0.lock().unwrap()
    );
}

#[after(collect = false)]
async fn fail(
    _event: &ConvertGuest,
    outcome: Outcome<ConvertGuest>,
    _ctx: &Context,
) -> Outcome<ConvertGuest> {
    outcome?;
    Err(Error::refused(4242))
}

#[tokio::test]
async fn a_conversion_that_committed_stays() {
    let kit = TestKit::with::<fail>().start().await;
    let guest = kit.guest().await;
    refused(4242, convert(&guest, "ann@example.com").await);
    assert!(!stored(&kit, guest.id()).await.is_guest());
    assert!(guest.is_alive().await);
}
