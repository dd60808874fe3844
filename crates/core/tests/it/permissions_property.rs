//! Random permissions, and what callers find, change and remove: compared with a naive model that
//! takes one record and walks the nine layers of the wire contract, section 7.2.

use vestibule::{prelude::*, table};
use vestibule_model::{KeyKind, PermissionOperation, Resource};
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::{clauses_property::world::Dice, shop::id};

table! {
    collect = false;
    Thing { label: String }
}

table! {
    collect = false;
    Box { things -> [Thing] }
}

const FIND: PermissionOperation = PermissionOperation::Find;
const UPDATE: PermissionOperation = PermissionOperation::Update;
const REMOVE: PermissionOperation = PermissionOperation::Remove;

/// What the layers are about.
const OPERATIONS: [PermissionOperation; 3] = [FIND, UPDATE, REMOVE];

/// Apps of one seed.
const WORLDS: u64 = 6;

#[tokio::test]
async fn what_callers_reach_is_what_a_naive_model_says_where_everything_is_granted() {
    for number in 0..WORLDS {
        check(Profile::Backendless, number).await;
    }
}

#[tokio::test]
async fn what_callers_reach_is_what_a_naive_model_says_where_own_records_are_granted() {
    for number in 0..WORLDS {
        check(Profile::Strict, 100 + number).await;
    }
}

/// What is said to whom of which operation.
type Said = Vec<(Grantee, PermissionOperation, Access)>;

struct Item {
    id: String,
    owner: Option<ObjectId>,
    said: Said,
}

struct World {
    profile: Profile,
    table: Said,
    data: Said,
    record_permissions: bool,
    things: Vec<Item>,
}

/// Who asks, as the model knows them.
struct Asker<'k> {
    client: TestClient<'k>,
    user: Option<ObjectId>,
    custom_roles: Vec<&'static str>,
    system_roles: Vec<&'static str>,
}

async fn check(profile: Profile, seed: u64) {
    let kit = TestKit::bare().schema(&[Thing, Box]).profile(profile);
    let kit = crate::start(kit.seed(seed)).await;
    let dice = Dice::new(seed);
    let askers = askers(&kit).await;
    let mut world = fill(&kit, profile, &askers, &dice).await;
    for asker in &askers {
        world.compare(&kit, asker, seed).await;
    }
    for asker in &askers {
        world.remove(asker, &dice, seed).await;
    }
}

async fn askers(kit: &TestKit) -> Vec<Asker<'_>> {
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    let guest = kit.guest().await;
    for name in ["Support", "Boss"] {
        kit.engine().create_role(name).await.unwrap();
    }
    for (client, name) in [(&ann, "Support"), (&ben, "Support"), (&ben, "Boss")] {
        let assign = AssignRole::new(client.id(), name);
        let runner = kit.code_runner();
        runner.submit_as_code_runner(assign).await.unwrap();
    }
    let asker = |client: &TestClient<'_>, custom: &[&'static str], system: [&'static str; 2]| {
        (Some(client.id().clone()), custom.to_vec(), system.to_vec())
    };
    let of_ann = asker(&ann, &["Support"], ["AuthenticatedUser", "JSUser"]);
    let of_runner = asker(&ann, &["Support"], ["AuthenticatedUser", "ServerCodeUser"]);
    let of_ben = asker(&ben, &["Support", "Boss"], ["AuthenticatedUser", "JSUser"]);
    let of_guest = asker(&guest, &[], ["GuestUser", "JSUser"]);
    let of_nobody = (None, Vec::new(), vec!["NotAuthenticatedUser", "JSUser"]);
    let trusted = (None, Vec::new(), vec!["ServerCodeUser"]);
    let runner = ann.clone().with_key(KeyKind::Bl);
    let all = [
        (ann, of_ann),
        (runner, of_runner),
        (ben, of_ben),
        (guest, of_guest),
        (kit.anonymous(), of_nobody),
        (kit.code_runner(), trusted),
    ];
    let all = all.into_iter();
    all.map(|(client, (user, custom_roles, system_roles))| Asker {
        client,
        user,
        custom_roles,
        system_roles,
    })
    .collect()
}

