//! The network between one server and the database is slow, swallows everything, or resets connections.

use std::{thread, time::Duration};

use crate::{
    cluster::{Cluster, plan},
    load::Load,
    postgres::Database,
    proxy::{Proxy, Weather},
    settled::{self, Duty},
};

/// How long a call to a database that says nothing lasts, at most, with the flags below.
const ANSWER: Duration = Duration::from_secs(5);

#[test]
fn servers_outlive_a_network_that_is_slow_and_one_that_is_cut() {
    let database = Database::make();
    let proxy = Proxy::to(database.address());
    let mut plans = [plan(database.url()), plan(database.url_by(proxy.port()))];
    for plan in &mut plans {
        let limits = [
            "--database-statement-timeout",
            "3",
            "--database-lock-timeout",
            "2",
        ];
        plan.flags.extend(limits.map(str::to_owned));
    }
    let cluster = Cluster::start(plans.into());
    let load = Load::on(&cluster);
    thread::sleep(Duration::from_secs(2));

    proxy.set(Weather::Slow(Duration::from_millis(50)));
    thread::sleep(Duration::from_secs(5));
    proxy.set(Weather::Fine);

    // What was swallowed never comes: connections that waited for it are given up one by one.
    cluster.in_trouble(&[1], || {
        proxy.set(Weather::Silent);
        thread::sleep(Duration::from_secs(4));
        proxy.set(Weather::Fine);
        thread::sleep(ANSWER + Duration::from_secs(1));
    });
    cluster.in_trouble(&[1], || {
        for _ in 0..8 {
            proxy.reset();
            thread::sleep(Duration::from_millis(400));
        }
    });
    thread::sleep(Duration::from_secs(3));
    settled::check(load.stop(), &cluster, &database, Duty::Interrupted);
    cluster.stop();
}
