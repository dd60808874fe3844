//! Permissions that change while calls run, and what is left of them when what they were about goes.

use serde_json::json;
use vestibule::{prelude::*, table};
use vestibule_model::{
    KeyKind,
    PermissionOperation::{
        Find as FIND, Permission as PERMISSION, Remove as REMOVE, Update as UPDATE,
    },
    Resource,
};
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::{
    permits_records::{say, users},
    records::props,
    shop::{id, refused},
};

table! {
    collect = false;
    Note { text: Text, n: Int, next -> Note }
}

async fn open() -> TestKit {
    let kit = TestKit::bare().schema(&[Note]);
    kit.profile(Profile::Backendless).start().await
}

async fn note(client: &TestClient<'_>, name: &str) {
    let note = record! { "objectId" => name, "text" => "mine" };
    client.submit(Create::new("Note", note)).await.unwrap();
}

fn by_id(name: &str) -> FindById {
    FindById::new("Note", id(name), Query::new())
}

/// Users find and change what they own, and nothing else.
async fn leave_owners_their_own(kit: &TestKit) {
    say(kit, users(), "Note", &[FIND, UPDATE], Access::Deny).await;
    let owner = Grantee::Owner;
    say(kit, owner, "Note", &[FIND, UPDATE], Access::Grant).await;
}

#[tokio::test]
async fn who_gives_a_record_away_is_answered_what_was_written() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    for name in ["A", "B", "C"] {
        note(&ann, name).await;
    }
    leave_owners_their_own(&kit).await;

    // With the key of server code a user may name another owner, and is bound by permissions.
    let giver = ann.clone().with_key(KeyKind::Bl);
    let to_ben = |name: Option<&str>| {
        let owner = ben.id().as_str();
        match name {
            Some(name) => record! { "objectId" => name, "ownerId" => owner },
            None => record! { "ownerId" => owner },
        }
    };
    let deep = props(json!({ "objectId": "C", "ownerId": ben.id().as_str(), "n": 1 }));
    for given in [
        giver
            .submit(Update::new("Note", id("A"), to_ben(None)))
            .await,
        giver.submit(Upsert::new("Note", to_ben(Some("B")))).await,
        giver.submit(DeepSave::new("Note", deep)).await,
    ] {
        let given = given.unwrap();
        assert_eq!(Some(ben.id().as_str()), given.owner_id());
        assert_eq!(Some("mine"), given.get("text").as_text());
        refused(1000, giver.submit(by_id(given.id().as_str())).await);
        ben.submit(by_id(given.id().as_str())).await.unwrap();
    }
}

#[tokio::test]
async fn who_waited_behind_the_one_who_took_it_away_sets_no_permission() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let notes = || Resource::Table("Note".to_owned());
    let set = |grantee, operation, access| {
        let engine = kit.engine();
        engine.set_permission(grantee, notes(), operation, Some(access))
    };
    let others = (0..20).map(|_| set(Grantee::Owner, FIND, Access::Grant));
    let others = futures::future::join_all(others);
    let denied = set(users(), PERMISSION, Access::Deny);
    let of_ann = Grantee::User(ann.id().clone());
    let granted = SetPermission::of_table("Note", of_ann, PERMISSION, Access::Grant);
    let (_, denied, granted) = tokio::join!(others, denied, ann.submit(granted));
    denied.unwrap();

    // Whoever comes first, no grant of Ann's follows the denial.
    if let Err(error) = granted {
        assert_eq!(1023, error.code().number());
    }
    let trail = kit.engine().audit_trail(0, 1).await.unwrap();
    assert_eq!(
        "setPermission DENY PERMISSION data:Note AuthenticatedUser",
        trail[0].action
    );
}

#[tokio::test]
async fn a_permission_that_is_taken_away_ends_what_is_done_in_slices() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    for number in 0..40 {
        note(&ann, &format!("note{number}")).await;
    }
    // So large that each record is a slice of its own.
    let large = record! { "text" => "x".repeat(300 * 1024) };
    let all = BulkUpdate::new("Note", "objectId is not null", large);
    let deny = say(&kit, users(), "Note", &[UPDATE], Access::Deny);
    let (changed, ()) = tokio::join!(ann.submit(all), deny);
    let changed = changed.unwrap();
    assert!(changed < 40, "{changed}");
}

