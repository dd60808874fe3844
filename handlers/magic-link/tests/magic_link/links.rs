//! Links that work.

use std::sync::Mutex;

use magic_link::{RequestMagicLink, SendMagicLink};
use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use crate::app::{ANN, app, call, link_in, mails_to, redeem, send, token_for};

#[tokio::test]
async fn a_mailed_link_logs_its_user_in() {
    let kit = app().await;
    let ann = kit.log_in(ANN).await;

    assert_eq!(Ok(Json::Null), send(&kit, ANN).await);
    let mails = kit.mails().await;
    let [mail] = mails.as_slice() else {
        panic!("one mail, not {mails:?}");
    };
    assert_eq!(
        (ANN, "Log in to localhost:9000"),
        (&*mail.to, &*mail.subject)
    );
    let (page, token) = link_in(mail).split_once('#').unwrap();
    assert_eq!("http://localhost:9000/pages/magic-link.html", page);
    assert_eq!(43, token.len(), "256 bits");

    let login = redeem(&kit, token).await.unwrap();
    assert_eq!(ann.id().as_str(), login["objectId"]);
    assert_eq!("ENABLED", login["userStatus"]);
    assert_eq!(3, login.as_object().unwrap().len());
    let session = kit
        .anonymous()
        .with_token(login["user-token"].as_str().unwrap());
    let own = FindById::new("Users", ann.id().clone(), Query::new());
    let own = session.submit(own).await.unwrap();
    assert_eq!(Some(&Value::from(ANN)), own.properties.get("email"));
}

#[tokio::test]
async fn the_login_leaves_an_audit_record_that_names_this_crate() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    redeem(&kit, &token).await.unwrap();
    let trail = kit.engine().audit_trail(0, 10).await.unwrap();
    let login = trail
        .iter()
        .find(|record| record.action == "loginByObjectId");
    let actor = format!("{:?}", login.unwrap().actor);
    assert!(actor.contains("magic_link::service::"), "{actor}");
}

#[tokio::test]
async fn the_case_of_an_address_and_spaces_around_it_do_not_matter() {
    let kit = app().await;
    send(&kit, " Ann@Example.COM ").await.unwrap();
    let mails = mails_to(&kit, ANN).await;
    assert_eq!(1, mails.len(), "it goes to the address as the user has it");
}

#[tokio::test]
async fn whoever_is_logged_in_as_somebody_else_is_logged_in_as_the_user_of_the_link() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let guest = kit.guest().await;
    let login = call(&guest, "redeem", json!({ "token": token })).await;
    assert_ne!(guest.id().as_str(), login.unwrap()["objectId"]);
    assert!(guest.is_alive().await, "the guest's own session goes on");
}

#[tokio::test]
async fn a_guest_who_registers_keeps_the_session_and_logs_in_by_a_link_from_then_on() {
    let kit = TestKit::all().start().await;
    let guest = kit.guest().await;
    let newcomer = record! { "email" => "guest@example.com", "password" => "secret" };
    let conversion = ConvertGuest::new(guest.id().clone(), newcomer);
    let user = guest.submit(conversion).await.unwrap();
    assert_eq!(guest.id(), user.id());
    assert!(guest.is_alive().await);
    let token = token_for(&kit, "guest@example.com").await;
    let login = redeem(&kit, &token).await.unwrap();
    assert_eq!(guest.id().as_str(), login["objectId"]);
}

#[before(collect = false)]
async fn open_the_app(event: &mut SendMagicLink, _ctx: &Context) -> Result<Flow<SendMagicLink>> {
    event.url = Secret::new(format!("shop://log-in#{}", event.token.reveal()));
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_before_handler_leads_the_link_elsewhere() {
    let kit = TestKit::all().and::<open_the_app>().start().await;
    kit.register(ANN).await;
    let token = token_for(&kit, ANN).await;
    let mails = mails_to(&kit, ANN).await;
    assert_eq!(format!("shop://log-in#{token}"), link_in(&mails[0]));
    redeem(&kit, &token).await.unwrap();
}

#[before(collect = false)]
async fn write_ourselves(event: &mut SendMagicLink, ctx: &Context) -> Result<Flow<SendMagicLink>> {
    let mail = Mail {
        to: event.email.clone(),
        subject: "Bonjour".to_owned(),
        text: format!("{}\n", event.url.reveal()),
    };
    ctx.cloud().send_mail(mail).await?;
    Ok(Flow::Respond(()))
}

#[tokio::test]
async fn a_before_handler_sends_another_mail_instead() {
    let kit = TestKit::all().and::<write_ourselves>().start().await;
    kit.register(ANN).await;
    let token = token_for(&kit, ANN).await;
    assert_eq!("Bonjour", mails_to(&kit, ANN).await[0].subject);
    redeem(&kit, &token).await.unwrap();
}

#[tokio::test]
async fn server_code_sends_links_and_clients_do_not() {
    let kit = app().await;
    let request = RequestMagicLink::to(ANN);
    kit.code_runner().submit(request.clone()).await.unwrap();
    assert_eq!(1, mails_to(&kit, ANN).await.len());

    let guest = kit.guest().await;
    let denied = guest.submit(request).await.unwrap_err();
    assert_eq!(ErrorCode::InvocationDenied, denied.code());
    let letter = SendMagicLink {
        user_id: guest.id().to_string(),
        email: "victim@example.com".to_owned(),
        token: Secret::default(),
        url: Secret::new("https://evil.example.com".to_owned()),
    };
    let denied = guest.submit(letter).await.unwrap_err();
    assert_eq!(ErrorCode::InvocationDenied, denied.code());
    assert_eq!(1, kit.mails().await.len());
}

#[derive(Default)]
struct Guarded(Mutex<Vec<String>>);

/// What a guard of logins sees of them.
#[before(collect = false)]
async fn guard_logins(event: &mut LoginByObjectId, ctx: &Context) -> Result<Flow<LoginByObjectId>> {
    let logins = ctx.state::<Guarded>();
    logins.0.lock().unwrap().push(event.object_id.to_string());
    Err(Error::refused(4711).saying("we are closed"))
}

#[tokio::test]
async fn a_guard_of_logins_guards_these_too() {
    let kit = TestKit::all().and::<guard_logins>().start().await;
    let ann = kit.user(ANN).await;
    let token = token_for(&kit, ANN).await;
    let refused = redeem(&kit, &token).await.unwrap_err();
    assert_eq!(4711, refused.code().number());
    assert_eq!(
        vec![ann.id().to_string()],
        *kit.state::<Guarded>().0.lock().unwrap()
    );
}