async fn fill(kit: &TestKit, profile: Profile, askers: &[Asker<'_>], dice: &Dice) -> World {
    let users: Vec<_> = askers
        .iter()
        .filter_map(|asker| asker.user.clone())
        .collect();
    let mut world = World {
        profile,
        table: said(dice, &users, 4),
        data: said(dice, &[], 4),
        record_permissions: dice.below(4) > 0,
        things: Vec::new(),
    };
    world
        .data
        .retain(|(grantee, _, _)| matches!(grantee, Grantee::Role(_)));
    // The owner of a Box is of no interest; all things are in it.
    let runner = kit.code_runner();
    let a_box = record! { "objectId" => "box" };
    runner.submit(Create::new("Box", a_box)).await.unwrap();
    for number in 0..8 {
        let name = format!("thing{number}");
        let record = record! { "objectId" => name.as_str(), "label" => "x" };
        let made = runner.submit(Create::new("Thing", record)).await.unwrap();
        let owner = dice.pick(&[None, users.first().cloned(), users.last().cloned()]);
        if let Some(owner) = &owner {
            let given = record! { "ownerId" => owner.as_str() };
            let event = Update::new("Thing", made.id().clone(), given);
            runner.submit(event).await.unwrap();
        }
        let mut own = said(dice, &users, 4);
        own.retain(|(grantee, _, _)| *grantee != Grantee::Owner);
        world.things.push(Item {
            id: name,
            owner,
            said: if world.record_permissions {
                own
            } else {
                Vec::new()
            },
        });
    }
    let all = world.things.iter().map(|thing| id(&thing.id)).collect();
    let relate = AddRelation::new("Box", id("box"), "things", Children::Ids(all));
    runner.submit(relate).await.unwrap();
    world.say(kit).await;
    world
}

/// Words to some grantees, one in so many.
fn said(dice: &Dice, users: &[ObjectId], one_in: usize) -> Said {
    let roles = [
        "AuthenticatedUser",
        "GuestUser",
        "NotAuthenticatedUser",
        "JSUser",
    ];
    let roles = roles.into_iter().chain(["Support", "Boss"]);
    let grantees = roles
        .map(|name| Grantee::Role(name.to_owned()))
        .chain(users.iter().cloned().map(Grantee::User))
        .chain([Grantee::AllRoles, Grantee::AllUsers, Grantee::Owner]);
    let mut said: Said = Vec::new();
    for grantee in grantees {
        for operation in OPERATIONS {
            let known = |(who, what, _): &(Grantee, _, _)| *who == grantee && *what == operation;
            if dice.one_in(one_in) && !said.iter().any(known) {
                let access = dice.pick(&[Access::Grant, Access::Deny]);
                said.push((grantee.clone(), operation, access));
            }
        }
    }
    said
}

impl World {
    /// Tells the app all of it.
    async fn say(&self, kit: &TestKit) {
        let runner = kit.code_runner();
        for (grantee, operation, access) in &self.table {
            match grantee {
                Grantee::AllRoles | Grantee::AllUsers => {
                    let grantee = grantee.clone();
                    let event = SetPermission::of_table("Thing", grantee, *operation, *access);
                    runner.submit(event).await.unwrap();
                }
                grantee => {
                    let table = Resource::Table("Thing".to_owned());
                    let (engine, grantee) = (kit.engine(), grantee.clone());
                    let said = engine.set_permission(grantee, table, *operation, Some(*access));
                    said.await.unwrap();
                }
            }
        }
        for (grantee, operation, access) in &self.data {
            let (engine, grantee) = (kit.engine(), grantee.clone());
            let said = engine.set_permission(grantee, Resource::Data, *operation, Some(*access));
            said.await.unwrap();
        }
        for thing in &self.things {
            for (grantee, operation, access) in &thing.said {
                let (id, grantee) = (id(&thing.id), grantee.clone());
                let event = SetPermission::of_record("Thing", id, grantee, *operation, *access);
                runner.submit(event).await.unwrap();
            }
        }
    }

    /// What an asker finds and changes, in every way there is to find anything.
    async fn compare(&self, kit: &TestKit, asker: &Asker<'_>, seed: u64) {
        let client = &asker.client;
        let story = |what: &str| format!("{what}: seed {seed}, {}", self.story(asker, None));
        let visible = self
            .things
            .iter()
            .filter(|thing| self.may(asker, FIND, thing));
        let visible: Vec<_> = visible.map(|thing| thing.id.clone()).collect();

        let found = client.submit(Find::new("Thing", sorted())).await;
        match found {
            Ok(rows) => assert_eq!(visible, ids(&rows), "{}", story("find")),
            Err(error) => {
                assert_eq!(1013, error.code().number(), "{}", story("find"));
                assert!(visible.is_empty(), "{}", story("find"));
            }
        }
        let counted = client.submit(Count::new("Thing", Query::new())).await;
        assert_eq!(
            visible.len() as u64,
            counted.unwrap_or_default(),
            "{}",
            story("count")
        );
        // The relation is read by whoever may find the box; the things are what counts.
        let box_grant = Resource::Table("Box".to_owned());
        let engine = kit.engine();
        if let Some(user) = &asker.user {
            for operation in [FIND, PermissionOperation::LoadRelations] {
                let (user, on) = (Grantee::User(user.clone()), box_grant.clone());
                let said = engine.set_permission(user, on, operation, Some(Access::Grant));
                said.await.unwrap();
            }
            let related = LoadRelations::new("Box", id("box"), "things", sorted());
            match client.submit(related).await {
                Ok(related) => {
                    let related: Vec<_> = related.iter().map(|one| one.id().to_string()).collect();
                    assert_eq!(visible, related, "{}", story("related"));
                }
                Err(error) => {
                    assert_eq!(1013, error.code().number(), "{}", story("related"));
                    assert!(visible.is_empty(), "{}", story("related"));
                }
            }
        }
        for thing in &self.things {
            let story = || format!("seed {seed}, {}", self.story(asker, Some(thing)));
            let is_visible = visible.contains(&thing.id);
            let by_id = FindById::new("Thing", id(&thing.id), Query::new());
            let expected = if is_visible { 0 } else { 1000 };
            assert_eq!(expected, code(client.submit(by_id).await), "{}", story());

            let change = record! { "label" => "y" };
            let update = Update::new("Thing", id(&thing.id), change);
            let expected = match (is_visible, self.may(asker, UPDATE, thing)) {
                (false, _) => 1000,
                (true, false) => 1012,
                (true, true) => 0,
            };
            assert_eq!(expected, code(client.submit(update).await), "{}", story());
        }
    }

    /// What an asker removes of half of what there is.
    async fn remove(&mut self, asker: &Asker<'_>, dice: &Dice, seed: u64) {
        let mut left = Vec::new();
        for thing in std::mem::take(&mut self.things) {
            if dice.one_in(2) {
                left.push(thing);
                continue;
            }
            let may = |operation| self.may(asker, operation, &thing);
            let expected = match (may(FIND), may(REMOVE)) {
                (false, _) => 1000,
                (true, false) => 1014,
                (true, true) => 0,
            };
            let removed = Remove::new("Thing", id(&thing.id));
            let removed = code(asker.client.submit(removed).await);
            assert_eq!(
                expected,
                removed,
                "remove: seed {seed}, {}",
                self.story(asker, Some(&thing))
            );
            if removed != 0 {
                left.push(thing);
            }
        }
        self.things = left;
    }

    /// The naive model: nine layers, the first that says anything decides.
    fn may(&self, asker: &Asker<'_>, operation: PermissionOperation, thing: &Item) -> bool {
        if asker.system_roles == ["ServerCodeUser"] {
            return true;
        }
        let roles = |names: &[&str]| -> Vec<_> {
            let names = names.iter();
            names
                .map(|name| Grantee::Role((*name).to_owned()))
                .collect()
        };
        let user: Vec<_> = asker.user.iter().cloned().map(Grantee::User).collect();
        let (custom, system) = (roles(&asker.custom_roles), roles(&asker.system_roles));
        let is_owner = asker.user.is_some() && asker.user == thing.owner;
        let owner = if is_owner {
            vec![Grantee::Owner]
        } else {
            Vec::new()
        };
        let all_roles = Some(Grantee::AllRoles);
        let all_users = Some(Grantee::AllUsers);
        let layers = [
            say(&thing.said, operation, &user, all_users.clone()),
            say(&thing.said, operation, &custom, all_roles.clone()),
            say(&self.table, operation, &user, all_users),
            say(&self.table, operation, &custom, all_roles.clone()),
            say(&self.table, operation, &owner, None),
            say(&thing.said, operation, &system, all_roles.clone()),
            say(&self.table, operation, &system, all_roles),
            say(&self.data, operation, &custom, None),
            say(&self.data, operation, &system, None),
        ];
        match layers.into_iter().flatten().next() {
            Some(access) => access == Access::Grant,
            None => {
                let is_trusted = asker.system_roles.contains(&"ServerCodeUser");
                is_trusted || self.profile == Profile::Backendless || is_owner
            }
        }
    }

    fn story(&self, asker: &Asker<'_>, thing: Option<&Item>) -> String {
        let thing = thing.map(|thing| (&thing.id, &thing.owner, &thing.said));
        format!(
            "{:?} with {:?} and {:?}\nthing: {thing:#?}\ntable: {:#?}\ndata: {:#?}",
            asker.user, asker.custom_roles, asker.system_roles, self.table, self.data
        )
    }
}

/// What one layer says: no before yes, those who are named before all.
fn say(
    said: &Said,
    operation: PermissionOperation,
    named: &[Grantee],
    all: Option<Grantee>,
) -> Option<Access> {
    if named.is_empty() {
        return None;
    }
    let of = |grantee: &Grantee| {
        let mut said = said.iter();
        let found = said.find(|(who, what, _)| who == grantee && *what == operation);
        found.map(|(_, _, access)| *access)
    };
    let words: Vec<_> = named.iter().filter_map(of).collect();
    match words.first() {
        Some(_) if words.contains(&Access::Deny) => Some(Access::Deny),
        Some(_) => Some(Access::Grant),
        None => all.as_ref().and_then(of),
    }
}

fn sorted() -> Query {
    Query::new().sort_by("objectId")
}

fn ids(rows: &[Row]) -> Vec<String> {
    let records = rows.iter().filter_map(Row::record);
    records.map(|record| record.id().to_string()).collect()
}

/// The code of a refusal, 0 if there is none.
fn code<T>(outcome: Result<T>) -> i32 {
    outcome.err().map_or(0, |error| error.code().number())
}
