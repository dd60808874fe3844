//! The wall clocks of two servers are two minutes apart.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;

use crate::{
    call::Call,
    cluster::{Cluster, plan},
    load::Load,
    postgres::Database,
    session::Session,
    settled::{self, Duty},
};

/// By how many seconds a server's wall clock is ahead of the other's.
const AHEAD: u32 = 120;

/// How long a session may live, however often it is used: longer than this test takes, and shorter than
/// the clocks are apart.
const LIFETIME: u32 = 100;

#[test]
fn servers_whose_clocks_are_two_minutes_apart_agree_on_the_time() {
    let database = Database::make();
    let mut plans = vec![plan(database.url()), plan(database.url())];
    plans[1].ahead = AHEAD;
    let cluster = Cluster::start(plans);
    let mut client = cluster.client();
    let lifetime = json!({ "sessions": { "absoluteLifetimeSeconds": LIFETIME } });
    client.ask(&Call::admin("PATCH", "settings").with(lifetime));
    let load = Load::on(&cluster);
    for server in [0, 1] {
        let call = Call::new("POST", "users/register/guest");
        let mut guest = Session::opened(client.persist_from(server, &call));
        for other in [0, 1, 0, 1] {
            assert!(guest.lives(other, &mut client), "{guest:?}");
        }
        let call = Call::new("POST", "data/Item").with(json!({ "name": "new", "amount": 0 }));
        let created = client.persist_from(server, &call).ok()["created"].as_i64();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let off = i64::try_from(now.as_millis()).unwrap() - created.unwrap();
        assert!(off.abs() < 5_000, "server {server} is {off} ms off");
    }
    thread::sleep(Duration::from_secs(12));
    settled::check(load.stop(), &cluster, &database, Duty::Done);
    cluster.stop();
}
