//! The app of these tests, and the two calls of the service.

use std::time::Duration;

use magic_link::LINK_IS_DEAD;
use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_testkit::{Mail, TestClient, TestKit};

pub(crate) const ANN: &str = "ann@example.com";

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// How long a link is left alone before there is a new one.
pub(crate) const PAUSE: Duration = Duration::from_secs(5 * 60);

/// How long a link works.
pub(crate) const LINK_LIVES: Duration = Duration::from_secs(15 * 60);

/// An app with magic links, and with Ann.
pub(crate) async fn app() -> TestKit {
    let kit = TestKit::all().start().await;
    kit.register(ANN).await;
    kit
}

pub(crate) async fn call(client: &TestClient<'_>, method: &str, arguments: Json) -> Result<Json> {
    client.invoke("magic-link", method, arguments).await
}

/// Asks for a link; whatever follows from it has happened afterwards.
pub(crate) async fn send(kit: &TestKit, email: &str) -> Result<Json> {
    let answer = call(&kit.anonymous(), "send", json!({ "email": email })).await;
    kit.settled().await;
    answer
}

pub(crate) async fn redeem(kit: &TestKit, token: &str) -> Result<Json> {
    call(&kit.anonymous(), "redeem", json!({ "token": token })).await
}

/// The mails with a link that were sent to this address, the earliest first.
pub(crate) async fn mails_to(kit: &TestKit, email: &str) -> Vec<Mail> {
    let mails = kit.mails().await.into_iter();
    let with_link = |mail: &Mail| mail.to == email && mail.text.contains('#');
    mails.filter(with_link).collect()
}

/// The link in a mail.
pub(crate) fn link_in(mail: &Mail) -> &str {
    let is_link = |line: &&str| line.contains("://");
    mail.text.lines().rfind(is_link).unwrap()
}

/// Has a link sent to this address; its token.
pub(crate) async fn token_for(kit: &TestKit, email: &str) -> String {
    let before = mails_to(kit, email).await.len();
    assert_eq!(Ok(Json::Null), send(kit, email).await);
    let mails = mails_to(kit, email).await;
    assert_eq!(before + 1, mails.len(), "one mail");
    let (_, token) = link_in(mails.last().unwrap()).split_once('#').unwrap();
    token.to_owned()
}

/// Asserts the one refusal that there is of a link that does not work.
#[track_caller]
pub(crate) fn is_dead(answer: &Result<Json>) {
    let error = answer.as_ref().unwrap_err();
    let expected = Error::refused(LINK_IS_DEAD).status(410).saying(
        "this link does not work: a link works once, for 15 minutes, and only the newest one; ask for \
         a new one",
    );
    assert_eq!(expected, *error);
}

/// How many links are stored.
pub(crate) async fn stored(kit: &TestKit) -> u64 {
    let count = Count::new("MagicLink", Query::new());
    kit.code_runner().submit(count).await.unwrap()
}

/// The id of Ann.
pub(crate) async fn ann(kit: &TestKit) -> ObjectId {
    kit.log_in(ANN).await.id().clone()
}