#[tokio::test]
async fn who_is_refused_by_rules_that_are_others_by_now_is_told_the_same() {
    let kit = TestKit::bare().schema(&[Note]).start().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ben, "B").await;
    say(&kit, users(), "Note", &[FIND], Access::Grant).await;
    let change = |_| ann.submit(Update::new("Note", id("B"), record! { "n" => 1 }));
    let flip = async {
        let of_ann = || Grantee::User(ann.id().clone());
        let notes = || Resource::Table("Note".to_owned());
        for access in [Some(Access::Deny), None].into_iter().cycle().take(40) {
            let set = kit
                .engine()
                .set_permission(of_ann(), notes(), UPDATE, access);
            set.await.unwrap();
        }
    };
    let changes = async {
        for _ in 0..20 {
            let changed = futures::future::join_all((0..4).map(change)).await;
            for outcome in changed {
                refused(1012, outcome);
            }
        }
    };
    tokio::join!(flip, changes);
}

#[tokio::test]
async fn a_record_that_comes_back_has_no_permissions_of_its_own() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let runner = kit.code_runner();
    let hide = async |name| {
        note(&runner, name).await;
        let (who, denied) = (Grantee::AllUsers, Access::Deny);
        let event = SetPermission::of_record("Note", id(name), who, FIND, denied);
        runner.submit(event).await.unwrap();
        refused(1000, ann.submit(by_id(name)).await);
    };
    hide("A").await;
    runner.submit(Remove::new("Note", id("A"))).await.unwrap();
    hide("B").await;
    let clause = "objectId = 'B'";
    runner
        .submit(BulkRemove::new("Note", clause))
        .await
        .unwrap();
    hide("C").await;
    kit.engine().drop_table("Note").await.unwrap();
    kit.engine().create_table("Note").await.unwrap();
    for name in ["A", "B", "C"] {
        let again = Create::new("Note", record! { "objectId" => name });
        runner.submit(again).await.unwrap();
        ann.submit(by_id(name)).await.unwrap();
    }
}

#[tokio::test]
async fn roles_and_users_that_come_back_have_no_permissions() {
    let kit = open().await;
    let ben = kit.user("ben@example.com").await;
    let runner = kit.code_runner();
    note(&runner, "A").await;
    let assign = async || {
        kit.engine().create_role("Support").await.unwrap();
        let assign = AssignRole::new(ben.id(), "Support");
        runner.submit_as_code_runner(assign).await.unwrap();
    };
    assign().await;
    let support = Grantee::Role("Support".to_owned());
    let of_record = SetPermission::of_record("Note", id("A"), support.clone(), FIND, Access::Deny);
    runner.submit(of_record).await.unwrap();
    say(&kit, support, "Note", &[REMOVE], Access::Deny).await;
    refused(1000, ben.submit(by_id("A")).await);
    kit.engine().drop_role("Support").await.unwrap();
    assign().await;
    ben.submit(by_id("A")).await.unwrap();

    let register = async || {
        let ann = record! {
            "objectId" => "ANN", "email" => "ann@example.com", "password" => "secret",
        };
        let reply = kit
            .engine()
            .create_record(runner.request().await, "Users", ann);
        reply.await.outcome.unwrap();
        let login = Login::new("ann@example.com", "secret");
        kit.anonymous().submit(login).await.unwrap()
    };
    let logged_in = register().await;
    let ann = Grantee::User(id("ANN"));
    let of_record = SetPermission::of_record("Note", id("A"), ann.clone(), FIND, Access::Deny);
    runner.submit(of_record).await.unwrap();
    say(&kit, ann, "Note", &[REMOVE], Access::Deny).await;
    let client = kit.anonymous().logged_in(&logged_in);
    refused(1000, client.submit(by_id("A")).await);
    runner.submit(RemoveUser::new(id("ANN"))).await.unwrap();
    let client = kit.anonymous().logged_in(&register().await);
    client.submit(by_id("A")).await.unwrap();
    assert!(kit.engine().permissions().is_empty());
}
