//! The database restarts under the servers.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    call::Call,
    client::Client,
    cluster::Cluster,
    load::Load,
    postgres::Database,
    private_postgres::{PrivatePostgres, Stop},
    settled::{self, Duty},
};

/// How soon servers must say whether the database is there.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn servers_outlive_a_restart_of_their_database() {
    let mut postgres = PrivatePostgres::start();
    let database = Database::make_in(&postgres.place());
    let cluster = Cluster::of(2, &database);
    let load = Load::on(&cluster);
    let mut client = cluster.client();
    expect_ready(true, &mut client);
    for how in [Stop::Fast, Stop::Immediate] {
        thread::sleep(Duration::from_secs(4));
        cluster.in_trouble(&[0, 1], || {
            postgres.stop(how);
            expect_ready(false, &mut client);
            thread::sleep(Duration::from_millis(500));
            postgres.start_again();
            expect_ready(true, &mut client);
        });
    }
    thread::sleep(Duration::from_secs(4));
    settled::check(load.stop(), &cluster, &database, Duty::Interrupted);
    cluster.stop();
}

/// Every server says soon whether it is ready.
fn expect_ready(is_ready: bool, client: &mut Client) {
    for server in 0..client.map().size() {
        let began = Instant::now();
        while client.once(server, &Call::ready()).is_ok() != is_ready {
            let waited = began.elapsed();
            assert!(
                waited < TOLD_WITHIN,
                "server {server} is not ready: {is_ready}, {waited:?} later"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}
