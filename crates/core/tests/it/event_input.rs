//! Events as JSON: each reads what observers see of it, and says what does not fit.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Execution, Secret, prelude::*, service, timer};
use vestibule_core::EVENT_NAMES;
use vestibule_testkit::TestKit;

#[derive(Default)]
pub(crate) struct Letters;

#[service("letters", collect = false)]
impl Letters {
    #[post("/{to}/send", access = anyone)]
    async fn send(&self, to: String, count: u32, _ctx: &Context) -> Result<String> {
        Ok(format!("{count} for {to}"))
    }
}

#[timer(every = "1h", collect = false)]
async fn hourly(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "order", output = u32, access = anyone)]
pub(crate) struct Order {
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) count: u32,
}

#[answer(collect = false)]
pub(crate) async fn order(event: Order, _ctx: &Context) -> Result<u32> {
    Ok(event.lines.iter().map(|line| line.count).sum())
}

/// Every event as observers see it.
fn described(guest: &ObjectId, user: &ObjectId) -> Vec<(&'static str, Json)> {
    let (guest, user) = (guest.as_str(), user.as_str());
    let timer = concat!(module_path!(), "::hourly");
    let query = json!({
        "properties": ["Count(age) as ages"],
        "excludeProperties": ["x"],
        "sortBy": ["age desc"],
        "groupBy": ["age"],
        "loadRelations": ["friends"],
        "where": "age > 5",
        "having": "ages > 1",
        "offset": 1,
        "pageSize": 2,
        "relationsDepth": 3,
        "relationsPageSize": 4,
        "distinct": true,
    });
    let grouping = json!({
        "query": query,
        "groupDepth": 1,
        "groupPageSize": 2,
        "recordsPageSize": 3,
        "groupPath": [{ "column": "age", "value": 7 }],
    });
    let record = json!({ "table": "Item", "properties": { "a": 1, "password": "***" } });
    let records = json!({ "table": "Item", "records": [{ "a": 1 }, { "a": null }] });
    let relation = |children: Json| json!({ "table": "Item", "parent": "P", "relation": "r", "children": children });
    vec![
        ("loginAsGuest", json!({ "properties": { "a": 1.5 } })),
        ("login", json!({ "login": "ann@example.com" })),
        ("loginByObjectId", json!({ "objectId": user })),
        (
            "register",
            json!({ "properties": { "name": "Ann" }, "via": "dataService", "objectId": "mine" }),
        ),
        (
            "convertGuest",
            json!({ "objectId": guest, "properties": { "name": "Ann" }, "via": "userService" }),
        ),
        (
            "guestConflict",
            json!({ "guest": guest, "existing": user, "proved": true }),
        ),
        (
            "purgeGuest",
            json!({ "objectId": guest, "reason": "noSession" }),
        ),
        ("logout", json!({})),
        (
            "updateUser",
            json!({ "objectId": user, "properties": { "a": [1] }, "changesPassword": true, "via": "userService" }),
        ),
        (
            "removeUser",
            json!({ "objectId": user, "via": "dataService" }),
        ),
        (
            "changeUserStatus",
            json!({ "objectId": user, "userStatus": "DISABLED" }),
        ),
        ("assignRole", json!({ "user": user, "roleName": "Support" })),
        (
            "unassignRole",
            json!({ "user": "ann@example.com", "roleName": "Support" }),
        ),
        ("verifyPassword", json!({})),
        ("restorePassword", json!({ "identity": "ann@example.com" })),
        ("setPasswordByLink", json!({ "changesPassword": true })),
        ("confirmEmail", json!({})),
        (
            "resendConfirmation",
            json!({ "identity": "ann@example.com" }),
        ),
        (
            "createEmailConfirmationURL",
            json!({ "identity": "ann@example.com" }),
        ),
        ("create", record.clone()),
        (
            "update",
            json!({ "table": "Item", "objectId": "I", "properties": { "a": true } }),
        ),
        (
            "upsert",
            json!({ "table": "Item", "objectId": "I", "properties": {} }),
        ),
        ("remove", json!({ "table": "Item", "objectId": "I" })),
        ("bulkCreate", records.clone()),
        ("bulkUpsert", records),
        (
            "bulkUpdate",
            json!({ "table": "Item", "where": "a = 1", "properties": { "a": 2 } }),
        ),
        ("bulkRemove", json!({ "table": "Item", "where": "a = 1" })),
        ("deepSave", record),
        (
            "find",
            json!({ "table": "Users", "query": query, "role": "Support", "loadRoles": true }),
        ),
        (
            "findById",
            json!({ "table": "Item", "objectId": "I", "query": query }),
        ),
        ("count", json!({ "table": "Item", "query": {} })),
        ("group", json!({ "table": "Item", "query": grouping })),
        (
            "countInGroup",
            json!({ "table": "Item", "query": grouping }),
        ),
        ("addRelation", relation(json!(["A", "B"]))),
        ("setRelation", relation(json!([]))),
        ("deleteRelation", relation(json!({ "where": "a = 1" }))),
        (
            "loadRelations",
            json!({ "table": "Item", "objectId": "I", "relation": "r", "query": query }),
        ),
        (
            "setPermission",
            json!({ "table": "Item", "objectId": null, "role": "*", "permission": "FIND", "permissionType": "DENY" }),
        ),
        (
            "invokeService",
            json!({ "service": "letters", "method": "POST /{to}/send", "arguments": { "to": "Ann", "count": 3 } }),
        ),
        ("runTimer", json!({ "timer": timer, "due": 5, "missed": 2 })),
    ]
}

