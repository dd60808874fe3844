//! API services: what their methods take, and what of.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Execution, prelude::*, service};
use vestibule_core::{ServiceBody, ServiceRequest, Verb};
use vestibule_testkit::{TestClient, TestKit};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    item: String,
    count: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Size {
    Small,
    Large,
}

#[derive(Default)]
struct Orders;

#[service("orders", collect = false)]
impl Orders {
    /// All kinds of named arguments.
    #[post("/place", access = anyone)]
    async fn place(
        &self,
        item: String,
        count: u32,
        price: Option<f64>,
        gift: Option<bool>,
        tags: Option<Vec<String>>,
        row: Option<Row>,
        _ctx: &Context,
    ) -> Result<Json> {
        Ok(json!([item, count, price, gift, tags, row]))
    }

    /// All kinds of arguments of a query.
    #[get("/find/{size}", access = anyone)]
    async fn find(
        &self,
        size: Size,
        text: String,
        page: Option<u32>,
        open: Option<bool>,
        numbers: Option<Vec<i64>>,
        words: Option<Vec<String>>,
        _ctx: &Context,
    ) -> Result<Json> {
        Ok(json!([size, text, page, open, numbers, words]))
    }

    #[get("/{id}", access = anyone)]
    async fn order(&self, id: String, verbose: Option<bool>, _ctx: &Context) -> Result<Json> {
        Ok(json!({ "id": id, "verbose": verbose }))
    }

