//! In which roles calls are made, and how users get custom ones.

use vestibule::{KeyKind, prelude::*};
use vestibule_model::{Actor, AuditRecord};
use vestibule_testkit::{TestClient, TestKit};

const SUPPORT: &str = "Support";

/// The roles in which this client's next call is made.
pub(crate) async fn roles_of(kit: &TestKit, client: &TestClient<'_>) -> Vec<String> {
    kit.engine().roles(client.request().await).unwrap()
}

/// What the audit trail says of roles, newest first.
async fn trail(kit: &TestKit) -> Vec<AuditRecord> {
    let records = kit.storage().audit(0, 100).await.unwrap();
    let of_roles = |record: &AuditRecord| record.action.to_lowercase().contains("role");
    records.into_iter().filter(of_roles).collect()
}

async fn assign(kit: &TestKit, user: impl Into<RoleHolder>, role: &str) -> Result<()> {
    let event = AssignRole::new(user, role);
    kit.code_runner().submit_as_code_runner(event).await
}

async fn unassign(kit: &TestKit, user: impl Into<RoleHolder>, role: &str) -> Result<()> {
    let event = UnassignRole::new(user, role);
    kit.code_runner().submit_as_code_runner(event).await
}

#[track_caller]
fn refused(outcome: Result<()>) -> i32 {
    outcome.unwrap_err().code().number()
}

#[tokio::test]
async fn the_roles_of_a_call_follow_from_its_key_and_its_session() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    kit.engine().create_role("Admins").await.unwrap();
    let (anonymous, guest) = (kit.anonymous(), kit.guest().await);
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    for role in [SUPPORT, "Admins"] {
        assign(&kit, ben.id(), role).await.unwrap();
    }
    let (user, staff) = ("AuthenticatedUser", ["Admins", SUPPORT]);
    for (kind, role) in [
        (KeyKind::Js, "JSUser"),
        (KeyKind::Rest, "RestUser"),
        (KeyKind::Android, "AndroidUser"),
        (KeyKind::Ios, "IOSUser"),
        (KeyKind::Bl, "ServerCodeUser"),
    ] {
        let nobody = match kind {
            KeyKind::Bl => vec!["ServerCodeUser"],
            _ => vec!["NotAuthenticatedUser", role],
        };
        for (client, expected) in [
            (&anonymous, nobody),
            (&guest, vec!["GuestUser", role]),
            (&ann, vec![user, role]),
            (&ben, vec![user, role, staff[0], staff[1]]),
        ] {
            let client = client.clone().with_key(kind);
            assert_eq!(expected, roles_of(&kit, &client).await, "{kind:?}");
        }
    }
}

/// Answers the roles of the call, and those of a call that cloud code makes in it.
#[before(collect = false)]
async fn show_roles(event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    assert_eq!(
        ctx.call().has_role(SUPPORT),
        event.login != Value::from("-")
    );
    assert!(!ctx.call().has_role("support"), "case matters");
    ctx.cloud().data("Users").count(Query::new()).await?;
    let roles: Vec<_> = ctx.call().role_names().collect();
    Err(Error::refused(4242).saying(roles.join(" ")))
}

