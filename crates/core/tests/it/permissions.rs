//! Who may do what: permissions on tables, on records and on the user service.

use std::time::Duration;

use vestibule::{prelude::*, table};
use vestibule_model::{Permission, PermissionOperation, Resource};
use vestibule_storage::Change;
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::shop::{id, make, refused};

table! {
    collect = false;
    pub(super) Note { text: String, n: Int }
}

const FIND: PermissionOperation = PermissionOperation::Find;
const UPDATE: PermissionOperation = PermissionOperation::Update;
const REMOVE: PermissionOperation = PermissionOperation::Remove;
const PERMISSION: PermissionOperation = PermissionOperation::Permission;

/// Where everything is granted that nobody denies.
async fn open() -> TestKit {
    let kit = TestKit::bare().schema(&[Note]);
    kit.profile(Profile::Backendless).start().await
}

/// Where callers reach what they own.
async fn strict() -> TestKit {
    TestKit::bare().schema(&[Note]).start().await
}

fn notes() -> Resource {
    Resource::Table("Note".to_owned())
}

fn role(name: &str) -> Grantee {
    Grantee::Role(name.to_owned())
}

fn user(client: &TestClient<'_>) -> Grantee {
    Grantee::User(client.id().clone())
}

async fn say(
    kit: &TestKit,
    grantee: Grantee,
    resource: Resource,
    operation: PermissionOperation,
    access: impl Into<Option<Access>>,
) {
    let engine = kit.engine();
    let said = engine.set_permission(grantee, resource, operation, access.into());
    said.await.unwrap();
}

async fn say_of_record(
    kit: &TestKit,
    record: &str,
    grantee: Grantee,
    operation: PermissionOperation,
    access: Access,
) {
    let event = SetPermission::of_record("Note", id(record), grantee, operation, access);
    kit.code_runner().submit(event).await.unwrap();
}

async fn note(client: &TestClient<'_>, name: &str) {
    let note = record! { "objectId" => name, "text" => "secret" };
    client.submit(Create::new("Note", note)).await.unwrap();
}

/// The ids of the notes that a client finds, in ascending order.
async fn found(client: &TestClient<'_>) -> Result<Vec<String>> {
    let query = Query::new().sort_by("objectId");
    let rows = client.submit(Find::new("Note", query)).await?;
    Ok(rows
        .iter()
        .filter_map(|row| row.record().map(|record| record.id().to_string()))
        .collect())
}

async fn by_id(client: &TestClient<'_>, name: &str) -> Result<Record> {
    let find = FindById::new("Note", id(name), Query::new());
    client.submit(find).await
}

async fn update(client: &TestClient<'_>, name: &str) -> Result<Record> {
    let changes = record! { "n" => 2 };
    client.submit(Update::new("Note", id(name), changes)).await
}

#[tokio::test]
async fn a_denial_counts_at_once_for_sessions_that_exist_and_ends_when_it_is_taken_back() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    note(&ann, "A").await;
    assert_eq!(["A"], *found(&ann).await.unwrap());

    say(&kit, role("AuthenticatedUser"), notes(), FIND, Access::Deny).await;
    refused(1013, found(&ann).await);
    refused(1000, by_id(&ann, "A").await);
    assert_eq!(["A"], *found(&kit.guest().await).await.unwrap());

    say(&kit, role("AuthenticatedUser"), notes(), FIND, None).await;
    assert_eq!(["A"], *found(&ann).await.unwrap());
    assert!(kit.engine().permissions().is_empty());
}

#[tokio::test]
async fn what_is_granted_counts_where_callers_reach_only_what_they_own() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ann, "A").await;
    assert!(found(&ben).await.unwrap().is_empty());

    say(&kit, user(&ben), notes(), FIND, Access::Grant).await;
    assert_eq!(["A"], *found(&ben).await.unwrap());
    refused(1012, update(&ben, "A").await);

    say(&kit, user(&ben), notes(), UPDATE, Access::Grant).await;
    update(&ben, "A").await.unwrap();
}

