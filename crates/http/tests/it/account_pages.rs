//! The pages that links in mails lead to, and the calls that send the mails.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::Method;
use serde_json::json;
use vestibule_core::{Mail, MailError, Mailer};

use crate::app::{Answer, App, BL_KEY, EMAIL, PASSWORD};

/// Keeps the mails of a test.
#[derive(Clone, Default)]
struct Mails(Arc<Mutex<Vec<Mail>>>);

#[async_trait]
impl Mailer for Mails {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail);
        Ok(())
    }
}

impl Mails {
    /// The path of the link in the last mail.
    async fn path(&self, app: &App) -> String {
        app.engine.mailed().await;
        let text = self.0.lock().unwrap().last().unwrap().text.clone();
        let link = text.lines().find(|line| line.starts_with("http")).unwrap();
        let path = link.strip_prefix("https://app.example.com/base").unwrap();
        path.to_owned()
    }
}

async fn start() -> (App, Mails) {
    let mails = Mails::default();
    let mailer = Arc::new(mails.clone());
    let app = App::with(|builder| {
        builder
            .mailer(mailer)
            .public_url("https://app.example.com/base/")
    });
    (app.await, mails)
}

/// An app of which Ann has asked for a new password, and the path of her link.
async fn asked() -> (App, String) {
    let (app, mails) = start().await;
    app.register(EMAIL).await;
    let path = format!("/users/restorepassword/{EMAIL}");
    app.get(&path).send().await.empty();
    let path = mails.path(&app).await;
    (app, path)
}

/// An app in which Ann has to confirm her address, and the path of her link.
async fn pending() -> (App, Mails, String) {
    let (app, mails) = start().await;
    app.set(json!({ "registration": { "emailConfirmationRequired": true } }))
        .await;
    let user = app.register(EMAIL).await;
    assert_eq!("EMAIL_CONFIRMATION_PENDING", user["userStatus"]);
    let path = mails.path(&app).await;
    (app, mails, path)
}

async fn look(app: &App, path: &str) -> Answer {
    app.raw(Method::GET, path).send().await
}

async fn submit(app: &App, path: &str, form: &str) -> Answer {
    app.raw(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
}

async fn logs_in(app: &App, password: &str) -> u16 {
    let body = json!({ "login": EMAIL, "password": password });
    app.post("/users/login").json(&body).send().await.status
}

#[track_caller]
fn is_page(page: &Answer, status: u16, says: &str) {
    assert_eq!(status, page.status, "{}", page.text);
    assert_eq!(
        Some("text/html; charset=utf-8"),
        page.header("content-type")
    );
    assert!(
        page.text.contains(says),
        "{says:?} is missing in {}",
        page.text
    );
}

#[tokio::test]
async fn a_new_password_is_set_by_typing_it_twice() {
    let (app, path) = asked().await;
    let form = look(&app, &path).await;
    is_page(&form, 200, "<form method=\"post\">");
    let typed = "password=a+new%C3%A9one&again=a+new%C3%A9one";
    let page = submit(&app, &path, typed).await;
    is_page(&page, 200, "Your new password is set");
    assert_eq!(401, logs_in(&app, PASSWORD).await);
    assert_eq!(200, logs_in(&app, "a newéone").await);
}

#[tokio::test]
async fn a_link_is_not_used_up_by_looking() {
    let (app, path) = asked().await;
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let page = app.raw(method, &path).send().await;
        assert_eq!(200, page.status);
    }
    let page = submit(&app, &path, "password=new&again=new").await;
    is_page(&page, 200, "Your new password is set");
}

#[tokio::test]
async fn a_used_an_old_and_an_unknown_link_lead_to_a_page_that_says_what_to_do() {
    let (app, path) = asked().await;
    submit(&app, &path, "password=new&again=new").await;
    let unknown = "/account/restore-password/nonsense";
    for path in [path.as_str(), unknown, "/account/confirm-email/nonsense"] {
        let seen = look(&app, path).await;
        is_page(&seen, 410, "This link works no more");
        let used = submit(&app, path, "password=x&again=x").await;
        is_page(&used, 410, "This link works no more");
    }
    assert_eq!(200, logs_in(&app, "new").await);
}

#[tokio::test]
async fn what_was_mistyped_is_asked_for_again() {
    let (app, path) = asked().await;
    let long = "x".repeat(1025);
    let long = format!("password={long}&again={long}");
    for (form, says) in [
        ("password=one&again=other", "not the same"),
        ("password=one", "not the same"),
        ("", "required"),
        ("password=&again=", "required"),
        (&long, "1024"),
    ] {
        let page = submit(&app, &path, form).await;
        is_page(&page, 400, says);
        assert!(page.text.contains("<form"), "{}", page.text);
    }
    assert_eq!(200, logs_in(&app, PASSWORD).await);
    let page = submit(&app, &path, "password=new&again=new").await;
    is_page(&page, 200, "Your new password is set");
}

