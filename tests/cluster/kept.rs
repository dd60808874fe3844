//! Sessions that are used on the servers in turn, and must never end.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{call::Call, client::Client, cluster::TIMEOUT, session::Session};

/// How many sessions one client keeps.
const SESSIONS: usize = 6;

/// A client that comes back to each of its guests just in time.
pub(crate) struct Keeper {
    client: Client,
    kept: Vec<Kept>,
    /// Guests who were given up: outages left them unused for too long.
    pub(crate) lost: Vec<Session>,
}

struct Kept {
    session: Session,
    next: Instant,
    server: usize,
}

impl Keeper {
    pub(crate) fn new(mut client: Client) -> Self {
        let kept = (0..SESSIONS).map(|_| Kept::enter(&mut client)).collect();
        let lost = Vec::new();
        Self { client, kept, lost }
    }

    /// Uses the sessions whose time has come, and rests until the next one's.
    pub(crate) fn turn(&mut self) {
        for kept in &mut self.kept {
            if kept.next > Instant::now() {
                continue;
            }
            kept.server = (kept.server + 1) % self.client.map().size();
            if kept.session.lives(kept.server, &mut self.client) {
                kept.next = next(&mut self.client);
            } else {
                let new = Kept::enter(&mut self.client);
                let lost = std::mem::replace(kept, new);
                self.lost.push(lost.session);
            }
        }
        let next = self.kept.iter().map(|kept| kept.next).min().unwrap();
        let rest = next.saturating_duration_since(Instant::now());
        thread::sleep(rest.min(Duration::from_millis(100)));
    }

    pub(crate) fn into_sessions(self) -> (Vec<Session>, Vec<Session>) {
        let kept = self.kept.into_iter().map(|kept| kept.session);
        (kept.collect(), self.lost)
    }
}

impl Kept {
    fn enter(client: &mut Client) -> Self {
        let call = Call::new("POST", "users/register/guest");
        let session = Session::opened(client.persist(&call));
        let next = next(client);
        let server = client.any_server();
        Self {
            session,
            next,
            server,
        }
    }
}

/// When a session is used next: at times at once, at times when its time is almost over.
fn next(client: &mut Client) -> Instant {
    let longest = TIMEOUT.mul_f64(0.8).as_millis();
    let wait = client.chance(u64::try_from(longest).unwrap());
    Instant::now() + Duration::from_millis(wait)
}
