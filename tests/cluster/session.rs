//! What must be true of sessions: those that live, and those that were ended.

use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    call::Call,
    client::{Answer, Client, Done},
    cluster::{Map, SOON, TIMEOUT, field},
};

/// Uses of a session that are remembered.
const USES: usize = 24;

/// The code of a dead token, and of a disabled account.
pub(crate) const DEAD: i64 = 3064;
pub(crate) const DISABLED: i64 = 3090;

/// A session that nobody has ended.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) user: String,
    uses: Vec<Use>,
    /// Whether it was once used later than it had to live: from then on it is at the servers' mercy, of
    /// which one may have known of a later use than another.
    pub(crate) was_late: bool,
}

/// A use that was acknowledged.
#[derive(Clone, Copy, Debug)]
struct Use {
    /// Who was asked; none for the login, which is written down by itself.
    server: Option<usize>,
    began: Instant,
    ended: Instant,
}

/// A session that was ended.
#[derive(Clone, Debug)]
pub(crate) struct Grave {
    pub(crate) token: String,
    pub(crate) user: String,
    /// When that was acknowledged.
    pub(crate) since: Instant,
}

impl Session {
    /// What a login answers.
    pub(crate) fn opened(done: Done) -> Self {
        let (server, began, ended) = (None, done.began, Instant::now());
        let answer = done.ok();
        Self {
            token: field(&answer, "user-token"),
            user: field(&answer, "objectId"),
            uses: vec![Use {
                server,
                began,
                ended,
            }],
            was_late: false,
        }
    }

    /// A call that uses it, and needs no more than to be let in.
    pub(crate) fn a_use(&self) -> Call {
        Call::new("GET", format!("data/Users/{}", self.user)).by(&self.token)
    }

    /// Makes a call with it, until some server answers.
    pub(crate) fn call(&mut self, client: &mut Client, call: Call) -> Done {
        let first = client.any_server();
        self.call_from(first, client, call)
    }

    pub(crate) fn call_from(&mut self, first: usize, client: &mut Client, call: Call) -> Done {
        let done = client.persist_from(first, &call.by(&self.token));
        self.was_late |= Instant::now() >= self.safe_until(client.map());
        if !self.is_known(&done, client.map()) || self.was_late {
            return done;
        }
        if self.uses.len() == USES {
            self.uses.remove(0);
        }
        self.uses.push(Use {
            server: Some(done.server),
            began: done.began,
            ended: Instant::now(),
        });
        done
    }

    /// Uses it, until some server answers; whether it lives. It must, unless it has not been used for
    /// too long.
    pub(crate) fn lives(&mut self, first: usize, client: &mut Client) -> bool {
        let done = self.call_from(first, client, self.a_use());
        done.answer.code() != DEAD
    }

    /// What the answer is to a call that must be a success; nothing if the session has expired.
    pub(crate) fn ask(&mut self, client: &mut Client, call: Call) -> Option<Done> {
        let done = self.call(client, call);
        if done.answer.code() == DEAD {
            return None;
        }
        Some(done)
    }

    /// Whether the server took it for a living session, as it must within the timeout.
    fn is_known(&self, done: &Done, map: &Map) -> bool {
        if done.answer.code() != DEAD {
            return true;
        }
        let safe_until = self.safe_until(map);
        assert!(
            self.was_late,
            "server {} ended a session early, {:?} before its time: {self:?}",
            done.server,
            safe_until - Instant::now(),
        );
        false
    }

    /// Until when it must live: counted from the last use that was written down.
    pub(crate) fn safe_until(&self, map: &Map) -> Instant {
        let last = self.uses.iter().rev().find(|a_use| {
            let forgotten = |server| map.may_have_forgotten(server, a_use.ended);
            !a_use.server.is_some_and(forgotten)
        });
        // The login goes when there are more uses than are remembered.
        let last = last.or(self.uses.first()).unwrap();
        last.began + TIMEOUT
    }

    /// The same by the wall clock, in milliseconds.
    pub(crate) fn safe_until_millis(&self, map: &Map) -> u128 {
        let ago = self.safe_until(map);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (ahead, behind) = (
            ago.saturating_duration_since(Instant::now()),
            Instant::now().saturating_duration_since(ago),
        );
        (now + ahead - behind).as_millis()
    }

    /// Logs it out.
    pub(crate) fn log_out(self, client: &mut Client) -> Grave {
        let done = client.persist(&Call::new("GET", "users/logout").by(&self.token));
        let (status, code) = (done.answer.status, done.answer.code());
        assert!(status == 200 || code == DEAD, "{done:?}");
        self.ended()
    }

    /// It was just ended by other means.
    pub(crate) fn ended(self) -> Grave {
        Grave {
            token: self.token,
            user: self.user,
            since: Instant::now(),
        }
    }
}

impl Grave {
    /// Insists that every server respects the end, soon.
    pub(crate) fn expect_everywhere(&self, client: &mut Client) -> Duration {
        let call = Call::new("GET", format!("users/isvalidusertoken/{}", self.token));
        everywhere(client, self.since, &call, |answer| answer.body == false)
    }

    /// Insists that the session is dead on this server, if it answers.
    pub(crate) fn expect_on(&self, server: usize, client: &mut Client) {
        let began = Instant::now();
        let call = Call::new("GET", format!("data/Users/{}", self.user)).by(&self.token);
        if let Ok(answer) = client.once(server, &call) {
            let is_respected = answer.code() == DEAD || began < self.since + SOON;
            assert!(
                is_respected,
                "server {server} lets an ended session in, {:?} later: {self:?} {answer:?}",
                began - self.since
            );
        }
    }
}

/// Asks every server until it respects what was acknowledged then; how long the last one took. A server
/// that gives no answer for so long owes none.
#[track_caller]
pub(crate) fn everywhere(
    client: &mut Client,
    since: Instant,
    call: &Call,
    is_respected: impl Fn(&Answer) -> bool,
) -> Duration {
    let mut longest = Duration::ZERO;
    for server in 0..client.map().size() {
        longest = longest.max(on(server, client, since, call, &is_respected));
    }
    longest
}

/// The same of one server.
#[track_caller]
pub(crate) fn on(
    server: usize,
    client: &mut Client,
    since: Instant,
    call: &Call,
    is_respected: impl Fn(&Answer) -> bool,
) -> Duration {
    loop {
        let began = Instant::now();
        let is_late = began > since + SOON;
        match client.once(server, call) {
            Ok(answer) if is_respected(&answer) => return began - since,
            Ok(answer) => assert!(
                !is_late,
                "server {server} does not respect {call:?} {:?} later: {answer:?}",
                began - since
            ),
            Err(_) if is_late => return Duration::ZERO,
            Err(_) => {}
        }
        thread::sleep(Duration::from_millis(10));
    }
}
