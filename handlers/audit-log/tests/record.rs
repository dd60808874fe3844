//! `record` as the operator reads it.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use audit_log::record;
use serde_json::Value as Json;
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

fn lines(kit: &TestKit) -> Vec<Json> {
    let path = kit.folder().join("audit-log").join("events.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn every_call_becomes_a_line_whether_it_worked_out_or_not() {
    let kit = TestKit::with::<record>().start().await;
    let visitor = kit.anonymous().from("192.0.2.7");
    visitor.submit(LoginAsGuest::default()).await.unwrap();
    visitor
        .submit(Login::new("nobody@example.com", "guess"))
        .await
        .unwrap_err();

    let lines = lines(&kit);
    assert_eq!(2, lines.len());
    assert_eq!("loginAsGuest", lines[0]["event"]);
    assert_eq!("GUEST", lines[0]["output"]["userStatus"]);
    assert_eq!("192.0.2.7", lines[0]["address"]);
    assert_eq!(
        (&Json::from("login"), &Json::from(3003)),
        (&lines[1]["event"], &lines[1]["error_code"])
    );
    kit.expect_calls([("audit_log::record", 2)]);
}

#[tokio::test]
async fn no_password_and_no_token_is_ever_written() {
    let kit = TestKit::with::<record>().start().await;
    let user = kit.user("ann@example.com").await;
    user.submit(Login::new("ann@example.com", "secret-guess"))
        .await
        .unwrap_err();
    let changes = record! { "password" => "secret-new" };
    user.submit(UpdateUser::new(user.id().clone(), changes))
        .await
        .unwrap();

    let text = std::fs::read_to_string(kit.folder().join("audit-log/events.jsonl")).unwrap();
    let token = user.token().reveal();
    let verifier = token.split_once('.').unwrap().1;
    for secret in ["secret", verifier] {
        assert!(!text.contains(secret), "{secret} stands in the log: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_end_at_once_are_all_written() {
    let kit = TestKit::with::<record>().start().await;
    let request = kit.anonymous().request().await;
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let (engine, request) = (kit.engine().clone(), request.clone());
            tokio::spawn(async move { engine.submit(request, Logout::default()).await.outcome })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    kit.engine().observed().await;

    let lines = lines(&kit);
    assert_eq!(100, lines.len());
    assert!(lines.iter().all(|line| line["event"] == "logout"));
    kit.expect_calls([("audit_log::record", 100)]);
}

#[tokio::test]
async fn a_line_that_is_lost_hurts_no_call_and_the_operator_is_told() {
    let kit = TestKit::with::<record>().start().await;
    let in_the_way = kit.folder().join("audit-log");
    std::fs::write(&in_the_way, "no folder").unwrap();
    let visitor = kit.anonymous();
    visitor.submit(Logout::default()).await.unwrap();
    let failure = kit.engine().handlers()[0].stats.last_failure().unwrap();
    assert!(
        failure
            .error
            .starts_with("a line of the audit log is lost: "),
        "{}",
        failure.error
    );

    std::fs::remove_file(&in_the_way).unwrap();
    visitor.submit(LoginAsGuest::default()).await.unwrap();
    let lines = lines(&kit);
    assert_eq!(
        vec!["loginAsGuest"],
        lines.iter().map(|line| &line["event"]).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_book_is_left_out_and_the_rest_of_its_line_stays() {
    let kit = TestKit::with::<record>().start().await;
    let book = "x".repeat(9000);
    let guest = LoginAsGuest {
        properties: Properties::from([("book".to_owned(), Value::from(&*book))]),
    };
    kit.anonymous().submit(guest).await.unwrap();

    let line = &lines(&kit)[0];
    assert!(line["input"]["left_out_bytes"].as_u64().unwrap() > 9000);
    assert_eq!("loginAsGuest", line["event"]);
}
