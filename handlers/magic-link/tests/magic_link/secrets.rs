//! Who sees what: of links, nobody but the mailbox and server code.

use std::sync::Mutex;

use magic_link::SendMagicLink;
use serde_json::json;
use vestibule::prelude::*;
use vestibule_testkit::{Profile, TestKit};

use crate::app::{ANN, redeem, send, stored, token_for};

#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

#[observe(collect = false)]
async fn write_down(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let notes = witness.state::<Seen>();
    let note = format!("{} {} {}", seen.event, seen.input, seen.output);
    notes.0.lock().unwrap().push(note);
    Ok(())
}

#[tokio::test]
async fn observers_see_neither_the_token_nor_the_session() {
    let kit = TestKit::all().and::<write_down>().start().await;
    kit.register(ANN).await;
    let token = token_for(&kit, ANN).await;
    let login = redeem(&kit, &token).await.unwrap();
    let session = login["user-token"].as_str().unwrap();
    let notes = kit.state::<Seen>();
    let notes = notes.0.lock().unwrap();
    for event in ["invokeService", "requestMagicLink", "sendMagicLink"] {
        assert!(notes.iter().any(|note| note.starts_with(event)), "{event}");
    }
    for note in notes.iter() {
        assert!(!note.contains(&token), "{note}");
        assert!(!note.contains(session), "{note}");
    }
}

#[tokio::test]
async fn the_database_has_no_token() {
    let kit = TestKit::all().start().await;
    kit.register(ANN).await;
    let token = token_for(&kit, ANN).await;
    let rows = Find::new("MagicLink", Query::new());
    let rows = kit.code_runner().submit(rows).await.unwrap();
    assert_eq!(1, rows.len());
    assert!(!format!("{rows:?}").contains(&token));
}

#[test]
fn a_link_is_printed_by_nobody() {
    let link = SendMagicLink {
        user_id: "A".to_owned(),
        email: ANN.to_owned(),
        token: Secret::new("a token".to_owned()),
        url: Secret::new("https://example.com#a token".to_owned()),
    };
    let printed = format!("{link:?} {}", json!(link));
    assert!(!printed.contains("a token"), "{printed}");
}

#[tokio::test]
async fn nobody_but_server_code_sees_or_changes_the_links_whatever_the_profile() {
    for profile in [Profile::Strict, Profile::Backendless] {
        let kit = TestKit::all().profile(profile).start().await;
        let ann = kit.user(ANN).await;
        // She asks for it herself, so the row is hers by its owner.
        let answer = ann
            .invoke("magic-link", "send", json!({ "email": ANN }))
            .await;
        answer.unwrap();
        kit.settled().await;

        let row = || ann.id().clone();
        let forged = || record! { "objectId" => row(), "hash" => "00", "email" => ANN };
        for client in [kit.anonymous(), kit.guest().await, ann.clone()] {
            let find = client.submit(Find::new("MagicLink", Query::new())).await;
            assert!(find.is_err(), "{find:?}");
            let find = client.submit(FindById::new("MagicLink", row(), Query::new()));
            assert!(find.await.is_err());
            let count = client.submit(Count::new("MagicLink", Query::new())).await;
            assert!(count.is_err(), "{count:?}");
            let create = client.submit(Create::new("MagicLink", forged())).await;
            assert!(create.is_err(), "{create:?}");
            let update = client
                .submit(Update::new("MagicLink", row(), forged()))
                .await;
            assert!(update.is_err(), "{update:?}");
            let upsert = client.submit(Upsert::new("MagicLink", forged())).await;
            assert!(upsert.is_err(), "{upsert:?}");
            let remove = client.submit(Remove::new("MagicLink", row())).await;
            assert!(remove.is_err(), "{remove:?}");
            let all = "objectId is not null";
            let remove = client.submit(BulkRemove::new("MagicLink", all)).await;
            assert!(remove.is_err(), "{remove:?}");
            let update = BulkUpdate::new("MagicLink", all, record! { "email" => ANN });
            assert!(client.submit(update).await.is_err());
        }
        assert_eq!(1, stored(&kit).await);
    }
}

#[tokio::test]
async fn a_link_that_was_asked_for_by_somebody_else_is_the_users_all_the_same() {
    let kit = TestKit::all().start().await;
    kit.register(ANN).await;
    let mallory = kit.user("mallory@example.com").await;
    let answer = mallory.invoke("magic-link", "send", json!({ "email": ANN }));
    answer.await.unwrap();
    kit.settled().await;
    assert_eq!(ANN, kit.mails().await[0].to);
    send(&kit, "mallory@example.com").await.unwrap();
    assert_eq!(2, kit.mails().await.len());
}
