//! Visitors and keepers on threads of their own, until they are told to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use serde_json::json;

use crate::{
    call::Call,
    cluster::Cluster,
    kept::Keeper,
    ledger::Ledger,
    session::Session,
    visitor::{ROLE, Visitor},
};

/// How many visitors there are at once. Each makes its calls one after the other.
const VISITORS: usize = 6;

/// A load on all servers of a cluster.
pub(crate) struct Load {
    visitors: Vec<JoinHandle<(Ledger, u64)>>,
    visitors_stop: Arc<AtomicBool>,
    keeper: JoinHandle<Keeper>,
    keeper_stops: Arc<AtomicBool>,
    began: Instant,
}

/// What is left of a load.
pub(crate) struct Left {
    pub(crate) ledger: Ledger,
    /// Guests whose sessions were kept alive until just now.
    pub(crate) kept: Vec<Session>,
}

impl Load {
    pub(crate) fn on(cluster: &Cluster) -> Self {
        let role = Call::admin("POST", "roles").with(json!({ "name": ROLE }));
        cluster.client().ask(&role);
        let visitors_stop = Arc::new(AtomicBool::new(false));
        let visitors = (0..VISITORS).map(|number| {
            let visitor = Visitor::new(cluster.client(), format!("visitor{number}"));
            let stop = Arc::clone(&visitors_stop);
            let first = number as u64;
            thread::spawn(move || visit(visitor, first, &stop))
        });
        let visitors = visitors.collect();
        let keeper_stops = Arc::new(AtomicBool::new(false));
        let (client, stop) = (cluster.client(), Arc::clone(&keeper_stops));
        let keeper = thread::spawn(move || {
            let mut keeper = Keeper::new(client);
            while !stop.load(Ordering::Relaxed) {
                keeper.turn();
            }
            keeper
        });
        let began = Instant::now();
        Self {
            visitors,
            visitors_stop,
            keeper,
            keeper_stops,
            began,
        }
    }

    /// Stops it, and fails if any of its clients met what must not be.
    pub(crate) fn stop(self) -> Left {
        self.visitors_stop.store(true, Ordering::Relaxed);
        let mut ledger = Ledger::default();
        let mut turns = 0;
        for visitor in self.visitors {
            let (told, visits) = ended(visitor);
            ledger.take(told);
            turns += visits;
        }
        // The last, so that its sessions live until just now.
        self.keeper_stops.store(true, Ordering::Relaxed);
        let keeper = ended(self.keeper);
        let (kept, lost) = keeper.into_sessions();
        eprintln!(
            "{turns} visits in {:?}: {} records, {} users, {} ended sessions, {} doubtful calls, \
             {} sessions lost by outages; what one server acknowledged, all respected after {:?} at most",
            self.began.elapsed(),
            ledger.items.len(),
            ledger.users.len(),
            ledger.graves.len(),
            ledger.doubtful,
            lost.len(),
            ledger.slowest,
        );
        assert!(turns > VISITORS as u64, "the servers had nothing to do");
        ledger.left.extend(lost);
        Left { ledger, kept }
    }
}

fn visit(mut visitor: Visitor, first: u64, stop: &AtomicBool) -> (Ledger, u64) {
    let mut visits = 0;
    while !stop.load(Ordering::Relaxed) {
        visitor.visit(first + visits);
        visits += 1;
    }
    (visitor.into_ledger(), visits)
}

/// What a thread ended with; its panic is ours.
fn ended<T>(thread: JoinHandle<T>) -> T {
    let ended = thread.join();
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
