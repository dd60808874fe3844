//! What permissions make of operations on records: what is refused, with which code, and when.

use serde_json::json;
use vestibule::{prelude::*, table};
use vestibule_model::{
    GroupQuery, PermissionOperation,
    PermissionOperation::{
        Add, Find as FIND, Remove as REMOVE, Update as UPDATE, Upsert as UPSERT,
    },
    Resource,
};
use vestibule_testkit::{Profile, TestClient, TestKit, TestKitBuilder};

use crate::{
    records::props,
    shop::{id, make, refused},
};

table! {
    collect = false;
    pub(super) Note { text: String, n: Int }
}

/// Where everything is granted that nobody denies.
async fn open(builder: TestKitBuilder) -> TestKit {
    let kit = builder.schema(&[Note]).profile(Profile::Backendless);
    kit.start().await
}

/// Where callers reach what they own.
async fn strict() -> TestKit {
    TestKit::bare().schema(&[Note]).start().await
}

/// Says of users and guests what they may do with notes.
pub(super) async fn say(
    kit: &TestKit,
    grantee: Grantee,
    table: &str,
    operations: &[PermissionOperation],
    access: Access,
) {
    for operation in operations {
        let resource = Resource::Table(table.to_owned());
        let said = kit
            .engine()
            .set_permission(grantee.clone(), resource, *operation, Some(access));
        said.await.unwrap();
    }
}

pub(super) fn users() -> Grantee {
    Grantee::Role("AuthenticatedUser".to_owned())
}

async fn deny(kit: &TestKit, operations: &[PermissionOperation]) {
    say(kit, users(), "Note", operations, Access::Deny).await;
}

async fn note(client: &TestClient<'_>, name: &str) {
    let note = record! { "objectId" => name, "text" => "mine" };
    client.submit(Create::new("Note", note)).await.unwrap();
}

fn by_id(name: &str) -> FindById {
    FindById::new("Note", id(name), Query::new())
}

fn change(name: &str) -> Update {
    Update::new("Note", id(name), record! { "n" => 2 })
}

fn upsert(name: &str) -> Upsert {
    Upsert::new("Note", record! { "objectId" => name, "n" => 3 })
}

#[tokio::test]
async fn who_may_find_nothing_is_refused_lists_with_1013_and_single_records_with_1000() {
    let kit = open(TestKit::bare()).await;
    let ann = kit.user("ann@example.com").await;
    note(&ann, "A").await;
    deny(&kit, &[FIND]).await;
    let every = || "n is null";
    let by_text = || GroupQuery {
        query: Query {
            group_by: vec!["text".to_owned()],
            ..Query::new()
        },
        ..GroupQuery::default()
    };
    refused(1013, ann.submit(Find::new("Note", Query::new())).await);
    refused(1013, ann.submit(Count::new("Note", Query::new())).await);
    refused(1013, ann.submit(Group::new("Note", by_text())).await);
    refused(1013, ann.submit(CountInGroup::new("Note", by_text())).await);
    let values = || record! { "n" => 1 };
    refused(
        1013,
        ann.submit(BulkUpdate::new("Note", every(), values())).await,
    );
    refused(1013, ann.submit(BulkRemove::new("Note", every())).await);
    for name in ["A", "nobody"] {
        refused(1000, ann.submit(by_id(name)).await);
        refused(1000, ann.submit(change(name)).await);
        refused(1000, ann.submit(Remove::new("Note", id(name))).await);
    }
}

#[tokio::test]
async fn a_record_that_may_be_found_and_not_changed_is_1012_and_1014() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ann, "A").await;
    let of_ben = Grantee::User(ben.id().clone());
    say(&kit, of_ben, "Note", &[FIND], Access::Grant).await;

    ben.submit(by_id("A")).await.unwrap();
    refused(1012, ben.submit(change("A")).await);
    refused(1014, ben.submit(Remove::new("Note", id("A"))).await);
    refused(1012, ben.submit(upsert("A")).await);
    let rows = || vec![props(json!({ "objectId": "A", "n": 3 }))];
    refused(1012, ben.submit(BulkUpsert::new("Note", rows())).await);
    refused(
        1012,
        ben.submit(DeepSave::new("Note", rows().remove(0))).await,
    );
    refused(1000, ben.submit(change("nobody")).await);
    refused(1000, ben.submit(Remove::new("Note", id("nobody"))).await);
    assert_eq!(
        None,
        ann.submit(by_id("A")).await.unwrap().get("n").as_integer()
    );
    ann.submit(change("A")).await.unwrap();
}