#[tokio::test]
async fn every_event_reads_what_observers_see_of_it() {
    let kit = TestKit::with::<Letters>().and::<hourly>().and::<order>();
    let kit = kit.start().await;
    let (guest, ann) = (kit.guest().await, kit.user("ann@example.com").await);
    let samples = described(guest.id(), ann.id());
    let named: Vec<_> = samples.iter().map(|(name, _)| *name).collect();
    assert_eq!(EVENT_NAMES.to_vec(), named);

    let request = guest.request().await;
    let lines = json!({ "lines": [{ "count": 2 }] });
    for (name, json) in samples.into_iter().chain([("order", lines)]) {
        let rehearsed = kit
            .engine()
            .rehearse(request.clone(), name, json.clone())
            .await;
        let calls = rehearsed.unwrap_or_else(|error| panic!("{name}: {}", error.log()));
        assert_eq!((name, &json), (calls[0].event, &calls[0].input));
    }
}

#[tokio::test]
async fn a_user_of_a_permission_is_read_as_one() {
    let kit = TestKit::bare().start().await;
    for (key, name) in [
        ("user", "*"),
        ("user", "U"),
        ("owner", "*"),
        ("role", "Support"),
    ] {
        let json = json!({
            "table": "Item", "objectId": "I", key: name, "permission": "FIND", "permissionType": "GRANT",
        });
        let calls = kit
            .anonymous()
            .rehearse("setPermission", json.clone())
            .await;
        assert_eq!(json, calls.unwrap()[0].input);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_told_by_its_place_and_never_by_its_value() {
    let kit = TestKit::with::<order>().and::<Letters>().start().await;
    let unfit = async |name: &str, json: Json| {
        let refused = kit.anonymous().rehearse(name, json).await.unwrap_err();
        assert_eq!(8008, refused.code().number());
        refused.message().to_owned()
    };
    for (name, json, told) in [
        (
            "loginAsGuest",
            json!([]),
            "the event: expected an object, found a list",
        ),
        (
            "loginAsGuest",
            json!({ "propertys": {} }),
            "/propertys: there is no such field; did you mean properties?",
        ),
        (
            "logout",
            json!({ "a/b": 1 }),
            "/a~1b: there is no such field; it takes none",
        ),
        ("create", json!({}), "/table: it is missing"),
        (
            "create",
            json!({ "table": 7 }),
            "/table: expected a text, found a number",
        ),
        (
            "remove",
            json!({ "table": "Item", "objectId": "" }),
            "/objectId: expected an objectId, found another text",
        ),
        (
            "bulkCreate",
            json!({ "table": "Item", "records": [{}, "hunter2"] }),
            "/records/1: expected an object, found a text",
        ),
        (
            "find",
            json!({ "table": "Item", "query": { "pageSize": "hunter2" } }),
            "/query/pageSize: expected a whole number, found another text",
        ),
        (
            "find",
            json!({ "table": "Users", "loadRoles": true }),
            "/loadRoles: it goes with a role",
        ),
        (
            "group",
            json!({ "table": "Item", "query": { "groupPath": [{ "value": 1 }] } }),
            "/query/groupPath/0/column: it is missing",
        ),
        (
            "register",
            json!({ "via": "hunter2" }),
            "/via: expected one of userService, dataService, found another text",
        ),
        (
            "invokeService",
            json!({ "service": "leters", "method": "" }),
            "/service: there is no such service; did you mean letters?",
        ),
        (
            "order",
            json!({ "lines": [{ "count": 1 }, { "count": true }] }),
            "/lines/1/count: invalid type: boolean `true`, expected u32",
        ),
    ] {
        assert_eq!(told, unfit(name, json).await);
    }
    let arguments =
        json!({ "service": "letters", "method": "POST /{to}/send", "arguments": { "to": "A" } });
    let told = unfit("invokeService", arguments).await;
    assert!(
        told.starts_with("/arguments: ") && told.contains("'count'"),
        "{told}"
    );
}

#[tokio::test]
async fn a_misspelled_event_is_told_which_one_was_meant() {
    let kit = TestKit::with::<order>().start().await;
    for (misspelled, meant) in [("LoginAsGuest", "loginAsGuest"), ("ordr", "order")] {
        let told = format!("there is no event {misspelled}; did you mean {meant}?");
        for refused in [
            kit.anonymous()
                .rehearse(misspelled, json!({}))
                .await
                .unwrap_err(),
            kit.anonymous()
                .submit_by_name(misspelled, json!({}))
                .await
                .unwrap_err(),
        ] {
            assert_eq!((3042, &*told), (refused.code().number(), refused.message()));
        }
    }
}

/// An event with secrets: by their names, by their type, and among fields of another struct.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "signUp", output = u32, access = anyone)]
struct SignUp {
    count: u32,
    pin: Secret<Pin>,
    account: Account,
    #[serde(flatten)]
    extra: Account,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Pin {
    digits: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Account {
    password: String,
}

#[answer(collect = false)]
async fn sign_up(event: SignUp, _ctx: &Context) -> Result<u32> {
    Ok(event.count)
}

#[tokio::test]
async fn secrets_of_an_event_of_ones_own_are_not_quoted_back() {
    let kit = TestKit::with::<sign_up>().start().await;
    let client = kit.anonymous();
    const SECRET: u64 = 77_123_456;
    let (pin, account) = (json!({ "digits": 1 }), json!({ "password": "x" }));
    let withheld = "it does not fit, and holds a secret";
    for (json, place, words) in [
        (
            json!({ "count": 1, "pin": pin, "account": { "password": SECRET } }),
            "/account/password",
            withheld,
        ),
        (
            json!({ "count": 1, "pin": pin, "account": account, "password": SECRET }),
            "the event",
            withheld,
        ),
        (
            json!({ "count": 1, "pin": { "digits": format!("{SECRET}") }, "account": account }),
            "the event",
            "a secret is of the wrong type",
        ),
        (
            json!({ "count": 1, "pin": pin, "password": format!("{SECRET}") }),
            "the event",
            "missing field `account`",
        ),
        (
            json!({ "count": "x", "pin": pin, "account": account, "password": format!("{SECRET}") }),
            "/count",
            "invalid type: string \"x\", expected u32",
        ),
    ] {
        let refused = client.rehearse("signUp", json.clone()).await.unwrap_err();
        assert_eq!(format!("{place}: {words}"), refused.message());
        let dispatched = client.dispatch("signUp", json, Execution::Sync).await;
        let refused = dispatched.outcome.unwrap_err();
        assert_eq!(8008, refused.code().number());
        let unfit = "the arguments of the event signUp do not fit";
        let expected = match words == withheld {
            true => unfit.to_owned(),
            false => format!("{unfit}: {words}"),
        };
        assert_eq!(expected, refused.message());
        assert!(!refused.log().contains(&SECRET.to_string()));
    }
}

#[tokio::test]
async fn a_password_in_the_place_of_a_login_is_masked_too() {
    let kit = TestKit::bare().start().await;
    let login = json!({ "login": { "login": "ann@example.com", "password": "hunter2" } });
    let calls = kit.anonymous().rehearse("login", login).await.unwrap();
    let masked = json!({ "login": { "login": "ann@example.com", "password": "***" } });
    assert_eq!(masked, calls[0].input);
}
