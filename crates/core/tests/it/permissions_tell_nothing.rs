//! Two apps that differ by nothing but rows that a caller may not find: whatever the caller asks and
//! does, both answer the same.

use std::fmt::Debug;

use serde_json::json;
use vestibule::{prelude::*, table};
use vestibule_core::ClientEvent;
use vestibule_model::{
    GroupQuery, GroupStep,
    PermissionOperation::{Find as FIND, Remove as REMOVE, Update as UPDATE},
    Resource,
};
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::{
    records::props,
    shop::{id, ids, make, relate},
};

table! {
    collect = false;
    Thing { label: String, n: Int, parts -> [Part], next -> Thing }
}

table! {
    collect = false;
    Part { label: String, n: Int }
}

/// What keeps rows out of sight.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cover {
    /// Callers reach what they own.
    Own,
    /// The table denies users to find anything, and grants owners their own.
    OwnerPolicy,
    /// Everybody may find everything, and the hidden rows deny it to this user.
    RecordDenial,
    /// Nobody may find what others own, and the rows that are not hidden grant it to a role.
    RoleGrant,
    /// Everybody may find every thing but those that deny it; parts are for server code alone.
    ServerOnly,
}

#[tokio::test]
async fn rows_that_a_caller_does_not_own_make_no_difference() {
    check(Cover::Own).await;
}

#[tokio::test]
async fn rows_that_an_owner_policy_leaves_out_make_no_difference() {
    check(Cover::OwnerPolicy).await;
}

#[tokio::test]
async fn rows_that_deny_a_user_to_find_them_make_no_difference() {
    check(Cover::RecordDenial).await;
}

#[tokio::test]
async fn rows_that_no_role_was_granted_make_no_difference() {
    check(Cover::RoleGrant).await;
}

#[tokio::test]
async fn rows_of_a_table_for_server_code_make_no_difference() {
    check(Cover::ServerOnly).await;
}

async fn check(cover: Cover) {
    let with = answers(cover, true).await;
    let without = answers(cover, false).await;
    assert_eq!(with.len(), without.len());
    for ((question, with), (_, without)) in with.into_iter().zip(without) {
        assert_eq!(without, with, "{cover:?}: {question}");
    }
}

/// What Ann is answered in an app with hidden rows, or without them.
async fn answers(cover: Cover, hidden: bool) -> Vec<(String, String)> {
    let profile = match cover {
        Cover::Own | Cover::RoleGrant => Profile::Strict,
        Cover::OwnerPolicy | Cover::RecordDenial | Cover::ServerOnly => Profile::Backendless,
    };
    let server_only = cover == Cover::ServerOnly;
    let part = if server_only {
        Part.server_only()
    } else {
        Part
    };
    let kit = TestKit::bare().schema(&[Thing, part]).profile(profile);
    let kit = kit.seed(7).start().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    let of_visible = match cover {
        Cover::RoleGrant => ben.id(),
        _ => ann.id(),
    };
    fill(&kit, "Thing", ["v1", "v2"], 1, of_visible).await;
    if hidden || !server_only {
        fill(&kit, "Part", ["p1", "p2"], 1, of_visible).await;
        // Numbers with which nobody can calculate.
        let heavy = Update::new("Part", id("p2"), record! { "n" => i64::MIN });
        kit.code_runner().submit(heavy).await.unwrap();
        relate(&kit, ("Thing", "v1"), "parts", &["p1"]).await;
    }
    if hidden {
        fill(&kit, "Thing", ["h1", "h2"], i64::MIN, ben.id()).await;
        fill(&kit, "Part", ["q1", "q2"], i64::MIN, ben.id()).await;
        relate(&kit, ("Thing", "v1"), "parts", &["q1"]).await;
        relate(&kit, ("Thing", "v2"), "next", &["h1"]).await;
        relate(&kit, ("Thing", "h1"), "next", &["v1"]).await;
        relate(&kit, ("Thing", "h1"), "parts", &["p2", "q1"]).await;
    }
    hide(&kit, cover, hidden, &ann).await;
    let mut answers = Answers {
        ann,
        told: Vec::new(),
    };
    answers.read(ben.id()).await;
    answers.write().await;
    if hidden {
        let untouched = Query::matching(format!("label like 'was%' and n = {}", i64::MIN));
        // Nobody but server code removes the heavy part then.
        let parts = if server_only { 3 } else { 2 };
        for (table, left) in [("Thing", 2), ("Part", parts)] {
            let count = Count::new(table, untouched.clone());
            assert_eq!(
                left,
                kit.code_runner().submit(count).await.unwrap(),
                "{cover:?}"
            );
        }
    }
    answers.told
}

