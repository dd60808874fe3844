//! Servers are killed with -9, one every few seconds, and started again.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    cluster::Cluster,
    load::Load,
    postgres::Database,
    settled::{self, Duty},
};

/// How long servers are killed.
const LASTS: Duration = Duration::from_secs(18);

fn kill_one_of(servers: usize) {
    let database = Database::make();
    let cluster = Cluster::of(servers, &database);
    let load = Load::on(&cluster);
    let until = Instant::now() + LASTS;
    let mut client = cluster.client();
    let victims = (0..servers).cycle();
    for victim in victims.take_while(|_| Instant::now() < until) {
        thread::sleep(Duration::from_millis(1_500 + client.chance(1_000)));
        cluster.kill(victim);
        thread::sleep(Duration::from_millis(client.chance(1_000)));
        cluster.start_one(victim);
    }
    settled::check(load.stop(), &cluster, &database, Duty::Interrupted);
    cluster.stop();
}

#[test]
fn of_two_servers_either_may_be_killed_at_any_time() {
    kill_one_of(2);
}

#[test]
fn of_three_servers_any_may_be_killed_at_any_time() {
    kill_one_of(3);
}
