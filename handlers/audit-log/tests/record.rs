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