#[before(collect = false)]
async fn within(_event: &mut Count, ctx: &Context) -> Result<Flow<Count>> {
    let roles: Vec<_> = ctx.call().role_names().collect();
    assert_eq!(["ServerCodeUser"], *roles);
    assert!(!ctx.call().has_role(SUPPORT) && ctx.call().caller.id().is_some());
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_handler_sees_the_roles_of_its_call_and_cloud_code_has_its_own_alone() {
    let kit = TestKit::with::<show_roles>().and::<within>().start().await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let guest = kit.guest().await;
    let event = ConvertGuest::new(
        guest.id().clone(),
        record! { "email" => "ann@example.com", "password" => "secret" },
    );
    guest.submit(event).await.unwrap();
    let error = guest.submit(Login::new("-", "-")).await.unwrap_err();
    assert_eq!("AuthenticatedUser JSUser", error.message());
    assign(&kit, guest.id(), SUPPORT).await.unwrap();
    let error = guest.submit(Login::new("staff", "-")).await.unwrap_err();
    assert_eq!("AuthenticatedUser JSUser Support", error.message());
    kit.expect_calls([
        (concat!(module_path!(), "::show_roles"), 2),
        (concat!(module_path!(), "::within"), 2),
    ]);
}

#[tokio::test]
async fn a_role_counts_from_the_next_call_on_for_sessions_that_exist() {
    let kit = TestKit::bare().start().await;
    let old = kit.user("ann@example.com").await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let has_role = async || roles_of(&kit, &old).await.contains(&SUPPORT.to_owned());
    assert!(!has_role().await);
    assign(&kit, old.id(), SUPPORT).await.unwrap();
    assert!(has_role().await);
    unassign(&kit, old.id(), SUPPORT).await.unwrap();
    assert!(!has_role().await);
    assign(&kit, old.id(), SUPPORT).await.unwrap();
    assert!(has_role().await);
    kit.engine().drop_role(SUPPORT).await.unwrap();
    assert!(!has_role().await);
    kit.engine().create_role(SUPPORT).await.unwrap();
    assert!(!has_role().await, "a new role of an old name is nobody's");
}

#[tokio::test]
async fn a_login_has_the_roles_of_its_user_and_so_it_is_after_a_restart() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let first = kit.user("ann@example.com").await;
    assign(&kit, first.id(), SUPPORT).await.unwrap();
    drop(first);
    let kit = kit.restart(std::time::Duration::from_secs(5)).await;
    let ann = kit.log_in("ann@example.com").await;
    let expected = ["AuthenticatedUser", "JSUser", SUPPORT];
    assert_eq!(expected, *roles_of(&kit, &ann).await);
    let event = LoginByObjectId::new(ann.id().clone());
    let login = kit.code_runner().submit_as_code_runner(event).await;
    let ann = kit.anonymous().logged_in(&login.unwrap());
    assert_eq!(expected, *roles_of(&kit, &ann).await);
}

#[tokio::test]
async fn a_change_of_roles_does_not_age_a_session() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let ann = kit.user("ann@example.com").await;
    for step in 0..3 {
        kit.clock().advance(std::time::Duration::from_secs(50));
        roles_of(&kit, &ann).await; // a use that only memory knows of
        match step {
            0 => assign(&kit, ann.id(), SUPPORT).await.unwrap(),
            1 => kit.engine().drop_role(SUPPORT).await.unwrap(),
            _ => {}
        }
    }
    assert!(ann.is_alive().await);
}

#[tokio::test]
async fn what_cannot_be_assigned_says_why_and_leaves_no_trace() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let (guest, ann) = (kit.guest().await, kit.user("ann@example.com").await);
    let nobody = ObjectId::parse("nobody").unwrap();
    let before = trail(&kit).await.len();
    for role in [
        "AuthenticatedUser",
        "GuestUser",
        "ServerCodeUser",
        "TwitterUser",
    ] {
        assert_eq!(2007, refused(assign(&kit, &nobody, role).await), "first");
        assert_eq!(2008, refused(unassign(&kit, &nobody, role).await), "first");
    }
    for role in [
        "Nonsense",
        "support",
        "*",
        "",
        "guestuser",
        "x' or 'a' = 'a",
    ] {
        assert_eq!(2005, refused(assign(&kit, &nobody, role).await), "second");
        assert_eq!(2005, refused(unassign(&kit, &nobody, role).await), "second");
    }
    assert_eq!(3057, refused(assign(&kit, &nobody, SUPPORT).await));
    assert_eq!(3057, refused(unassign(&kit, &nobody, SUPPORT).await));
    let stranger = RoleHolder::IdOrIdentity("eve@example.com".to_owned());
    assert_eq!(3057, refused(assign(&kit, stranger, SUPPORT).await));
    let error = assign(&kit, guest.id(), SUPPORT).await.unwrap_err();
    assert_eq!(8008, error.code().number());
    assert!(error.message().contains("guest"), "{error:?}");
    assert_eq!(["GuestUser", "JSUser"], *roles_of(&kit, &guest).await);
    assert_eq!(["AuthenticatedUser", "JSUser"], *roles_of(&kit, &ann).await);
    assert_eq!(before, trail(&kit).await.len());
}

#[tokio::test]
async fn any_other_key_is_lent_no_power_over_roles() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let ann = kit.user("ann@example.com").await;
    let event = AssignRole::new(ann.id(), SUPPORT);
    assert_eq!(2014, refused(ann.submit_as_code_runner(event).await));
    assert_eq!(["AuthenticatedUser", "JSUser"], *roles_of(&kit, &ann).await);
}