#[tokio::test]
async fn the_pages_keep_their_url_to_themselves() {
    let (app, path) = asked().await;
    for page in [
        look(&app, &path).await,
        look(&app, "/account/confirm-email/nonsense").await,
        submit(&app, &path, "password=new&again=new").await,
    ] {
        let secret = path.rsplit('/').next().unwrap();
        assert!(!page.text.contains(secret));
        assert!(!page.text.contains("<script"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(Some("no-referrer"), page.header("referrer-policy"));
        assert_eq!(Some("no-store"), page.header("cache-control"));
        assert_eq!(Some("nosniff"), page.header("x-content-type-options"));
        assert_eq!(None, page.header("access-control-allow-origin"));
    }
    let style = look(&app, "/account/style.css").await;
    assert_eq!(
        Some("text/css; charset=utf-8"),
        style.header("content-type")
    );
    look(&app, "/account/nothing").await.refused(404, 2001);
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_button_and_not_by_a_look() {
    let (app, _, path) = pending().await;
    is_page(&look(&app, &path).await, 200, "<button>");
    assert_eq!(400, logs_in(&app, PASSWORD).await);
    let page = submit(&app, &path, "").await;
    is_page(&page, 200, "Your email address is confirmed");
    assert_eq!(200, logs_in(&app, PASSWORD).await);
}

#[tokio::test]
async fn a_disabled_user_is_told_so() {
    let (app, mails, path) = pending().await;
    let restore = format!("/users/restorepassword/{EMAIL}");
    app.get(&restore).send().await.empty();
    let restore = mails.path(&app).await;
    let users = app.get("/data/Users").send().await.ok();
    app.disable(users[0]["objectId"].as_str().unwrap()).await;
    is_page(&submit(&app, &path, "").await, 400, "disabled");
    let page = submit(&app, &restore, "password=new&again=new").await;
    is_page(
        &page,
        400,
        "This account is disabled; ask whoever runs this app.",
    );
    assert!(!page.text.contains("<form"), "{}", page.text);
}

#[tokio::test]
async fn a_mail_is_asked_for_by_get_and_not_by_head_and_once_a_minute() {
    let (app, mails) = start().await;
    app.register(EMAIL).await;
    let path = format!("/users/restorepassword/{EMAIL}");
    let head = app.ask(Method::HEAD, &path).send().await;
    assert_eq!(405, head.status);
    assert!(mails.0.lock().unwrap().is_empty());
    app.get(&path).token("a-dead-token").send().await.empty();
    let again = app.get(&path).send().await;
    again.refused(429, 999);
    assert_eq!(Some("60"), again.header("retry-after"));
    let nobody = app.get("/users/restorepassword/nobody%40example.com");
    nobody.send().await.refused(400, 3020);
}

#[tokio::test]
async fn without_a_mailer_a_password_is_not_restored_and_a_resend_is_silent() {
    let app = App::start().await;
    app.set(json!({ "registration": { "emailConfirmationRequired": true } }))
        .await;
    app.register(EMAIL).await;
    let path = format!("/users/restorepassword/{EMAIL}");
    app.get(&path).send().await.refused(400, 5050);
    let path = format!("/users/resendconfirmation/{EMAIL}");
    app.post(&path).send().await.empty();
}

#[tokio::test]
async fn another_mail_and_the_link_itself_can_be_asked_for() {
    let (app, mails, first) = pending().await;
    let resend = format!("/users/resendconfirmation/{EMAIL}");
    app.post(&resend).send().await.empty();
    let second = mails.path(&app).await;
    is_page(&look(&app, &first).await, 410, "no more");
    is_page(&look(&app, &second).await, 200, "<button>");
    let create = format!("/users/createEmailConfirmationURL/{EMAIL}");
    let url = app.post(&create).send().await.ok();
    let url = url["confirmationURL"].as_str().unwrap();
    let path = url.strip_prefix("https://app.example.com/base").unwrap();
    submit(&app, path, "").await;
    assert_eq!(200, logs_in(&app, PASSWORD).await);
    app.post(&resend).send().await.refused(400, 3102);
    app.set(json!({ "permissions": { "base": "own" } })).await;
    app.post(&create).send().await.refused(403, 2000);
    let by_server = app.post(&create).key(BL_KEY).send().await;
    by_server.refused(400, 3102);
}