#[tokio::test]
async fn bulk_forms_leave_out_what_may_be_found_and_not_changed() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    note(&ann, "A").await;
    note(&ben, "B").await;
    let of_ben = Grantee::User(ben.id().clone());
    say(&kit, of_ben, "Note", &[FIND], Access::Grant).await;

    let every = Query::matching("text = 'mine'");
    assert_eq!(2, ben.submit(Count::new("Note", every)).await.unwrap());
    let update = BulkUpdate::new("Note", "text = 'mine'", record! { "n" => 7 });
    assert_eq!(1, ben.submit(update).await.unwrap());
    let remove = BulkRemove::new("Note", "text = 'mine'");
    assert_eq!(1, ben.submit(remove).await.unwrap());
    assert_eq!(
        None,
        ann.submit(by_id("A")).await.unwrap().get("n").as_integer()
    );

    deny(&kit, &[UPDATE, REMOVE]).await;
    let update = BulkUpdate::new("Note", "n = 7", record! { "n" => 8 });
    refused(1012, ben.submit(update).await);
    refused(1014, ben.submit(BulkRemove::new("Note", "n = 7")).await);
}

#[tokio::test]
async fn who_may_not_add_makes_no_record_by_any_way() {
    let kit = open(TestKit::bare()).await;
    let ann = kit.user("ann@example.com").await;
    note(&ann, "A").await;
    deny(&kit, &[Add]).await;
    let row = || record! { "n" => 1 };
    refused(1011, ann.submit(Create::new("Note", row())).await);
    refused(1011, ann.submit(BulkCreate::new("Note", vec![row()])).await);
    refused(1011, ann.submit(Upsert::new("Note", row())).await);
    refused(1011, ann.submit(upsert("new")).await);
    refused(1011, ann.submit(BulkUpsert::new("Note", vec![row()])).await);
    let new = || vec![record! { "objectId" => "new" }];
    refused(1011, ann.submit(BulkUpsert::new("Note", new())).await);
    refused(1011, ann.submit(DeepSave::new("Note", row())).await);

    // To change what is there is something else.
    let known = vec![record! { "objectId" => "A", "n" => 1 }];
    ann.submit(BulkUpsert::new("Note", known)).await.unwrap();
    ann.submit(upsert("A")).await.unwrap();
    deny(&kit, &[UPDATE]).await;
    refused(1012, ann.submit(upsert("A")).await);
    refused(1011, ann.submit(upsert("new")).await);
    deny(&kit, &[UPSERT]).await;
    refused(1134, ann.submit(upsert("A")).await);
    let known = vec![record! { "objectId" => "A", "n" => 1 }];
    refused(1134, ann.submit(BulkUpsert::new("Note", known)).await);
}

#[tokio::test]
async fn an_upsert_by_whoever_may_not_add_tells_nothing_of_records_that_may_not_be_found() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    make(&kit, "Note", vec![record! { "objectId" => "hidden" }]).await;
    deny(&kit, &[Add]).await;
    for name in ["hidden", "nobody"] {
        refused(1011, ann.submit(upsert(name)).await);
        let rows = vec![record! { "objectId" => name }];
        refused(1011, ann.submit(BulkUpsert::new("Note", rows)).await);
    }
}

#[tokio::test]
async fn who_made_what_may_not_be_found_is_answered_what_was_made() {
    let kit = open(TestKit::bare()).await;
    let ann = kit.user("ann@example.com").await;
    deny(&kit, &[FIND]).await;
    let row = || record! { "text" => "a complaint" };
    for made in [
        ann.submit(Create::new("Note", row())).await.unwrap(),
        ann.submit(Upsert::new("Note", row())).await.unwrap(),
        ann.submit(DeepSave::new("Note", row())).await.unwrap(),
    ] {
        assert_eq!(Some("a complaint"), made.get("text").as_text());
        assert_eq!(Some(ann.id().as_str()), made.owner_id());
        refused(1000, ann.submit(by_id(made.id().as_str())).await);
    }
}

#[tokio::test]
async fn who_may_find_nothing_is_not_told_which_tables_there_are() {
    let kit = strict().await;
    let nobody = kit.anonymous();
    for table in ["Note", "Nowhere"] {
        let find = FindById::new(table, id("A"), Query::new());
        refused(1000, nobody.submit(find).await);
        let load = LoadRelations::new(table, id("A"), "none", Query::new());
        refused(1000, nobody.submit(load).await);
        refused(1013, nobody.submit(Find::new(table, Query::new())).await);
        refused(1000, nobody.submit(Remove::new(table, id("A"))).await);
        let no_record = || record! { "nope" => 1 };
        refused(1011, nobody.submit(DeepSave::new(table, no_record())).await);
        let mut known = no_record();
        known.extend(record! { "objectId" => "A" });
        refused(1000, nobody.submit(DeepSave::new(table, known)).await);
    }
}

