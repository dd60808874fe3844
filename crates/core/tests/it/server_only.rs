//! Tables for server code alone: no door leads to their records but `ctx.cloud()`, the BL key without
//! a token, and the operator.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use serde_json::json;
use vestibule::{GroupStep, KeyKind, prelude::*, table};
use vestibule_core::{Caller, ClientEvent, Engine};
use vestibule_model::{PermissionOperation as Operation, Resource};
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::{
    records::props,
    shop::{id, ids, make, relate},
};

table! {
    server_only;
    collect = false;
    /// What nobody is to read.
    Mark { text: String, n: Int, pages -> [Page] }
}

table! {
    collect = false;
    Page { title: String, marks -> [Mark], best -> Mark }
}

/// One mark that Ann owns, on the page that Ann owns.
async fn kit(profile: Profile) -> TestKit {
    let kit = TestKit::with::<from_a_handler>().schema(&[Mark, Page]);
    let kit = kit.profile(profile).start().await;
    let ann = kit.user("ann@example.com").await;
    for (table, name) in [("Mark", "m1"), ("Page", "p1")] {
        make(&kit, table, vec![record! { "objectId" => name }]).await;
        let owned = record! { "ownerId" => ann.id().as_str() };
        let give = Update::new(table, id(name), owned);
        kit.code_runner().submit(give).await.unwrap();
    }
    let text = record! { "text" => "s3cret", "n" => 7 };
    let mark = Update::new("Mark", id("m1"), text);
    kit.code_runner().submit(mark).await.unwrap();
    relate(&kit, ("Page", "p1"), "marks", &["m1"]).await;
    relate(&kit, ("Page", "p1"), "best", &["m1"]).await;
    relate(&kit, ("Mark", "m1"), "pages", &["p1"]).await;
    kit
}

/// That the one mark is as it was.
async fn untouched(kit: &TestKit) {
    let trusted = kit.code_runner();
    let marks = Find::new("Mark", Query::new().load("pages"));
    let marks = trusted.submit(marks).await.unwrap();
    let [mark] = &*marks else {
        panic!("there was one mark, now there are {marks:?}");
    };
    let mark = mark.record().unwrap();
    assert_eq!(Some("s3cret"), mark.get("text").as_text());
    assert_eq!(Some(7), mark.get("n").as_integer());
    assert_eq!(1, crate::shop::many(mark, "pages").len());
    let page = Query::new().load("marks").load("best");
    let page = trusted.submit(FindById::new("Page", id("p1"), page)).await;
    let page = page.unwrap();
    assert_eq!(1, crate::shop::many(&page, "marks").len());
    assert!(matches!(page.related["best"], Related::One(Some(_))));
}

