//! API services: who may call them, and what nobody is told.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Execution, Role, prelude::*, service};
use vestibule_core::{ServiceBody, ServiceRequest, Verb};
use vestibule_model::Resource;
use vestibule_testkit::TestKit;

#[derive(Default)]
struct Doors;

#[service("doors", collect = false)]
impl Doors {
    #[post("/anyone", access = anyone)]
    async fn of_anyone(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    #[post("/user", access = user)]
    async fn of_users(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    #[post("/guest", access = role("GuestUser"))]
    async fn of_guests(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    #[post("/server", access = server)]
    async fn of_server_code(&self, master_key: String, _ctx: &Context) -> Result<String> {
        Ok(master_key)
    }
}

#[derive(Default)]
struct Windows;

#[service("windows", collect = false)]
impl Windows {
    #[get("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_method_is_for_the_callers_that_it_declares() {
    let kit = TestKit::with::<Doors>().start().await;
    let clients = [
        ("anonymous", kit.anonymous(), [true, false, false, false]),
        ("guest", kit.guest().await, [true, true, true, false]),
        (
            "user",
            kit.user("ann@example.com").await,
            [true, true, false, false],
        ),
        ("server code", kit.code_runner(), [true, true, true, true]),
    ];
    for (who, client, may) in clients {
        let paths = ["/anyone", "/user", "/guest", "/server"];
        for (path, may) in paths.into_iter().zip(may) {
            let body = match path {
                "/server" => json!({"master_key": "k"}),
                _ => json!({}),
            };
            let code = client.invoke("doors", path, body).await;
            let code = code.map(drop).map_err(|error| error.code());
            let expected = if may {
                Ok(())
            } else {
                Err(ErrorCode::InvocationDenied)
            };
            assert_eq!(expected, code, "{who} calls {path}");
        }
    }
}

#[tokio::test]
async fn who_may_not_call_a_method_hears_why_and_not_what_it_takes() {
    let kit = TestKit::with::<Doors>().start().await;
    let (anonymous, user) = (kit.anonymous(), kit.user("ann@example.com").await);
    for (client, path, words) in [
        (&anonymous, "/user", "is for logged-in users; log in first"),
        (&user, "/guest", "is for callers in the role 'GuestUser'"),
        (&user, "/server", "is for server code alone"),
    ] {
        let error = client.invoke("doors", path, json!({})).await.unwrap_err();
        let name = format!("the method POST {path} of the service 'doors'");
        let message = error.message();
        assert!(
            message.contains(&name) && message.contains(words),
            "{message}"
        );
    }
    for execution in [Execution::Sync, Execution::Async] {
        for body in [
            json!({}),
            json!({"x": 1}),
            json!([1]),
            json!({"master_key": "k"}),
        ] {
            let call = ServiceRequest::new(Verb::Post, "doors", "/server");
            let call = call.with_body(ServiceBody::Json(body));
            let error = user
                .call_service(call, execution)
                .await
                .outcome
                .unwrap_err();
            assert_eq!(ErrorCode::InvocationDenied, error.code());
            assert!(!error.message().contains("master_key"));
        }
    }
}

#[tokio::test]
async fn permissions_take_services_away_and_give_them_to_nobody_else() {
    let kit = TestKit::with::<Doors>().and::<Windows>().start().await;
    let engine = kit.engine();
    let set = async |role: &str, resource: &str, access| {
        let grantee = Grantee::Role(role.to_owned());
        let resource = Resource::from_name(resource).unwrap();
        let operation = PermissionOperation::Execute;
        let set = engine.set_permission(grantee, resource, operation, access);
        set.await.unwrap();
    };
    let guest = kit.guest().await;
    let denied = async |service: &str, path: &str| {
        let body = json!({"master_key": "k"});
        let body = if path == "/server" { body } else { Json::Null };
        let outcome = guest.invoke(service, path, body).await;
        let code = outcome.map_err(|error| error.code());
        code == Err(ErrorCode::InvocationDenied)
    };
    set("GuestUser", "services:doors", Some(Access::Deny)).await;
    assert!(denied("doors", "/anyone").await);
    assert!(!denied("windows", "/open").await, "another service");
    let error = guest.invoke("doors", "/user", json!({})).await.unwrap_err();
    let words =
        "you may not call the service 'doors'; the operator can take that back on 'services:doors'";
    assert_eq!(words, error.message());
    let anonymous = kit.anonymous().invoke("doors", "/anyone", json!({})).await;
    assert!(anonymous.is_ok(), "another role");

    // One service comes before all of them, and a grant is no more than the method's own word.
    set("GuestUser", "services", Some(Access::Deny)).await;
    set("GuestUser", "services:doors", Some(Access::Grant)).await;
    assert!(!denied("doors", "/anyone").await);
    assert!(denied("doors", "/server").await);
    assert!(denied("windows", "/open").await);
    // Of the key that everybody has: server code passes whatever permissions say.
    set(Role::JsUser.as_str(), "services", Some(Access::Deny)).await;
    let runner = kit.code_runner();
    assert!(runner.invoke("doors", "/anyone", json!({})).await.is_ok());

    let listed = engine.permissions();
    let listed: Vec<_> = listed.iter().map(|one| one.resource.to_string()).collect();
    assert_eq!(["services", "services", "services:doors"], listed[..]);
    set("GuestUser", "services:doors", None).await;
    assert!(denied("doors", "/anyone").await);
}

#[tokio::test]
async fn a_permission_on_services_is_about_calling_them_and_about_roles() {
    let kit = TestKit::with::<Doors>().start().await;
    let engine = kit.engine();
    let role = Grantee::Role("GuestUser".to_owned());
    let (find, execute) = (PermissionOperation::Find, PermissionOperation::Execute);
    for (grantee, operation, code) in [
        (role, find, ErrorCode::OperationNotSupported),
        (Grantee::AllUsers, execute, ErrorCode::InvalidParameter),
        (Grantee::Owner, execute, ErrorCode::InvalidParameter),
    ] {
        let resource = Resource::Service("doors".to_owned());
        let access = Some(Access::Deny);
        let set = engine.set_permission(grantee, resource, operation, access);
        assert_eq!(code, set.await.unwrap_err().code());
    }
}

#[tokio::test]
async fn a_disabled_user_may_call_nothing() {
    let kit = TestKit::with::<Doors>().start().await;
    let ann = kit.user("ann@example.com").await;
    let disable = ChangeUserStatus::new(ann.id().clone(), UserStatus::Disabled);
    let disabled = kit.code_runner().submit_as_code_runner(disable).await;
    disabled.unwrap();
    for execution in [Execution::Sync, Execution::Async] {
        for path in ["/anyone", "/server"] {
            let call = ServiceRequest::new(Verb::Post, "doors", path);
            let outcome = ann.call_service(call, execution).await.outcome;
            assert_eq!(ErrorCode::AccountDisabled, outcome.unwrap_err().code());
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[derive(Default)]
struct Safe;

#[service("safe", collect = false)]
impl Safe {
    #[post("/unlock", access = anyone)]
    async fn unlock(
        &self,
        pin: Secret<String>,
        password: String,
        more: Option<Credentials>,
        _ctx: &Context,
    ) -> Result<Json> {
        let more = more.map(|more| (more.name, more.password));
        Ok(json!({"pin": pin, "password": password, "length": pin.reveal().len(), "more": more}))
    }

    #[post("/lock", access = anyone)]
    async fn lock(&self, #[body] with: Credentials, _ctx: &Context) -> Result<usize> {
        Ok(with.password.len())
    }

    #[get("/{token}", access = anyone)]
    async fn look(&self, token: Secret<u32>, _ctx: &Context) -> Result<u32> {
        Ok(*token.reveal() % 2)
    }
}

#[derive(Default)]
struct Printed(Mutex<Vec<String>>);

#[observe(collect = false)]
async fn print(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let printed = witness.state::<Printed>();
    printed.0.lock().unwrap().push(format!("{seen:?}"));
    Ok(())
}

#[observe(collect = false)]
async fn print_calls(seen: &Seen<InvokeService>, witness: &Witness) -> Result<()> {
    let printed = witness.state::<Printed>();
    printed.0.lock().unwrap().push(format!("{seen:?}"));
    Ok(())
}

#[tokio::test]
async fn secrets_in_arguments_come_in_and_are_never_printed() {
    let kit = TestKit::with::<Safe>()
        .and::<print>()
        .and::<print_calls>()
        .start()
        .await;
    let client = kit.anonymous();
    let body = json!({
        "pin": "1234", "password": "hunter2", "more": {"name": "Ann", "password": "hunter3"},
    });
    let answer = client.invoke("safe", "/unlock", body.clone()).await;
    assert_eq!(json!(4), answer.unwrap()["length"]);
    let lock = json!({"name": "Ann", "password": "hunter3"});
    assert_eq!(
        json!(7),
        client.invoke("safe", "/lock", lock).await.unwrap()
    );
    let look = ServiceRequest::new(Verb::Get, "safe", "/56789");
    assert_eq!(
        "ServiceRequest { service: \"safe\", verb: Get, body: Empty, .. }",
        format!("{look:?}")
    );
    let looked = client.call_service(look, Execution::Sync).await;
    assert_eq!(Some(json!(1)), looked.outcome.unwrap());

    let printed = kit.state::<Printed>().0.lock().unwrap().join("\n");
    assert!(printed.contains("invokeService"), "{printed}");
    assert!(printed.contains("POST /unlock"), "{printed}");
    assert!(printed.contains("Ann"), "{printed}");
    let debug = format!("{:?}", ServiceBody::Json(body));
    for secret in ["1234", "hunter2", "56789"] {
        assert!(!printed.contains(secret), "{printed}");
        assert!(!debug.contains(secret), "{debug}");
    }
}

#[tokio::test]
async fn errors_quote_no_secret_of_the_wrong_type() {
    let kit = TestKit::with::<Safe>().start().await;
    let client = kit.anonymous();
    for (path, body) in [
        ("/unlock", json!({"pin": 7654321, "password": "x"})),
        ("/unlock", json!({"pin": "x", "password": 7654321})),
        (
            "/unlock",
            json!({"pin": "x", "password": "x", "more": {"name": 1, "password": "7654321"}}),
        ),
        (
            "/unlock",
            json!({"pin": "x", "password": "x", "more": {"name": "Ann", "password": 7654321}}),
        ),
        ("/lock", json!({"password": 7654321})),
        ("/unlock", json!("7654321")),
        ("/7654321x", json!(null)),
    ] {
        let error = client.invoke("safe", path, body).await.unwrap_err();
        let (message, log) = (error.message(), error.log());
        assert!(!message.contains("7654321"), "{message}");
        assert!(!log.contains("7654321"), "{log}");
    }
}