#[tokio::test]
async fn the_owner_policy_leaves_each_user_the_own_records() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let guest = kit.guest().await;
    note(&ann, "A").await;
    note(&guest, "G").await;
    say(&kit, Grantee::Owner, notes(), FIND, Access::Grant).await;
    say(&kit, role("JSUser"), notes(), FIND, Access::Deny).await;

    assert_eq!(["A"], *found(&ann).await.unwrap());
    assert_eq!(["G"], *found(&guest).await.unwrap());
    refused(1013, found(&kit.anonymous()).await);
    refused(1000, by_id(&guest, "A").await);
    assert_eq!(["A", "G"], *found(&kit.code_runner()).await.unwrap());
}

#[tokio::test]
async fn a_record_says_more_than_its_table() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ann, "A").await;
    note(&ann, "B").await;
    note(&ben, "C").await;

    say_of_record(&kit, "A", user(&ben), FIND, Access::Grant).await;
    assert_eq!(["A", "C"], *found(&ben).await.unwrap());
    refused(1012, update(&ben, "A").await);

    say_of_record(&kit, "A", Grantee::AllUsers, UPDATE, Access::Grant).await;
    update(&ben, "A").await.unwrap();
    refused(1014, ben.submit(Remove::new("Note", id("A"))).await);

    say_of_record(&kit, "C", Grantee::AllUsers, FIND, Access::Deny).await;
    assert_eq!(["A"], *found(&ben).await.unwrap());
    refused(1000, by_id(&ben, "C").await);
    say_of_record(&kit, "C", user(&ben), FIND, Access::Grant).await;
    assert_eq!(["A", "C"], *found(&ben).await.unwrap());
}

#[tokio::test]
async fn a_custom_role_opens_a_table_and_taking_it_away_closes_it() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ann, "A").await;
    kit.engine().create_role("Support").await.unwrap();
    let assign = AssignRole::new(ben.id(), "Support");
    let runner = kit.code_runner();
    runner.submit_as_code_runner(assign).await.unwrap();
    say(&kit, role("Support"), Resource::Data, FIND, Access::Grant).await;
    assert_eq!(["A"], *found(&ben).await.unwrap());

    kit.engine().drop_role("Support").await.unwrap();
    assert!(found(&ben).await.unwrap().is_empty());
    assert!(kit.engine().permissions().is_empty());
}

#[tokio::test]
async fn permissions_are_there_after_a_restart() {
    let kit = open().await;
    say(&kit, role("JSUser"), notes(), FIND, Access::Deny).await;
    make(&kit, "Note", vec![record! { "objectId" => "A" }]).await;
    say_of_record(&kit, "A", Grantee::AllRoles, UPDATE, Access::Deny).await;
    let before = kit.engine().permissions();

    let kit = kit.restart(Duration::from_secs(1)).await;
    assert_eq!(before, kit.engine().permissions());
    let ann = kit.user("ann@example.com").await;
    // A record could grant what its table denies, so this is no refusal.
    assert!(found(&ann).await.unwrap().is_empty());
    say(&kit, role("JSUser"), notes(), FIND, None).await;
    refused(1012, update(&ann, "A").await);
}