/// Two things or two parts with these ids.
async fn fill(kit: &TestKit, table: &str, names: [&str; 2], n: i64, owner: &ObjectId) {
    for name in names {
        let row = record! { "objectId" => name, "label" => format!("was {name}"), "n" => n };
        make(kit, table, vec![row]).await;
        let owned = record! { "ownerId" => owner.as_str() };
        let give = Update::new(table, id(name), owned);
        kit.code_runner().submit(give).await.unwrap();
    }
}

async fn hide(kit: &TestKit, cover: Cover, hidden: bool, ann: &TestClient<'_>) {
    let of_records = async |names: &[(&str, &str)], grantee: Grantee, operation, access| {
        for (table, name) in names {
            let grantee = grantee.clone();
            let event = SetPermission::of_record(*table, id(name), grantee, operation, access);
            kit.code_runner().submit(event).await.unwrap();
        }
    };
    match cover {
        Cover::Own => {}
        Cover::OwnerPolicy => {
            let users = Grantee::Role("AuthenticatedUser".to_owned());
            for table in ["Thing", "Part"] {
                for (grantee, access) in [(&users, Access::Deny), (&Grantee::Owner, Access::Grant)]
                {
                    let table = Resource::Table(table.to_owned());
                    let engine = kit.engine();
                    let said = engine.set_permission(grantee.clone(), table, FIND, Some(access));
                    said.await.unwrap();
                }
            }
        }
        Cover::RecordDenial | Cover::ServerOnly => {
            let names = [
                ("Thing", "h1"),
                ("Thing", "h2"),
                ("Part", "q1"),
                ("Part", "q2"),
            ];
            let denying = if cover == Cover::ServerOnly { 2 } else { 4 };
            if hidden {
                of_records(
                    &names[..denying],
                    Grantee::User(ann.id().clone()),
                    FIND,
                    Access::Deny,
                )
                .await;
            }
        }
        Cover::RoleGrant => {
            kit.engine().create_role("Support").await.unwrap();
            let assign = AssignRole::new(ann.id(), "Support");
            let runner = kit.code_runner();
            runner.submit_as_code_runner(assign).await.unwrap();
            let names = [
                ("Thing", "v1"),
                ("Thing", "v2"),
                ("Part", "p1"),
                ("Part", "p2"),
            ];
            for operation in [FIND, UPDATE, REMOVE] {
                let support = Grantee::Role("Support".to_owned());
                of_records(&names, support, operation, Access::Grant).await;
            }
        }
    }
}

struct Answers<'k> {
    ann: TestClient<'k>,
    told: Vec<(String, String)>,
}

