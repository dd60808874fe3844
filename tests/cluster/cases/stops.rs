//! Servers are stopped as an operator does it: one after the other, or all of them for a night.

use std::{thread, time::Duration};

use crate::{
    call::Call,
    cluster::{Cluster, TIMEOUT},
    load::Load,
    postgres::Database,
    session::Session,
    settled::{self, Duty},
};

/// Guests who sleep while no server runs.
const SLEEPERS: usize = 10;

#[test]
fn servers_that_are_replaced_one_after_the_other_leave_nothing_undone() {
    let database = Database::make();
    let cluster = Cluster::of(2, &database);
    let load = Load::on(&cluster);
    for server in [0, 1, 0, 1] {
        thread::sleep(Duration::from_secs(2));
        cluster.stop_one(server);
        cluster.start_one(server);
    }
    settled::check(load.stop(), &cluster, &database, Duty::Done);
    cluster.stop();
}

#[test]
fn a_night_in_which_no_server_runs_ends_no_session() {
    let database = Database::make();
    let cluster = Cluster::of(2, &database);
    let mut client = cluster.client();
    let mut guests = Vec::new();
    for number in 0..SLEEPERS {
        let call = Call::new("POST", "users/register/guest");
        guests.push(Session::opened(client.persist_from(number % 2, &call)));
    }
    for server in 0..2 {
        cluster.kill(server);
    }
    thread::sleep(TIMEOUT + Duration::from_secs(2));
    cluster.start_all();
    for (number, guest) in guests.iter_mut().enumerate() {
        let call = guest.a_use().by(&guest.token);
        let answer = client.persist_from(number % 2, &call).answer;
        assert!(answer.is_ok(), "{answer:?} {guest:?}");
    }
    // By day, time counts again.
    settled::wait_until_no_guest_is_left(&database);
    cluster.stop();
}