#[tokio::test]
async fn permissions_go_with_their_table_and_with_their_user() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    say(&kit, user(&ann), notes(), FIND, Access::Deny).await;
    say(&kit, role("JSUser"), notes(), REMOVE, Access::Deny).await;

    let gone = RemoveUser::new(ann.id().clone());
    kit.code_runner().submit(gone).await.unwrap();
    let left: Vec<_> = kit.engine().permissions();
    let expected = Permission {
        grantee: role("JSUser"),
        resource: notes(),
        operation: REMOVE,
        access: Access::Deny,
    };
    assert_eq!([expected], *left);

    kit.engine().drop_table("Note").await.unwrap();
    assert!(kit.engine().permissions().is_empty());
    kit.engine().create_table("Note").await.unwrap();
    assert!(kit.engine().permissions().is_empty());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let engine = kit.engine();
    let nobody = Grantee::User(id("nobody"));
    let unknown = Resource::Table("Unknown".to_owned());
    let server = role("ServerCodeUser");
    for (code, key, grantee, resource, operation) in [
        (2005, "role", role("Unknown"), notes(), FIND),
        (2005, "role", role("jsuser"), notes(), FIND),
        (3057, "user", nobody, notes(), FIND),
        (1009, "resource", role("JSUser"), unknown, FIND),
        (2003, "operation", role("JSUser"), Resource::Users, FIND),
        (
            2003,
            "operation",
            Grantee::Owner,
            notes(),
            PermissionOperation::Add,
        ),
        (8008, "owner", Grantee::Owner, Resource::Data, FIND),
        (8008, "user", user(&ann), Resource::Data, FIND),
        (8008, "role", server, notes(), FIND),
    ] {
        let denied = engine.set_permission(grantee, resource, operation, Some(Access::Deny));
        let error = denied.await.unwrap_err();
        assert_eq!(code, error.code().number(), "{error}");
        assert!(error.message().starts_with(key), "{error}");
    }
    assert!(engine.permissions().is_empty());
    assert!(found(&ann).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_takes_anything_from_server_code() {
    let kit = open().await;
    make(&kit, "Note", vec![record! { "objectId" => "A" }]).await;
    let server = || role("ServerCodeUser");
    let runner = kit.code_runner();
    let of_record = SetPermission::of_record("Note", id("A"), server(), FIND, Access::Deny);
    refused(1024, runner.submit(of_record).await);
    let of_table = SetPermission::of_table("Note", server(), FIND, Access::Deny);
    refused(1024, runner.submit(of_table).await);

    for operation in PermissionOperation::OF_RECORDS {
        for grantee in [Grantee::AllRoles, Grantee::AllUsers] {
            say_of_record(&kit, "A", grantee.clone(), operation, Access::Deny).await;
            let of_table = SetPermission::of_table("Note", grantee, operation, Access::Deny);
            runner.submit(of_table).await.unwrap();
        }
    }
    assert_eq!(["A"], *found(&runner).await.unwrap());
    update(&runner, "A").await.unwrap();
    runner.submit(Remove::new("Note", id("A"))).await.unwrap();
}

#[tokio::test]
async fn the_owner_of_a_record_shares_it_and_nobody_else_does() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ann, "A").await;
    let share = |grantee| SetPermission::of_record("Note", id("A"), grantee, FIND, Access::Grant);

    refused(1000, ben.submit(share(user(&ben))).await);
    refused(1000, kit.anonymous().submit(share(user(&ben))).await);
    ann.submit(share(user(&ben))).await.unwrap();
    assert_eq!(["A"], *found(&ben).await.unwrap());
    refused(1023, ben.submit(share(Grantee::AllRoles)).await);
    assert!(by_id(&kit.anonymous(), "A").await.is_err());

    let of_table = |access| SetPermission::of_table("Note", Grantee::AllRoles, FIND, access);
    refused(1023, ann.submit(of_table(Access::Grant)).await);
    say(&kit, user(&ann), notes(), PERMISSION, Access::Grant).await;
    ann.submit(of_table(Access::Grant)).await.unwrap();
    assert_eq!(["A"], *found(&kit.anonymous()).await.unwrap());
}

#[tokio::test]
async fn who_took_a_record_from_everybody_can_give_it_back() {
    let kit = open().await;
    let anonymous = kit.anonymous();
    note(&anonymous, "A").await;
    let say = |access| SetPermission::of_record("Note", id("A"), Grantee::AllRoles, FIND, access);
    anonymous.submit(say(Access::Deny)).await.unwrap();
    refused(1000, by_id(&anonymous, "A").await);
    anonymous.submit(say(Access::Grant)).await.unwrap();
    by_id(&anonymous, "A").await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_said_of_a_record_is_refused() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    note(&ann, "A").await;
    let nobody = Grantee::User(id("nobody"));
    for (code, table, record, grantee, operation) in [
        (1009, "Unknown", "A", role("JSUser"), FIND),
        (1000, "Note", "B", role("JSUser"), FIND),
        (2003, "Note", "A", role("JSUser"), PERMISSION),
        (2005, "Note", "A", role("Unknown"), FIND),
        (3057, "Note", "A", nobody, FIND),
        (1024, "Note", "A", Grantee::Owner, FIND),
    ] {
        let event = SetPermission::of_record(table, id(record), grantee, operation, Access::Deny);
        refused(code, ann.submit(event).await);
    }
    by_id(&kit.anonymous(), "A").await.unwrap();
    let of_users = SetPermission::of_table(
        "Note",
        role("JSUser"),
        PermissionOperation::Register,
        Access::Deny,
    );
    refused(2003, ann.submit(of_users).await);
    assert!(kit.engine().permissions().is_empty());
}