#[tokio::test]
async fn a_user_is_named_by_id_or_by_identity_and_never_by_chance() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    let ann = kit.user("ann@example.com").await;
    let named = |text: &str| RoleHolder::IdOrIdentity(text.to_owned());
    let has_role = async || roles_of(&kit, &ann).await.contains(&SUPPORT.to_owned());
    for name in ["ann@example.com", "ANN@example.com", ann.id().as_str()] {
        assign(&kit, named(name), SUPPORT).await.unwrap();
        assert!(has_role().await, "{name}");
        unassign(&kit, named(name), SUPPORT).await.unwrap();
        assert!(!has_role().await, "{name}");
    }
    let eve = record! {
        "objectId" => "ann@example.com", "email" => "eve@example.com", "password" => "secret",
    };
    kit.code_runner()
        .submit(BulkCreate::new("Users", vec![eve]))
        .await
        .unwrap();
    let outcome = assign(&kit, named("ann@example.com"), SUPPORT).await;
    assert_eq!(8008, refused(outcome), "it could be either");
    assert!(!has_role().await);
    assign(&kit, named(ann.id().as_str()), SUPPORT)
        .await
        .unwrap();
    assert!(has_role().await);
}

/// Makes everybody who registers a member of the staff.
#[after(collect = false)]
async fn welcome_to_the_staff(
    _event: &Register,
    outcome: Outcome<Register>,
    ctx: &Context,
) -> Outcome<Register> {
    let user = outcome?;
    ctx.cloud().assign_role(user.id(), SUPPORT).await?;
    assert_eq!([SUPPORT], *ctx.cloud().roles_of(user.id()).await?);
    Ok(user)
}

#[before(collect = false)]
async fn only_on_sundays(event: &mut AssignRole, _ctx: &Context) -> Result<Flow<AssignRole>> {
    if event.role == "Sunday" {
        return Err(Error::refused(4242).saying("only on sundays"));
    }
    Ok(Flow::Continue)
}

#[after(collect = false)]
async fn count_taken(
    _event: &UnassignRole,
    outcome: Outcome<UnassignRole>,
    _ctx: &Context,
) -> Outcome<UnassignRole> {
    outcome
}

#[observe(collect = false)]
async fn see(seen: &Seen<AssignRole>, _witness: &Witness) -> Result<()> {
    assert!(seen.event.role == SUPPORT || seen.outcome.is_err());
    Ok(())
}

const WELCOME: &str = concat!(module_path!(), "::welcome_to_the_staff");

#[tokio::test]
async fn changes_of_roles_have_handlers_and_leave_audit_records() {
    let kit = TestKit::with::<welcome_to_the_staff>()
        .and::<only_on_sundays>()
        .and::<count_taken>()
        .and::<see>()
        .start()
        .await;
    kit.engine().create_role(SUPPORT).await.unwrap();
    kit.engine().create_role("Sunday").await.unwrap();
    let register = Register::with("ann@example.com", "secret");
    kit.anonymous().submit(register).await.unwrap();
    let ann = kit.log_in("ann@example.com").await;
    let expected = ["AuthenticatedUser", "JSUser", SUPPORT];
    assert_eq!(expected, *roles_of(&kit, &ann).await);
    assert_eq!(4242, refused(assign(&kit, ann.id(), "Sunday").await));
    unassign(&kit, ann.id(), SUPPORT).await.unwrap();
    kit.expect_calls([
        (WELCOME, 1),
        (concat!(module_path!(), "::only_on_sundays"), 2),
        (concat!(module_path!(), "::count_taken"), 1),
        (concat!(module_path!(), "::see"), 2),
    ]);
    let trail = trail(&kit).await;
    let actions: Vec<_> = trail.iter().map(|record| &*record.action).collect();
    assert_eq!(
        [
            "unassignRole Support",
            "assignRole Support",
            "createRole Sunday",
            "createRole Support"
        ],
        *actions
    );
    let actors = trail.iter().map(|record| record.actor.clone());
    let (key, handler) = (Actor::Key(KeyKind::Bl), Actor::Handler(WELCOME.to_owned()));
    assert_eq!(
        vec![key, handler, Actor::Admin, Actor::Admin],
        actors.collect::<Vec<_>>()
    );
    let subjects = trail.iter().map(|record| record.subject.as_ref());
    let ann = Some(ann.id());
    assert_eq!(vec![ann, ann, None, None], subjects.collect::<Vec<_>>());
}