impl Answers<'_> {
    /// Asks, and writes down what comes.
    async fn ask<E: ClientEvent + Debug>(&mut self, event: E)
    where
        E::Output: Debug,
    {
        let question = format!("{event:?}");
        let told = match self.ann.submit(event).await {
            Ok(output) => format!("{output:?}"),
            Err(error) => format!("{} {}", error.code().number(), error.message()),
        };
        self.told.push((question, told));
    }

    /// Every way to read.
    async fn read(&mut self, ben: &ObjectId) {
        let by_owner = format!("ownerId = '{ben}'");
        let clauses = [
            ("Thing", "n > 0"),
            ("Thing", "n + n > 0"),
            ("Thing", "n * 3 > 0 or not (n * 3 > 0)"),
            ("Thing", "label like '%h%'"),
            ("Thing", "objectId in ('h1', 'v1')"),
            ("Thing", "parts.n * 3 > 0"),
            ("Thing", "abs(n) >= 0"),
            ("Thing", "abs(parts.n) >= 0"),
            ("Thing", "abs(next.next.n) >= 0"),
            ("Part", "abs(Thing[parts].n) >= 0"),
            ("Thing", "parts.label = 'was q1'"),
            ("Thing", "not (parts.label = 'was q1')"),
            ("Thing", "next.label is not null"),
            ("Thing", "next.label is null"),
            ("Thing", "next.next.n * 3 > 0"),
            ("Thing", "next.parts.label = 'was q1'"),
            ("Thing", "Thing[next].n * 3 > 0"),
            ("Thing", "Thing[next].label = 'was h1'"),
            ("Part", "Thing[parts].n * 3 > 0"),
            ("Part", "Thing[parts].label = 'was h1'"),
            ("Part", "Thing[parts].Thing[next].n > 0"),
            ("Part", "Thing[parts].next.n * 3 > 0"),
            ("Users", "objectId is not null"),
            ("Thing", by_owner.as_str()),
        ];
        for (table, clause) in clauses {
            self.ask(Find::new(table, Query::matching(clause))).await;
            self.ask(Count::new(table, Query::matching(clause))).await;
            let counted = Query::matching(clause).property("Count(objectId)");
            self.ask(Find::new(table, counted)).await;
        }
        let all = Query::new;
        let having = |having: &str| Query {
            having: Some(having.to_owned()),
            ..all().property("label").group_by("label")
        };
        let different = Query {
            distinct: true,
            ..all().property("n")
        };
        let deep = Query {
            relations_depth: Some(3),
            ..all()
        };
        let queries = [
            all().property("Sum(n) as s").property("Max(n) as m"),
            all().property("Avg(n) as a").property("Min(label) as l"),
            all().property("label").property("next.label as follows"),
            all()
                .property("label")
                .property("n + n as twice")
                .sort_by("twice"),
            all().sort_by("next.label"),
            all().sort_by("n desc").page_size(1),
            all().sort_by("n desc").page_size(1).offset(1),
            all().load("parts").load("next.parts"),
            having("Count(objectId) > 1"),
            having("Max(n) > 1"),
            different,
            deep,
        ];
        for query in queries {
            self.ask(Find::new("Thing", query.clone())).await;
            self.ask(Count::new("Thing", query)).await;
        }
        for (clause, of) in [("n > 0", "was h1"), ("parts.n > 1", "was v1")] {
            let query = GroupQuery {
                query: Query::matching(clause).group_by("label").load("parts"),
                ..GroupQuery::default()
            };
            let path = vec![GroupStep {
                column: "label".to_owned(),
                value: Value::from(of),
            }];
            let one = GroupQuery {
                path,
                ..query.clone()
            };
            self.ask(Group::new("Thing", query)).await;
            self.ask(Group::new("Thing", one.clone())).await;
            self.ask(CountInGroup::new("Thing", one)).await;
        }
        for name in ["h1", "v1", "v2"] {
            let loading = Query::new().load("parts").load("next");
            self.ask(FindById::new("Thing", id(name), loading)).await;
            for relation in ["parts", "next", "none"] {
                let load = LoadRelations::new("Thing", id(name), relation, Query::new());
                self.ask(load).await;
            }
        }
    }

    /// Every way to write that does not say by itself which id it takes.
    async fn write(&mut self) {
        let label = || record! { "label" => "mine" };
        let by_id = |of: &str, relation: &str, child: &str| {
            props(json!({ "objectId": of, relation: [{ "objectId": child, "n": 2 }] }))
        };
        for name in ["h1", "v1"] {
            self.ask(Update::new("Thing", id(name), label())).await;
            self.ask(Update::new("Thing", id(name), record! { "nope" => 1 }))
                .await;
            let (who, may) = (Grantee::AllUsers, Access::Grant);
            let said = SetPermission::of_record("Thing", id(name), who, FIND, may);
            // Who may change the permissions of what it may not find is told of it.
            if name == "v1" {
                self.ask(said).await;
            }
            for child in ["q1", "p2"] {
                for relation in ["parts", "next"] {
                    let deep = DeepSave::new("Thing", by_id(name, relation, child));
                    let told = self.ann.submit(deep).await;
                    let told = told.map_err(|error| error.to_string());
                    self.told
                        .push((format!("{name} {relation} {child}"), format!("{told:?}")));
                }
                self.ask(AddRelation::new("Thing", id(name), "parts", ids(&[child])))
                    .await;
                let matching = || Children::Matching(format!("label like '%{child}'"));
                self.ask(AddRelation::new("Thing", id(name), "parts", matching()))
                    .await;
                self.ask(DeleteRelation::new("Thing", id(name), "parts", matching()))
                    .await;
                self.ask(DeleteRelation::new(
                    "Thing",
                    id(name),
                    "parts",
                    ids(&[child]),
                ))
                .await;
                self.ask(SetRelation::new(
                    "Thing",
                    id(name),
                    "parts",
                    ids(&[child, "p1"]),
                ))
                .await;
            }
            let next = LoadRelations::new("Thing", id(name), "parts", Query::new());
            self.ask(next).await;
        }
        let every = "objectId is not null";
        let bulk = [every, "n * 3 > 0", "parts.label = 'was q1'", "next.n > 0"];
        for clause in bulk {
            self.told.push((
                clause.to_owned(),
                format!(
                    "{:?}",
                    self.ann
                        .submit(BulkUpdate::new("Thing", clause, label()))
                        .await
                ),
            ));
        }
        self.ask(Remove::new("Thing", id("h1"))).await;
        self.ask(Remove::new("Thing", id("v2"))).await;
        self.ask(BulkRemove::new("Part", "Thing[parts].n > 1"))
            .await;
        self.ask(BulkRemove::new("Part", every)).await;
        self.ask(BulkRemove::new("Thing", every)).await;
    }
}