#[before(collect = false, table = "Note")]
async fn tell_the_boss(event: &mut SetPermission, _ctx: &Context) -> Result<Flow<SetPermission>> {
    if event.access == Access::Grant && event.grantee == Grantee::AllRoles {
        return Err(Error::forbidden("notes are shared with one at a time"));
    }
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_handler_decides_about_permissions_too_and_server_code_sets_them() {
    let kit = TestKit::with::<tell_the_boss>().schema(&[Note]);
    let kit = kit.start().await;
    let ann = kit.user("ann@example.com").await;
    note(&ann, "A").await;
    let share = SetPermission::of_record("Note", id("A"), Grantee::AllRoles, FIND, Access::Grant);
    refused(2000, ann.submit(share).await);
    let strangers = kit.guest().await;
    assert!(by_id(&strangers, "A").await.is_err());
}

#[after(collect = false, table = "Note")]
async fn share_with_everybody(
    _event: &Create,
    outcome: Outcome<Create>,
    ctx: &Context,
) -> Outcome<Create> {
    let record = outcome?;
    let notes = ctx.cloud().data("Note");
    notes.grant(record.id(), FIND, Grantee::AllUsers).await?;
    notes
        .deny(record.id(), FIND, role("NotAuthenticatedUser"))
        .await?;
    Ok(record)
}

#[tokio::test]
async fn server_code_says_who_may_find_what_was_just_made() {
    let kit = TestKit::with::<share_with_everybody>().schema(&[Note]);
    let kit = kit.start().await;
    note(&kit.user("ann@example.com").await, "A").await;
    assert_eq!(["A"], *found(&kit.guest().await).await.unwrap());
    refused(1000, by_id(&kit.anonymous(), "A").await);
}

#[tokio::test]
async fn every_permission_that_is_set_is_written_down() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    note(&ann, "A").await;
    say(&kit, role("JSUser"), notes(), FIND, Access::Grant).await;
    say(&kit, user(&ann), notes(), FIND, None).await;
    let share = SetPermission::of_record("Note", id("A"), user(&ann), FIND, Access::Grant);
    ann.submit(share).await.unwrap();

    let trail = kit.engine().audit_trail(0, 3).await.unwrap();
    let actions: Vec<_> = trail.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(
        [
            "setPermission GRANT FIND data:Note/A",
            "setPermission INHERIT FIND data:Note",
            "setPermission GRANT FIND data:Note JSUser",
        ],
        *actions
    );
    let subjects: Vec<_> = trail.iter().map(|record| record.subject.clone()).collect();
    let of_ann = Some(ann.id().clone());
    assert_eq!([of_ann.clone(), of_ann.clone(), None], *subjects);
    assert_eq!(of_ann, trail[0].caller);
}

#[tokio::test]
async fn there_are_ten_thousand_permissions_at_most() {
    let kit = open().await;
    let put = |number: usize| Change::PutPermission {
        grantee: role("JSUser"),
        resource: Resource::Event(format!("event{number}")),
        operation: PermissionOperation::Execute,
        access: Some(Access::Deny),
    };
    let changes = (0..10_000).map(put).collect();
    kit.storage().apply(changes).await.unwrap();
    let kit = kit.restart(Duration::from_secs(1)).await;

    let engine = kit.engine();
    let more = engine.set_permission(role("JSUser"), notes(), FIND, Some(Access::Deny));
    refused(8008, more.await);
    let less = Resource::Event("event7".to_owned());
    say(
        &kit,
        role("JSUser"),
        less,
        PermissionOperation::Execute,
        None,
    )
    .await;
    say(&kit, role("JSUser"), notes(), FIND, Access::Deny).await;
    say(&kit, role("JSUser"), notes(), FIND, Access::Grant).await;
}
