//! CloudCode and the CodeRunner: the two doors to a login by object id, and the trail they leave.

use vestibule::{KeyKind, prelude::*};
use vestibule_model::{Actor, AuditRecord};
use vestibule_testkit::TestKit;

/// A kiosk: whoever asks to log in as `kiosk` is logged in as the user of that name's id.
#[before(collect = false)]
async fn kiosk(event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let Some(id) = event
        .login
        .as_text()
        .and_then(|login| login.strip_prefix("kiosk:"))
    else {
        return Ok(Flow::Continue);
    };
    Ok(Flow::Respond(
        ctx.cloud()
            .login_by_object_id(&ObjectId::parse(id)?)
            .await?,
    ))
}

#[after(collect = false)]
async fn act_for_the_newcomer(
    _event: &Register,
    outcome: Outcome<Register>,
    ctx: &Context,
) -> Outcome<Register> {
    let mut user = outcome?;
    let login = ctx
        .cloud()
        .on_behalf_of(&user)
        .login_by_object_id(user.id())
        .await?;
    user.properties.extend(login.user.properties);
    Ok(user)
}

/// Shows the owner of what a login by id would make, in the answer.
#[after(collect = false)]
async fn show_owner(
    _event: &LoginByObjectId,
    outcome: Outcome<LoginByObjectId>,
    ctx: &Context,
) -> Outcome<LoginByObjectId> {
    let mut login = outcome?;
    let owner = ctx.call().owner.as_ref().map(ObjectId::as_str);
    login
        .user
        .properties
        .insert("seenOwner".to_owned(), Value::from(owner));
    Ok(login)
}

const KIOSK: &str = concat!(module_path!(), "::kiosk");

async fn trail(kit: &TestKit) -> Vec<AuditRecord> {
    let records = kit.storage().audit(0, 10).await.unwrap();
    records
        .into_iter()
        .filter(|record| !record.action.starts_with("changeSettings"))
        .collect()
}

#[tokio::test]
async fn a_handler_logs_somebody_in_by_id_alone_and_leaves_an_audit_record() {
    let kit = TestKit::with::<kiosk>().start().await;
    let guest = kit.guest().await;
    let login = format!("kiosk:{}", guest.id());
    let login = kit
        .anonymous()
        .submit(Login::new(login, "-"))
        .await
        .unwrap();
    assert_eq!(guest.id(), login.user.id());
    assert!(kit.anonymous().logged_in(&login).is_alive().await);
    let trail = trail(&kit).await;
    assert_eq!(1, trail.len());
    assert_eq!(Actor::Handler(KIOSK.to_owned()), trail[0].actor);
    assert_eq!(
        ("loginByObjectId", Some(guest.id())),
        (&*trail[0].action, trail[0].subject.as_ref())
    );
    assert_eq!(None, trail[0].caller, "the call was anonymous");
}

#[tokio::test]
async fn on_behalf_of_names_the_owner_and_the_trail_keeps_the_caller() {
    let kit = TestKit::with::<act_for_the_newcomer>()
        .and::<show_owner>()
        .start()
        .await;
    let guest = kit.guest().await;
    let ann = Register::with("ann@example.com", "secret");
    let reply = guest.reply(ann).await;
    let ann = reply.outcome.unwrap();
    let trail = trail(&kit).await;
    assert_eq!(
        (Some(ann.id()), Some(guest.id())),
        (trail[0].subject.as_ref(), trail[0].caller.as_ref())
    );
    assert_eq!(
        ann.id().as_str(),
        ann.properties["seenOwner"].as_text().unwrap()
    );
}

#[tokio::test]
async fn the_code_runner_key_logs_in_by_id_and_leaves_an_audit_record() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    let event = LoginByObjectId::new(guest.id().clone());
    kit.code_runner()
        .submit_as_code_runner(event.clone())
        .await
        .unwrap();
    assert_eq!(Actor::Key(KeyKind::Bl), trail(&kit).await[0].actor);
    let error = kit
        .anonymous()
        .submit_as_code_runner(event)
        .await
        .unwrap_err();
    assert_eq!(
        2014,
        error.code().number(),
        "no other key is lent the power"
    );
}

#[tokio::test]
async fn a_refused_login_by_id_leaves_neither_session_nor_record() {
    let kit = TestKit::bare()
        .setting("login.rejectSecondLogin", true)
        .start()
        .await;
    let ann = kit.user("ann@example.com").await;
    let event = LoginByObjectId::new(ann.id().clone());
    let error = kit
        .code_runner()
        .submit_as_code_runner(event)
        .await
        .unwrap_err();
    assert_eq!(3002, error.code().number());
    assert_eq!(0, trail(&kit).await.len());
    assert_eq!(1, kit.storage().sessions_of(ann.id()).await.unwrap().len());
}

#[tokio::test]
async fn an_unknown_id_is_3057_and_a_disabled_account_is_3090() {
    let kit = TestKit::bare().start().await;
    let server = kit.code_runner();
    let nobody = LoginByObjectId::new(ObjectId::parse("nobody").unwrap());
    let error = server.submit_as_code_runner(nobody).await.unwrap_err();
    assert_eq!(3057, error.code().number());

    let ann = kit.user("ann@example.com").await;
    crate::accounts::disable(&kit, ann.id()).await;
    let event = LoginByObjectId::new(ann.id().clone());
    assert_eq!(
        3090,
        server
            .submit_as_code_runner(event)
            .await
            .unwrap_err()
            .code()
            .number()
    );
}

#[tokio::test]
async fn a_wrong_code_runner_key_lends_nothing() {
    let kit = TestKit::bare().start().await;
    for key in ["", "TESTKIT-KEY-JS", "TESTKIT-KEY-B", "TESTKIT-KEY-BL "] {
        assert!(kit.engine().code_runner(key).is_none(), "{key:?}");
    }
    assert!(kit.engine().code_runner("TESTKIT-KEY-BL").is_some());
}