#[tokio::test]
async fn nobody_is_asked_of_server_code() {
    let kit = open(TestKit::bare()).await;
    let everybody = Grantee::AllRoles;
    say(&kit, everybody, "Note", &[FIND, Add, UPDATE], Access::Deny).await;
    note(&kit.code_runner(), "A").await;
    let runner = kit.code_runner();
    runner.submit(change("A")).await.unwrap();
    assert_eq!(
        1,
        runner
            .submit(Count::new("Note", Query::new()))
            .await
            .unwrap()
    );
    refused(
        1013,
        kit.anonymous()
            .submit(Count::new("Note", Query::new()))
            .await,
    );
}

#[before(collect = false)]
async fn watch_find(_event: &mut Find, _ctx: &Context) -> Result<Flow<Find>> {
    Ok(Flow::Continue)
}

#[before(collect = false, table = "Note")]
async fn watch_create(_event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    Ok(Flow::Continue)
}

#[before(collect = false, table = "Note")]
async fn watch_update(_event: &mut Update, _ctx: &Context) -> Result<Flow<Update>> {
    Ok(Flow::Continue)
}

#[before(collect = false, table = "Note")]
async fn watch_remove(_event: &mut Remove, _ctx: &Context) -> Result<Flow<Remove>> {
    Ok(Flow::Continue)
}

#[before(collect = false, table = "Note")]
async fn watch_upsert(_event: &mut Upsert, _ctx: &Context) -> Result<Flow<Upsert>> {
    Ok(Flow::Continue)
}

#[before(collect = false, table = "Note")]
async fn watch_deep_save(_event: &mut DeepSave, _ctx: &Context) -> Result<Flow<DeepSave>> {
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn watch_find_by_id(_event: &mut FindById, _ctx: &Context) -> Result<Flow<FindById>> {
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn watch_load(_event: &mut LoadRelations, _ctx: &Context) -> Result<Flow<LoadRelations>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_role_that_may_not_reaches_no_handler_and_still_hears_1000_of_what_is_hidden() {
    let watched = TestKit::with::<watch_find>()
        .and::<watch_create>()
        .and::<watch_update>()
        .and::<watch_remove>()
        .and::<watch_upsert>()
        .and::<watch_deep_save>()
        .and::<watch_find_by_id>()
        .and::<watch_load>();
    let kit = open(watched).await;
    make(&kit, "Note", vec![record! { "objectId" => "A" }]).await;
    kit.expect_calls([(concat!(module_path!(), "::watch_create"), 1)]);
    let ann = kit.user("ann@example.com").await;
    deny(&kit, &[Add, UPDATE, REMOVE, UPSERT]).await;

    refused(1011, ann.submit(Create::new("Note", record! {})).await);
    refused(1012, ann.submit(change("A")).await);
    refused(1000, ann.submit(change("nobody")).await);
    refused(1014, ann.submit(Remove::new("Note", id("A"))).await);
    refused(1000, ann.submit(Remove::new("Note", id("nobody"))).await);
    refused(1134, ann.submit(upsert("A")).await);
    let deep = |json| DeepSave::new("Note", props(json));
    refused(1011, ann.submit(deep(json!({ "n": 1 }))).await);
    refused(
        1012,
        ann.submit(deep(json!({ "objectId": "A", "n": 1 }))).await,
    );
    refused(
        1000,
        ann.submit(deep(json!({ "objectId": "x", "n": 1 }))).await,
    );
    refused(1011, ann.submit(deep(json!({ "nope": 1 }))).await);
    deny(&kit, &[FIND]).await;
    refused(1013, ann.submit(Find::new("Note", Query::new())).await);
    refused(1000, ann.submit(change("A")).await);
    refused(1000, ann.submit(by_id("A")).await);
    refused(1000, ann.submit(deep(json!({ "objectId": "A" }))).await);
    let load = LoadRelations::new("Note", id("A"), "none", Query::new());
    refused(1000, ann.submit(load).await);
    kit.expect_no_other_calls();
}

#[tokio::test]
async fn columns_are_described_to_whom_it_is_granted() {
    let kit = strict().await;
    let ann = kit.user("ann@example.com").await;
    let describe = async |client: &TestClient<'_>, table: &str| {
        let request = client.request().await;
        kit.engine().describe_table(request, table).await
    };
    for (client, table) in [(&ann, "Note"), (&kit.anonymous(), "Users"), (&ann, "No")] {
        refused(1015, describe(client, table).await);
    }
    refused(2000, kit.engine().describe_users(ann.request().await).await);
    say(
        &kit,
        users(),
        "Note",
        &[PermissionOperation::Describe],
        Access::Grant,
    )
    .await;
    let columns = describe(&ann, "Note").await.unwrap().columns;
    assert!(columns.iter().any(|column| column.name == "text"));
    describe(&kit.code_runner(), "Users").await.unwrap();
}