    #[get("/newest", access = anyone)]
    async fn newest(&self, _ctx: &Context) -> Result<&'static str> {
        Ok("the newest")
    }

    #[put("/{id}", access = anyone)]
    async fn replace(&self, id: String, #[body] row: Row, _ctx: &Context) -> Result<Json> {
        Ok(json!([id, row]))
    }

    #[patch("/{id}/note", access = anyone)]
    async fn note(&self, id: u32, text: String, _ctx: &Context) -> Result<Json> {
        Ok(json!([id, text]))
    }

    #[delete("/{id}/note", access = anyone)]
    async fn forget_note(&self, id: u32, why: Option<String>, _ctx: &Context) -> Result<Json> {
        Ok(json!([id, why]))
    }

    #[delete("/basket/{line}", access = anyone)]
    async fn drop_line(&self, line: u32, _ctx: &Context) -> Result<u32> {
        Ok(line)
    }

    #[post(access = anyone)]
    async fn import_rows(&self, #[body] rows: Vec<Row>, _ctx: &Context) -> Result<usize> {
        Ok(rows.len())
    }

    #[post("/say", access = anyone)]
    async fn say(&self, #[body] text: Option<String>, _ctx: &Context) -> Result<Option<String>> {
        Ok(text)
    }

    #[post("/double", access = anyone)]
    async fn double(&self, number: i64, _ctx: &Context) -> Result<i64> {
        Ok(doubled(number))
    }

    #[post("/ping", access = anyone)]
    async fn ping(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn doubled(number: i64) -> i64 {
    number * 2
}

async fn orders() -> TestKit {
    TestKit::with::<Orders>().start().await
}

async fn answer(client: &TestClient<'_>, call: ServiceRequest) -> Result<Json> {
    let called = client.call_service(call, Execution::Sync).await;
    called.outcome.map(Option::unwrap)
}

/// A call with this query, `key=value` each.
fn call(verb: Verb, path: &str, query: &[(&str, &str)]) -> ServiceRequest {
    let call = ServiceRequest::new(verb, "orders", path);
    query
        .iter()
        .fold(call, |call, (key, value)| call.with_query(key, value))
}

fn text(text: &str) -> ServiceBody {
    ServiceBody::Text(text.to_owned())
}

#[track_caller]
fn refused(outcome: Result<Json>, code: ErrorCode, words: &[&str]) {
    let error = outcome.unwrap_err();
    assert_eq!(code, error.code(), "{}", error.message());
    for word in words {
        let message = error.message();
        assert!(message.contains(word), "no {word:?} in {message:?}");
    }
}

#[tokio::test]
async fn named_arguments_come_from_the_object_in_the_body() {
    let kit = orders().await;
    let client = kit.anonymous();
    let all = json!({
        "item": "tea", "count": 2, "price": 1.5, "gift": true, "tags": ["a", "b"],
        "row": {"item": "cup", "count": 1},
    });
    let answered = client.invoke("orders", "/place", all).await.unwrap();
    let row = json!({"item": "cup", "count": 1});
    assert_eq!(json!(["tea", 2, 1.5, true, ["a", "b"], row]), answered);

    let few = json!({"item": "tea", "count": 2, "price": null});
    let answered = client.invoke("orders", "/place", few).await.unwrap();
    assert_eq!(json!(["tea", 2, null, null, null, null]), answered);
    kit.expect_calls([(concat!(module_path!(), "::Orders::place"), 2)]);
    kit.expect_no_other_calls();
}

#[tokio::test]
async fn arguments_of_a_path_and_of_a_query_are_read_from_their_texts() {
    let kit = orders().await;
    let client = kit.anonymous();
    let query = [
        ("text", "5"),
        ("page", "2"),
        ("open", "true"),
        ("numbers", "[1,2]"),
        ("words", "a"),
        ("words", "7"),
        ("utm_source", "mail"),
    ];
    let found = answer(&client, call(Verb::Get, "/find/Large", &query)).await;
    let expected = json!(["Large", "5", 2, true, [1, 2], ["a", "7"]]);
    assert_eq!(expected, found.unwrap());

    let query = [
        ("text", "true"),
        ("numbers", "3"),
        ("words", "[\"a\",\"b\"]"),
    ];
    let found = answer(&client, call(Verb::Get, "/find/Small", &query)).await;
    let expected = json!(["Small", "true", null, null, [3], ["a", "b"]]);
    assert_eq!(expected, found.unwrap());

    let deleted = answer(&client, call(Verb::Delete, "/7/note", &[("why", "1")])).await;
    assert_eq!(json!([7, "1"]), deleted.unwrap());
}

#[tokio::test]
async fn an_argument_that_is_missing_or_misspelled_is_told_by_name() {
    let kit = orders().await;
    let client = kit.anonymous();
    let wrong = ErrorCode::WrongArguments;
    let place = async |body| client.invoke("orders", "/place", body).await;
    let missing = place(json!({"item": "tea"})).await;
    let full = "POST /place of the service 'orders'";
    refused(missing, wrong, &["'count'", full, "is missing", "the body"]);
    let null = place(json!({"item": null, "count": 1})).await;
    refused(null, wrong, &["'item'", "is missing"]);
    refused(place(Json::Null).await, wrong, &["'item'", "is missing"]);
    let typo = place(json!({"item": "tea", "cuont": 1})).await;
    refused(
        typo,
        wrong,
        &["no argument 'cuont'", "item, count, price, gift, tags, row"],
    );

    let of_query = answer(&client, call(Verb::Get, "/find/Large", &[])).await;
    refused(of_query, wrong, &["'text'", "a key of the query"]);
    let body = ServiceBody::Json(json!({"id": 7, "text": "x"}));
    let of_path = call(Verb::Patch, "/7/note", &[]).with_body(body);
    let of_path = answer(&client, of_path).await;
    refused(of_path, wrong, &["'id'", "stands in the path"]);
    let of_nothing = client.invoke("orders", "/ping", json!({"a": 1})).await;
    refused(of_nothing, wrong, &["no argument 'a'", "takes nothing"]);
}

#[tokio::test]
async fn an_argument_of_the_wrong_type_is_told_in_the_words_of_serde() {
    let kit = orders().await;
    let client = kit.anonymous();
    let wrong = ErrorCode::InvalidParameter;
    let place = async |body| client.invoke("orders", "/place", body).await;
    let outcome = place(json!({"item": "tea", "count": "many"})).await;
    let full = "'count' of POST /place of the service 'orders' does not fit";
    refused(outcome, wrong, &[full, "invalid type: string \"many\""]);
    let row = json!({"item": "cup", "count": -1});
    let outcome = place(json!({"item": "tea", "count": 1, "row": row})).await;
    refused(outcome, wrong, &["'row'", "at count", "invalid value"]);
    let outcome = place(json!({"item": {"x": 1}, "count": 1})).await;
    refused(outcome, wrong, &["'item'", "expected a string"]);

    let query = [("text", "x"), ("page", "-1")];
    let outcome = answer(&client, call(Verb::Get, "/find/Large", &query)).await;
    refused(outcome, wrong, &["'page'", "invalid value: integer `-1`"]);
    let outcome = answer(&client, call(Verb::Get, "/find/Huge", &[("text", "x")])).await;
    refused(outcome, wrong, &["'size'", "unknown variant `Huge`"]);
    let long = "x".repeat(5_000);
    let outcome = place(json!({"item": "tea", "count": long})).await;
    let message = outcome.unwrap_err().message().to_owned();
    assert!(message.len() < 500, "{} bytes", message.len());
}

#[tokio::test]
async fn what_is_no_list_stands_in_a_query_once() {
    let kit = orders().await;
    let query = [("text", "x"), ("text", "y")];
    let outcome = answer(&kit.anonymous(), call(Verb::Get, "/find/Large", &query)).await;
    refused(
        outcome,
        ErrorCode::WrongArguments,
        &["'text'", "more than once"],
    );
}

#[tokio::test]
async fn one_argument_may_take_the_whole_body() {
    let kit = orders().await;
    let client = kit.anonymous();
    let row = json!({"item": "tea", "count": 1});
    let import = async |body| client.invoke("orders", "/importRows", body).await;
    let answered = import(json!([row, row])).await.unwrap();
    assert_eq!(json!(2), answered);
    let code = ErrorCode::WrongArguments;
    refused(import(Json::Null).await, code, &["'rows'", "is missing"]);
    let outcome = import(json!([row, {"item": "cup"}])).await;
    let words = ["'rows'", "at [1]", "missing field `count`"];
    refused(outcome, ErrorCode::InvalidParameter, &words);

    let json = ServiceBody::Json(row.clone());
    for body in [json, text("{\"item\":\"tea\",\"count\":1}")] {
        let replace = call(Verb::Put, "/7", &[]).with_body(body);
        let answered = answer(&client, replace).await.unwrap();
        assert_eq!(json!(["7", row]), answered);
    }
    for (body, expected) in [
        (ServiceBody::Empty, json!(null)),
        (ServiceBody::Json(Json::Null), json!(null)),
        (ServiceBody::Json(json!("hello")), json!("hello")),
        (text("hello"), json!("hello")),
        (text("{\"a\":1}"), json!("{\"a\":1}")),
        (text("7"), json!("7")),
    ] {
        let say = call(Verb::Post, "/say", &[]).with_body(body.clone());
        assert_eq!(expected, answer(&client, say).await.unwrap(), "{body:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_the_only_argument_there_is() {
    let kit = orders().await;
    let client = kit.anonymous();
    for (path, body, expected) in [
        ("/double", ServiceBody::Json(json!(4)), json!(8)),
        ("/double", text("4"), json!(8)),
        ("/double", text(" {\"number\": 4} "), json!(8)),
        ("/ping", text("  "), json!(null)),
        ("/ping", ServiceBody::Json(json!({})), json!(null)),
    ] {
        let call = call(Verb::Post, path, &[]).with_body(body.clone());
        assert_eq!(expected, answer(&client, call).await.unwrap(), "{body:?}");
    }
    let note = call(Verb::Patch, "/7/note", &[]).with_body(text("fragile"));
    let noted = answer(&client, note).await.unwrap();
    assert_eq!(json!([7, "fragile"]), noted);

    let wrong = ErrorCode::WrongArguments;
    for body in [ServiceBody::Json(json!([1])), text("tea"), text("[1]")] {
        let place = call(Verb::Post, "/place", &[]).with_body(body.clone());
        let outcome = answer(&client, place).await;
        refused(
            outcome,
            wrong,
            &["wants a JSON object", "item, count, price"],
        );
        let ping = call(Verb::Post, "/ping", &[]).with_body(body);
        let outcome = answer(&client, ping).await;
        refused(outcome, wrong, &["takes no body", "leave it empty"]);
    }
}

#[tokio::test]
async fn a_fixed_part_of_a_path_comes_before_a_parameter() {
    let kit = orders().await;
    let client = kit.anonymous();
    let get = async |path| answer(&client, call(Verb::Get, path, &[])).await;
    assert_eq!(json!("the newest"), get("/newest").await.unwrap());
    assert_eq!(json!("the newest"), get("/newest/").await.unwrap());
    let order = get("/Newest").await.unwrap();
    assert_eq!(json!({"id": "Newest", "verbose": null}), order);
    // Of a method with that verb, a parameter will do.
    let row = json!({"item": "tea", "count": 1});
    let replace = call(Verb::Put, "/newest", &[]).with_body(ServiceBody::Json(row.clone()));
    let replaced = answer(&client, replace).await.unwrap();
    assert_eq!(json!(["newest", row]), replaced);
    // `/basket/{line}` is fixed further to the left than `/{id}/note`.
    let dropped = answer(&client, call(Verb::Delete, "/basket/note", &[])).await;
    refused(dropped, ErrorCode::InvalidParameter, &["'line'"]);
    for path in ["", "/", "//"] {
        let code = get(path).await.unwrap_err().code();
        assert_eq!(ErrorCode::ServiceMethodNotFound, code, "{path}");
    }
}

#[tokio::test]
async fn a_post_reaches_the_only_method_of_another_verb() {
    let kit = orders().await;
    let client = kit.anonymous();
    let newest = client.invoke("orders", "/newest", Json::Null).await;
    assert_eq!(json!("the newest"), newest.unwrap());
    let body = json!({"text": "tea", "numbers": [1]});
    let found = client.invoke("orders", "/find/Large", body).await.unwrap();
    assert_eq!(json!(["Large", "tea", null, null, [1], null]), found);
    let find = call(Verb::Post, "/find/Large", &[("text", "tea"), ("page", "3")]);
    let find = find.with_body(ServiceBody::Json(json!({"page": 4})));
    let found = answer(&client, find).await.unwrap();
    assert_eq!(json!(["Large", "tea", 4, null, null, null]), found);
    let typo = client.invoke("orders", "/newest", json!({"x": 1})).await;
    refused(typo, ErrorCode::WrongArguments, &["no argument 'x'"]);

    let code = ErrorCode::ServiceMethodNotFound;
    let of_two = client.invoke("orders", "/7/note", json!({})).await;
    refused(of_two, code, &["there it takes PATCH, DELETE"]);
    // No other verb stands in for any.
    let other = answer(&client, call(Verb::Put, "/newest/", &[])).await;
    refused(other, ErrorCode::WrongArguments, &["'row'"]);
    let other = answer(&client, call(Verb::Get, "/place", &[("x", "1")])).await;
    assert_eq!(json!({"id": "place", "verbose": null}), other.unwrap());
}

#[tokio::test]
async fn an_unknown_service_or_method_is_told_with_those_there_are() {
    let kit = orders().await;
    let client = kit.anonymous();
    let unknown = client.invoke("order", "/place", json!({})).await;
    let code = ErrorCode::ServiceNotFound;
    refused(
        unknown,
        code,
        &["no service 'order'", "this app has orders"],
    );
    let unknown = client.invoke("orders", "/palce/it", json!({})).await;
    let code = ErrorCode::ServiceMethodNotFound;
    let words = ["no method POST /palce/it", "POST /place", "GET /{id}"];
    refused(unknown, code, &words);
    let unknown = answer(&client, call(Verb::Patch, "/newest", &[])).await;
    refused(unknown, code, &["there it takes GET", "GET /newest"]);

    let bare = TestKit::bare().start().await;
    let unknown = bare.anonymous().invoke("orders", "/x", json!({})).await;
    refused(unknown, ErrorCode::ServiceNotFound, &["this app has none"]);
}

#[tokio::test]
async fn services_are_listed_with_what_is_known_of_them() {
    let kit = orders().await;
    let services = kit.engine().services();
    let [service] = services.as_slice() else {
        panic!("one service: {services:?}")
    };
    assert_eq!("orders", service.name);
    assert_eq!(concat!(module_path!(), "::Orders"), service.meta.path);
    let methods = service.methods.iter().map(|method| method.info);
    let place = methods.clone().find(|method| method.path == "/place");
    let place = place.unwrap();
    assert_eq!("All kinds of named arguments.", place.description);
    let required = place.parameters.iter().filter(|one| one.required);
    let required: Vec<_> = required.map(|one| one.name).collect();
    assert_eq!(["item", "count"], required[..]);
    let names: Vec<_> = methods
        .map(|method| format!("{} {}", method.verb, method.path))
        .collect();
    let at = |name: &str| names.iter().position(|other| other == name).unwrap();
    assert!(at("GET /newest") < at("GET /{id}"), "{names:?}");
    assert!(at("GET /{id}") < at("PUT /{id}"), "{names:?}");
}
