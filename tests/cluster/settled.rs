//! What must be true once the load is over and all servers run again.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::Value as Json;

use crate::{
    call::Call,
    client::Client,
    cluster::{Cluster, SOON},
    ledger::Ledger,
    load::Left,
    postgres::Database,
    visitor::log_in,
};

/// How long the last guest may stay: the timeout, two flushes, a sweep, and the lease of a sweeper that was
/// killed; and as much again, since other tests run beside this one.
const LONGEST_STAY: Duration = Duration::from_secs(60);

/// Users who log in again, of all that have registered.
const LOGINS: usize = 20;

/// What servers have done that nobody asked them for: run a timer, remove guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// All of it.
    Done,
    /// They were killed, or lost their database, in the middle of it.
    Interrupted,
}

/// Insists that no promise was broken.
pub(crate) fn check(left: Left, cluster: &Cluster, database: &Database, duty: Duty) {
    let Left { ledger, kept } = left;
    let mut client = cluster.client();
    let until = Instant::now() + SOON;
    let keep = |mut session: crate::session::Session, client: &mut Client| {
        for server in 0..cluster.size() {
            session.lives(server, client);
        }
        session
    };
    let kept: Vec<_> = kept
        .into_iter()
        .map(|session| keep(session, &mut client))
        .collect();
    expect_items(&ledger, database);
    expect_baskets(&ledger, &mut client);
    expect_users(&ledger, database, &mut client);
    thread::sleep(until.saturating_duration_since(Instant::now()));
    for grave in &ledger.graves {
        for server in 0..cluster.size() {
            grave.expect_on(server, &mut client);
        }
    }
    expect_ticks(database, duty);
    // From here on nobody uses a session, and so all guests go.
    wait_until_no_guest_is_left(database);
    let (gone, asked) = (gone(database), asked(database));
    let guests = kept.iter().chain(&ledger.left);
    for guest in guests {
        let went = gone.get(&guest.user);
        let asked = asked.get(&guest.user).copied().unwrap_or_default();
        assert!(
            duty == Duty::Interrupted || (went.is_some() && asked == 1),
            "{guest:?} went at {went:?}, after {asked} questions"
        );
        let (safe, went) = (guest.safe_until_millis(cluster.map()), went.copied());
        assert!(
            went.is_none_or(|went| went + 100 >= safe),
            "{guest:?} went at {went:?}, and was to live until {safe}"
        );
    }
    for user in &ledger.users {
        assert!(
            !gone.contains_key(&user.id),
            "{user:?} was taken for a guest"
        );
    }
}

/// No acknowledged write is lost, and none comes back.
fn expect_items(ledger: &Ledger, database: &Database) {
    let rows = database.rows(r#"SELECT "objectId", "amount" FROM "Item""#);
    let rows = rows.into_iter();
    let found: HashMap<_, _> = rows
        .map(|row| (row[0].clone(), row[1].parse::<i64>().unwrap()))
        .collect();
    for item in &ledger.items {
        let found = found.get(&item.id).copied();
        assert!(item.may_be(found), "{item:?} is {found:?}");
    }
}

fn expect_baskets(ledger: &Ledger, client: &mut Client) {
    for basket in ledger.baskets.iter().rev().take(100) {
        let path = format!("data/Basket/{}/items", basket.id);
        let answer = client.ask(&Call::new("GET", path));
        let items = answer.as_array().unwrap().iter();
        let id = |item: &Json| item["objectId"].as_str().unwrap().to_owned();
        let items: BTreeSet<_> = items.map(id).collect();
        assert_eq!(basket.items, items, "{basket:?}");
    }
}

fn expect_users(ledger: &Ledger, database: &Database, client: &mut Client) {
    let rows =
        database.rows(r#"SELECT "objectId", "email" FROM "Users" WHERE "email" IS NOT NULL"#);
    let rows = rows.into_iter().map(|row| (row[0].clone(), row[1].clone()));
    let emails: HashMap<_, _> = rows.collect();
    for user in &ledger.users {
        assert_eq!(Some(&user.email), emails.get(&user.id), "{user:?}");
    }
    for user in ledger.users.iter().rev().take(LOGINS) {
        assert_eq!(user.id, log_in(client, user).user, "{user:?}");
    }
}

/// No tick ran its timer twice, and none was forgotten.
fn expect_ticks(database: &Database, duty: Duty) {
    let ticks = database.rows(r#"SELECT "due", count(*) FROM "Tick" GROUP BY "due""#);
    let twice: Vec<_> = ticks.iter().filter(|tick| tick[1] != "1").collect();
    assert!(
        twice.is_empty(),
        "ticks that ran their timer twice: {twice:?}"
    );
    let due = ticks
        .iter()
        .map(|tick| tick[0].parse::<u64>().unwrap() / 1_000);
    let first = due.min().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    // Ticks that come while the timer runs are skipped, which takes a slow machine.
    let most = (now.as_secs() - first) / 2;
    assert!(
        duty == Duty::Interrupted || ticks.len() as u64 > most,
        "the timer hardly ran: {ticks:?}"
    );
}

/// Waits until all guests are gone, as they are once nobody uses their sessions.
pub(crate) fn wait_until_no_guest_is_left(database: &Database) {
    let began = Instant::now();
    loop {
        let guests = r#"SELECT count(*) FROM "Users" WHERE "userStatus" = 'GUEST'"#;
        let guests = &database.rows(guests)[0][0];
        if guests == "0" {
            return;
        }
        assert!(
            began.elapsed() < LONGEST_STAY,
            "{guests} guests are left behind"
        );
        thread::sleep(Duration::from_millis(200));
    }
}

/// Who is gone, and when, in milliseconds. Each went once.
fn gone(database: &Database) -> BTreeMap<String, u128> {
    // Notes are made by the call that removes a guest, which may not have ended yet.
    thread::sleep(Duration::from_millis(500));
    let rows = database.rows(r#"SELECT "guest", "created" FROM "Gone""#);
    let mut gone = BTreeMap::new();
    for row in rows {
        let when = row[1].parse().unwrap();
        let before = gone.insert(row[0].clone(), when);
        assert_eq!(None, before, "{} went twice", row[0]);
    }
    gone
}

/// How often it was asked whether each guest goes.
fn asked(database: &Database) -> HashMap<String, usize> {
    let rows = database.rows(r#"SELECT "guest", count(*) FROM "Asked" GROUP BY "guest""#);
    let rows = rows.into_iter();
    rows.map(|row| (row[0].clone(), row[1].parse().unwrap()))
        .collect()
}