/// That a caller is refused, in words that tell nothing of a record.
async fn check<E: ClientEvent + Debug>(client: &TestClient<'_>, code: i32, event: E)
where
    E::Output: Debug,
{
    let question = format!("{event:?}");
    let error = client.submit(event).await.expect_err(&question);
    assert_eq!(code, error.code().number(), "{question}: {error:?}");
    assert!(!error.log().contains("s3cret"), "{question}: {error:?}");
}

fn every_grouping() -> GroupQuery {
    GroupQuery {
        query: Query::new().group_by("text"),
        ..GroupQuery::default()
    }
}

fn grouped() -> GroupQuery {
    let step = GroupStep {
        column: "text".to_owned(),
        value: Value::from("s3cret"),
    };
    GroupQuery {
        path: vec![step],
        ..every_grouping()
    }
}

/// Every event that names the table itself.
async fn no_door_opens(kit: &TestKit, client: &TestClient<'_>) {
    let row = || record! { "text" => "mine" };
    let known = || record! { "objectId" => "m1", "text" => "mine" };
    let matching = || Query::matching("text = 's3cret'");
    for query in [
        Query::new(),
        matching(),
        Query::new().property("Count(objectId)"),
    ] {
        check(client, 1013, Find::new("Mark", query)).await;
    }
    for name in ["m1", "m2"] {
        check(client, 1000, FindById::new("Mark", id(name), Query::new())).await;
        check(client, 1000, Update::new("Mark", id(name), row())).await;
        check(client, 1000, Remove::new("Mark", id(name))).await;
        let grant = |operation| {
            let (who, may) = (Grantee::AllUsers, Access::Grant);
            SetPermission::of_record("Mark", id(name), who, operation, may)
        };
        check(client, 1000, grant(Operation::Find)).await;
        let load = LoadRelations::new("Mark", id(name), "pages", Query::new());
        check(client, 1000, load).await;
        let pages = || ids(&["p1"]);
        check(
            client,
            1000,
            AddRelation::new("Mark", id(name), "pages", pages()),
        )
        .await;
        check(
            client,
            1000,
            SetRelation::new("Mark", id(name), "pages", pages()),
        )
        .await;
        check(
            client,
            1000,
            DeleteRelation::new("Mark", id(name), "pages", pages()),
        )
        .await;
    }
    check(client, 1013, Count::new("Mark", matching())).await;
    check(client, 1013, Group::new("Mark", every_grouping())).await;
    check(client, 1013, CountInGroup::new("Mark", grouped())).await;
    check(client, 1011, Create::new("Mark", row())).await;
    check(client, 1011, Create::new("Mark", known())).await;
    check(client, 1011, BulkCreate::new("Mark", vec![row()])).await;
    check(client, 1134, Upsert::new("Mark", row())).await;
    check(client, 1134, Upsert::new("Mark", known())).await;
    check(client, 1134, BulkUpsert::new("Mark", vec![known()])).await;
    check(client, 1013, BulkUpdate::new("Mark", "n = 7", row())).await;
    check(client, 1013, BulkRemove::new("Mark", "n = 7")).await;
    check(client, 1011, DeepSave::new("Mark", row())).await;
    let (who, may) = (Grantee::AllUsers, Access::Grant);
    let of_table = SetPermission::of_table("Mark", who, Operation::Find, may);
    check(client, 1023, of_table).await;

    let engine = kit.engine();
    let described = engine.describe_table(client.request().await, "Mark").await;
    assert_eq!(1015, described.unwrap_err().code().number());
    let permitted = engine.permit_find(client.request().await, "Mark");
    assert_eq!(1013, permitted.unwrap_err().code().number());
    untouched(kit).await;
}

/// Every event of a table that leads there.
async fn no_detour_leads_there(kit: &TestKit, ann: &TestClient<'_>) {
    let clauses = [
        "marks.text = 's3cret'",
        "marks.n > 0",
        "best.text like 's%'",
        "best.objectId is not null",
        "marks.objectId = 'm1'",
        "Mark[pages].n = 7",
        "marks.pages.title is null and marks.n = 7",
        "best.pages.best.n = 7",
    ];
    for clause in clauses {
        let (count, find) = (
            Count::new("Page", Query::matching(clause)),
            Query::matching(clause),
        );
        assert_eq!(0, ann.submit(count).await.unwrap(), "{clause}");
        let found = ann.submit(Find::new("Page", find)).await.unwrap();
        assert!(found.is_empty(), "{clause}: {found:?}");
        let title = record! { "title" => "found" };
        let update = BulkUpdate::new("Page", clause, title);
        assert_eq!(0, ann.submit(update).await.unwrap(), "{clause}");
        let remove = BulkRemove::new("Page", clause);
        assert_eq!(0, ann.submit(remove).await.unwrap(), "{clause}");
    }
    let deep = Query {
        relations_depth: Some(2),
        ..Query::new()
    };
    let having = Query {
        having: Some("Max(marks.n) = 7".to_owned()),
        ..Query::new().property("title").group_by("title")
    };
    let queries = [
        Query::new().load("marks").load("best").load("marks.pages"),
        deep,
        Query::new().property("best.text as told"),
        Query::new().property("Max(marks.n) as told"),
        Query::new().property("Sum(best.n) as told"),
        Query::new().property("best.n + 1 as told"),
        Query::new().sort_by("best.text"),
        Query::new()
            .property("best.text as told")
            .group_by("best.text"),
        having,
    ];
    for query in queries {
        let question = format!("{query:?}");
        // Refused or empty: nothing of the mark stands in the answer.
        let told = format!("{:?}", ann.submit(Find::new("Page", query)).await);
        for word in ["s3cret", "m1", "Integer(7)", "Integer(8)"] {
            assert!(!told.contains(word), "{question}: {told}");
        }
    }
    for relation in ["marks", "best"] {
        let load = LoadRelations::new("Page", id("p1"), relation, Query::new());
        let loaded = ann.submit(load).await.unwrap_or_default();
        assert!(loaded.is_empty(), "{relation}: {loaded:?}");
        let matching = || Children::Matching("n = 7".to_owned());
        for children in [matching(), ids(&["m1"])] {
            let add = AddRelation::new("Page", id("p1"), relation, children.clone());
            assert_eq!(0, ann.submit(add).await.unwrap_or_default(), "{relation}");
            let delete = DeleteRelation::new("Page", id("p1"), relation, children);
            assert_eq!(
                0,
                ann.submit(delete).await.unwrap_or_default(),
                "{relation}"
            );
        }
    }
    let nested = [
        json!({ "objectId": "p1", "marks": [{ "objectId": "m1", "text": "mine" }] }),
        json!({ "objectId": "p1", "marks": [{ "text": "mine" }] }),
        json!({ "objectId": "p1", "best": { "___class": "Mark", "text": "mine" } }),
        json!({ "objectId": "p1", "best": { "objectId": "m1", "n": 8 } }),
        json!({ "title": "a new page", "marks": [{ "objectId": "m1" }] }),
        json!({ "title": "a new page", "best": { "text": "mine" } }),
    ];
    for page in nested {
        let question = page.to_string();
        let saved = ann.submit(DeepSave::new("Page", props(page))).await;
        let error = saved.expect_err(&question);
        assert!(!error.is_internal(), "{question}: {error:?}");
    }
    untouched(kit).await;
}

async fn nobody_gets_in(profile: Profile) {
    let kit = kit(profile).await;
    let ann = kit.log_in("ann@example.com").await;
    no_door_opens(&kit, &kit.anonymous()).await;
    no_door_opens(&kit, &kit.guest().await).await;
    no_door_opens(&kit, &ann).await;
    no_detour_leads_there(&kit, &ann).await;
    // The BL key is server code, the user beside it is not.
    let with_key = kit.log_in("ann@example.com").await.with_key(KeyKind::Bl);
    no_door_opens(&kit, &with_key).await;
    no_detour_leads_there(&kit, &with_key).await;
}

#[tokio::test]
async fn nobody_gets_in_where_callers_reach_what_they_own() {
    nobody_gets_in(Profile::Strict).await;
}

#[tokio::test]
async fn nobody_gets_in_where_everything_is_granted() {
    nobody_gets_in(Profile::Backendless).await;
}

#[tokio::test]
async fn server_code_and_the_operator_see_and_change_everything() {
    for profile in [Profile::Strict, Profile::Backendless] {
        let kit = kit(profile).await;
        let trusted = kit.code_runner();
        let created = Create::new("Mark", record! { "n" => 8 });
        let created = trusted.submit(created).await.unwrap();
        let clause = Query::matching("marks.text = 's3cret'");
        assert_eq!(1, trusted.submit(Count::new("Page", clause)).await.unwrap());
        let request = trusted.request().await;
        let described = kit.engine().describe_table(request, "Mark").await.unwrap();
        assert!(described.column("text").is_some());

        let engine = kit.engine();
        assert!(engine.is_server_only("Mark") && !engine.is_server_only("Page"));
        let rows = engine.rows_for_operator("Mark", &Query::new()).await;
        assert_eq!(2, rows.unwrap().len());
        let edit = record! { "n" => 9 };
        let edited = engine.edit_row_for_operator("Mark", created.id(), edit);
        assert_eq!(Some(9), edited.await.unwrap().get("n").as_integer());
    }
}

/// What a handler finds that runs in anybody's call.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "fromAHandler", output = usize, access = anyone)]
struct FromAHandler {}

#[answer(collect = false)]
async fn from_a_handler(_event: FromAHandler, ctx: &Context) -> Result<usize> {
    let found = ctx.cloud().data("Mark").find(Query::new()).await?.len();
    let Caller::User { id, .. } = &ctx.call().caller else {
        return Ok(found);
    };
    let user = ctx
        .cloud()
        .find_user(id)
        .await?
        .ok_or_else(|| Error::refused(1))?;
    let on_behalf = ctx.cloud().on_behalf_of(&user).data("Mark");
    Ok(found.min(on_behalf.find(Query::new()).await?.len()))
}

#[tokio::test]
async fn a_handler_gets_in_whoever_calls() {
    let kit = kit(Profile::Strict).await;
    let ann = kit.log_in("ann@example.com").await;
    for client in [kit.anonymous(), kit.guest().await, ann] {
        assert_eq!(1, client.submit(FromAHandler {}).await.unwrap());
    }
}

#[tokio::test]
async fn a_permission_that_would_never_count_is_refused() {
    let kit = kit(Profile::Backendless).await;
    let engine = kit.engine();
    let marks = || Resource::Table("Mark".to_owned());
    for access in [Access::Grant, Access::Deny] {
        let by_operator = engine.set_permission(
            Grantee::Role("AuthenticatedUser".to_owned()),
            marks(),
            Operation::Find,
            Some(access),
        );
        let error = by_operator.await.unwrap_err();
        assert_eq!(8008, error.code().number());
        assert!(error.message().starts_with("resource: "), "{error:?}");
        assert!(error.message().contains("server code alone"), "{error:?}");
        let of_table = SetPermission::of_table("Mark", Grantee::AllUsers, Operation::Find, access);
        let error = kit.code_runner().submit(of_table).await.unwrap_err();
        assert_eq!(1024, error.code().number());
        let of_record =
            SetPermission::of_record("Mark", id("m1"), Grantee::AllUsers, Operation::Find, access);
        let error = kit.code_runner().submit(of_record).await.unwrap_err();
        assert_eq!(1024, error.code().number());
    }
    assert!(engine.permissions().is_empty());
}

#[tokio::test]
async fn permissions_from_before_the_declaration_count_no_more_and_can_be_removed() {
    // The same table, when it was not for server code alone.
    table! { collect = false; Mark { text: String } }
    let kit = TestKit::bare().schema(&[Mark]).start().await;
    make(&kit, "Mark", vec![record! { "objectId" => "m1" }]).await;
    let users = || Grantee::Role("AuthenticatedUser".to_owned());
    let marks = || Resource::Table("Mark".to_owned());
    let engine = kit.engine();
    let granted = engine.set_permission(users(), marks(), Operation::Find, Some(Access::Grant));
    granted.await.unwrap();
    let of_record =
        SetPermission::of_record("Mark", id("m1"), users(), Operation::Find, Access::Grant);
    kit.code_runner().submit(of_record).await.unwrap();
    let ann = kit.user("ann@example.com").await;
    let find = Find::new("Mark", Query::new());
    assert_eq!(1, ann.submit(find.clone()).await.unwrap().len());

    let storage = std::sync::Arc::clone(kit.storage());
    let later = Engine::builder(storage)
        .schema(&[Mark.server_only()])
        .without_cleanup();
    let (later, _) = later.start().await.unwrap();
    let refused = later.submit(ann.request().await, find).await.outcome;
    assert_eq!(ErrorCode::FindDenied, refused.unwrap_err().code());
    let by_id = FindById::new("Mark", id("m1"), Query::new());
    let refused = later.submit(ann.request().await, by_id).await.outcome;
    assert_eq!(ErrorCode::EntityNotFound, refused.unwrap_err().code());
    later
        .set_permission(users(), marks(), Operation::Find, None)
        .await
        .unwrap();
    assert!(later.permissions().is_empty());
    later.shut_down().await;
}

/// What a caller hears of a mark that is there, and of one that is not: the same words, but for the id.
#[tokio::test]
async fn a_record_that_is_there_is_refused_like_one_that_is_not() {
    for profile in [Profile::Strict, Profile::Backendless] {
        let kit = kit(profile).await;
        let ann = kit.log_in("ann@example.com").await;
        let mut told = Vec::new();
        for name in ["m1", "m2"] {
            let mut answers = Vec::new();
            for relation in ["best", "marks"] {
                let add = AddRelation::new("Page", id("p1"), relation, ids(&[name]));
                answers.push(format!("{:?}", ann.submit(add).await));
                let delete = DeleteRelation::new("Page", id("p1"), relation, ids(&[name]));
                answers.push(format!("{:?}", ann.submit(delete).await));
                let page = json!({ "objectId": "p1", relation: { "objectId": name } });
                let saved = ann.submit(DeepSave::new("Page", props(page))).await;
                answers.push(format!("{saved:?}"));
            }
            // A relation of one's own that leads there.
            let add = AddRelation::new("Page", id("p1"), "mine:Mark:n", ids(&[name]));
            answers.push(format!("{:?}", ann.submit(add).await));
            told.push(answers.join("\n").replace(name, "m"));
        }
        assert_eq!(told[0], told[1]);
        untouched(&kit).await;
    }
}

/// SQL does not tell `mark` from `Mark`.
#[tokio::test]
async fn another_case_leads_nowhere() {
    let kit = kit(Profile::Backendless).await;
    let ann = kit.log_in("ann@example.com").await;
    for name in ["mark", "MARK"] {
        let forged = || record! { "objectId" => "m1", "text" => "mine" };
        check(&ann, 1009, Find::new(name, Query::new())).await;
        check(&ann, 1161, Create::new(name, forged())).await;
        check(&ann, 1161, Upsert::new(name, forged())).await;
        check(&ann, 1009, BulkRemove::new(name, "text is not null")).await;
    }
    untouched(&kit).await;
}
