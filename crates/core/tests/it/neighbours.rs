//! What one of several servers changes counts for the others: at once if they hear of it, within two
//! seconds if they hear of nothing, and as soon as they hear again.

use std::time::Duration;

use vestibule::{prelude::*, table};
use vestibule_core::{Authentication, ChangeUserStatus};
use vestibule_model::{Clock, PermissionOperation::Find as FIND, Resource, SystemClock};
use vestibule_testkit::{KeyKind, Profile, TestClient, TestKit, TestKitBuilder};

table! {
    collect = false;
    Note { text: String }
}

/// How long a change may take in real time, while the clock of the servers stands still.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server hears of a change on another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    Everything,
    /// No news, and no longer any heartbeat.
    Nothing,
    /// It missed the change, and has heard again since.
    Again,
}

/// Two servers on one database.
pub(super) struct Two {
    pub(super) here: TestKit,
    pub(super) there: TestKit,
    hearing: Hearing,
}

impl Two {
    pub(super) async fn start(builder: TestKitBuilder, hearing: Hearing) -> Self {
        let here = builder.with_neighbours().start().await;
        let there = here.neighbour().await;
        Self {
            here,
            there,
            hearing,
        }
    }

    /// The same client, at the other server.
    pub(super) fn there(&self, client: &TestClient<'_>) -> TestClient<'_> {
        let token = client.token().reveal();
        self.there.anonymous().with_token(&token)
    }

    /// Makes a change here, and waits until it counts there.
    pub(super) async fn respected<T>(
        &self,
        change: impl Future<Output = Result<T>>,
        counts_there: impl AsyncFn() -> bool,
    ) {
        assert!(!counts_there().await, "nothing was changed yet");
        if self.hearing != Hearing::Everything {
            self.there.lose_news();
        }
        change.await.unwrap();
        match self.hearing {
            Hearing::Everything => {}
            Hearing::Nothing => {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                assert!(!counts_there().await, "how does it know?");
                self.here.advance(Duration::from_secs(2)).await;
            }
            Hearing::Again => {
                self.there.hear_again();
                // Until then it asks the database anyway.
                until(async || self.there.hears()).await;
            }
        }
        until(counts_there).await;
    }
}

/// Waits until something is so, while the clock of the servers stands still.
pub(super) async fn until(is_so: impl AsyncFn() -> bool) {
    let real = SystemClock::start();
    while !is_so().await {
        let elapsed = real.monotonic().elapsed();
        assert!(elapsed < PATIENCE, "it does not come to be so");
        tokio::task::yield_now().await;
    }
}

/// Tests each of these changes with each way to hear of it.
macro_rules! respected {
    ($($change:ident)*) => {
        mod at_once {
            $(#[tokio::test]
            async fn $change() {
                super::$change($crate::neighbours::Hearing::Everything).await;
            })*
        }
        mod within_two_seconds_by_the_deaf {
            $(#[tokio::test]
            async fn $change() {
                super::$change($crate::neighbours::Hearing::Nothing).await;
            })*
        }
        mod by_whoever_hears_again {
            $(#[tokio::test]
            async fn $change() {
                super::$change($crate::neighbours::Hearing::Again).await;
            })*
        }
    };
}

pub(super) use respected;

async fn a_logout(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let there = two.there(&ann);
    assert!(there.is_alive().await);
    let is_over = async || !there.is_alive().await;
    two.respected(ann.submit(Logout::default()), is_over).await;
}

async fn a_second_login(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let there = two.there(&ann);
    assert!(there.is_alive().await);
    let again = Login::new("ann@example.com", "secret");
    let is_over = async || !there.is_alive().await;
    let client = two.here.anonymous();
    two.respected(client.submit(again), is_over).await;
}

async fn a_disabled_user(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let token = ann.token().reveal();
    let is_disabled = async || {
        let authentication = two.there.engine().authenticate(&token).await.unwrap();
        matches!(authentication, Authentication::Disabled(_))
    };
    let disable = ChangeUserStatus::new(ann.id().clone(), UserStatus::Disabled);
    let runner = two.here.code_runner();
    two.respected(runner.submit_as_code_runner(disable), is_disabled)
        .await;
}

/// Whether this client has this role at its server.
async fn has_role(kit: &TestKit, client: &TestClient<'_>, role: &str) -> bool {
    let roles = kit.engine().roles(client.request().await).unwrap();
    roles.iter().any(|name| name == role)
}

async fn a_changed_role(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let there = two.there(&ann);
    let is_clerk = async || has_role(&two.there, &there, "Clerks").await;
    let promote = async {
        ann.clone().with_role("Clerks").await;
        Ok(())
    };
    two.respected(promote, is_clerk).await;
}

async fn a_dropped_role(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let ann = ann.with_role("Clerks").await;
    let there = two.there(&ann);
    let is_none = async || !has_role(&two.there, &there, "Clerks").await;
    until(async || !is_none().await).await;
    let drop_role = two.here.engine().drop_role("Clerks");
    two.respected(drop_role, is_none).await;
}

async fn a_permission(hearing: Hearing) {
    let notes = TestKit::bare()
        .schema(&[Note])
        .profile(Profile::Backendless);
    let two = Two::start(notes, hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let there = two.there(&ann);
    let is_denied = async || {
        let found = there.submit(Find::new("Note", Query::new())).await;
        found.is_err_and(|error| error.code().number() == 1013)
    };
    let users = Grantee::Role("AuthenticatedUser".to_owned());
    let notes = Resource::Table("Note".to_owned());
    let engine = two.here.engine();
    let deny = engine.set_permission(users, notes, FIND, Some(Access::Deny));
    two.respected(deny, is_denied).await;
}

async fn a_permission_on_a_record(hearing: Hearing) {
    let notes = TestKit::bare()
        .schema(&[Note])
        .profile(Profile::Backendless);
    let two = Two::start(notes, hearing).await;
    let ann = two.here.user("ann@example.com").await;
    let note = record! { "objectId" => "A", "text" => "mine" };
    let note = ann.submit(Create::new("Note", note)).await.unwrap();
    let ben = two.here.user("ben@example.com").await;
    let there = two.there(&ben);
    let is_hidden = async || {
        let query = FindById::new("Note", note.id().clone(), Query::new());
        there.submit(query).await.is_err()
    };
    let who = Grantee::User(ben.id().clone());
    let deny = SetPermission::of_record("Note", note.id().clone(), who, FIND, Access::Deny);
    let runner = two.here.code_runner();
    two.respected(runner.submit(deny), is_hidden).await;
}

async fn a_setting(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let is_set = async || two.there.engine().settings().login.multiple_logins;
    let changes = [("login.multipleLogins".to_owned(), Value::from(true))];
    let change = two.here.engine().change_settings(&changes);
    two.respected(change, is_set).await;
}

async fn a_key_and_the_admin_token(hearing: Hearing) {
    let two = Two::start(TestKit::bare(), hearing).await;
    let is_rotated = async || {
        let engine = two.there.engine();
        engine.app().key(KeyKind::Js) == Some("ANOTHER-KEY") && engine.is_admin_token("another")
    };
    // As a server does that is started with another key and another token.
    let starting = two.here.neighbourhood().server(two.here.clock());
    let config = vestibule_core::AppConfig {
        keys: vec![(KeyKind::Js, "ANOTHER-KEY".to_owned())],
        admin_token: Some("another".to_owned()),
        ..vestibule_core::AppConfig::default()
    };
    let start = async {
        let builder = vestibule_core::Engine::builder(starting).app(config);
        let clock = std::sync::Arc::new(two.here.clock().clone());
        builder.clock(clock).start().await
    };
    two.respected(start, is_rotated).await;
}

respected! {
    a_logout
    a_second_login
    a_disabled_user
    a_changed_role
    a_dropped_role
    a_permission
    a_permission_on_a_record
    a_setting
    a_key_and_the_admin_token
}
