//! A client under which the servers have no rest: guests come, buy, register, and go.

use std::{collections::BTreeSet, time::Instant};

use serde_json::{Value as Json, json};

use crate::{
    call::Call,
    client::{Client, Done},
    cluster::field,
    ledger::{Basket, Item, Ledger, User},
    session::{DEAD, DISABLED, Session, everywhere},
};

const PASSWORD: &str = "correct horse";
const NEW_PASSWORD: &str = "battery staple";

/// The role that users get and lose. The load makes it before visitors come.
pub(crate) const ROLE: &str = "Customer";

/// One client. What it does to a user or a record, nobody else does to the same.
pub(crate) struct Visitor {
    client: Client,
    /// The beginning of all its email addresses; nobody else has it.
    name: String,
    ledger: Ledger,
}

impl Visitor {
    pub(crate) fn new(client: Client, name: String) -> Self {
        let ledger = Ledger::default();
        Self {
            client,
            name,
            ledger,
        }
    }

    pub(crate) fn into_ledger(self) -> Ledger {
        self.ledger
    }

    /// A guest comes, buys something, and does one of the things that guests do.
    pub(crate) fn visit(&mut self, turn: u64) {
        let guest = self.enter();
        let Some(guest) = self.shop(guest) else {
            return;
        };
        match turn % 6 {
            0 => self.ledger.left.push(guest),
            1 => self.log_out(guest),
            2 => self.register_and_log_out(turn, guest),
            3 => self.change_password(turn, guest),
            4 => self.be_disabled(turn, guest),
            _ => self.get_and_lose_a_role(turn),
        }
        self.visit_graves();
    }

    fn enter(&mut self) -> Session {
        let call = Call::new("POST", "users/register/guest");
        Session::opened(self.client.persist(&call))
    }

    /// Makes records and relations, changes some and removes some. Nothing if the guest was too slow.
    fn shop(&mut self, mut guest: Session) -> Option<Session> {
        let mut items = Vec::new();
        for number in 0..3 {
            let body = json!({ "name": format!("{}-{number}", self.name), "amount": 0 });
            let made = self.call(&mut guest, Call::new("POST", "data/Item").with(body))?;
            items.push(Item::created(field(&made.ok(), "objectId"), 0));
        }
        let basket = Call::new("POST", "data/Basket").with(json!({}));
        let basket = field(&self.call(&mut guest, basket)?.ok(), "objectId");
        let ids: Vec<_> = items[..2].iter().map(|item| item.id.clone()).collect();
        let path = format!("data/Basket/{basket}/items");
        self.call(&mut guest, Call::new("PUT", path).with(json!(ids)))?
            .ok();
        let basket = Basket {
            id: basket,
            items: ids.into_iter().collect::<BTreeSet<_>>(),
        };
        self.ledger.baskets.push(basket);
        let last = items.len() - 1;
        for (number, item) in items.iter_mut().enumerate() {
            for amount in 1..=2 {
                self.change(&mut guest, item, amount);
            }
            if number == last {
                self.remove(&mut guest, item);
            }
        }
        self.ledger.items.extend(items);
        Some(guest)
    }

    fn change(&mut self, guest: &mut Session, item: &mut Item, amount: i64) {
        let path = format!("data/Item/{}", item.id);
        let call = Call::new("PUT", &path).with(json!({ "amount": amount }));
        let Some(done) = self.call(guest, call) else {
            return;
        };
        item.changed(amount, done.is_doubtful);
        done.ok();
        // Whoever is asked has what was acknowledged by another one.
        let done = self.client.persist(&Call::new("GET", path));
        let found = done.answer.body["amount"].as_i64();
        assert!(item.may_be(found), "{item:?} {done:?}");
    }

    fn remove(&mut self, guest: &mut Session, item: &mut Item) {
        let path = format!("data/Item/{}", item.id);
        // From here on, since an attempt may be made by a guest who turns out to be too slow.
        item.may_be_removed();
        let Some(done) = self.call(guest, Call::new("DELETE", &path)) else {
            return;
        };
        let is_gone = done.is_doubtful && done.answer.code() == 1000;
        assert!(done.answer.is_ok() || is_gone, "{done:?}");
        item.removed();
        let done = self.client.persist(&Call::new("GET", path));
        assert_eq!(1000, done.answer.code(), "{item:?} {done:?}");
    }

    fn log_out(&mut self, session: Session) {
        let grave = session.log_out(&mut self.client);
        let took = grave.expect_everywhere(&mut self.client);
        self.ledger.slowest = self.ledger.slowest.max(took);
        self.ledger.graves.push(grave);
    }

    /// The guest becomes a registered user.
    fn register(&mut self, turn: u64, guest: &mut Session) -> Option<User> {
        let email = format!("{}-{turn}@example.com", self.name);
        let body = json!({
            "objectId": guest.user, "email": email, "name": "Ada", "password": PASSWORD,
        });
        let call = Call::new("POST", "users/register").with(body);
        let done = self.call(guest, call)?;
        // The objectId is a guest's no more if an earlier attempt was made, or if the guest was too slow.
        let is_no_guest = [3033, 3039].contains(&done.answer.code());
        if is_no_guest && guest.was_late {
            return None;
        }
        if !(done.answer.is_ok() || is_no_guest && done.is_doubtful) {
            let seen = self.client.everywhere(&guest.a_use());
            panic!("{done:?} {guest:?} is everywhere: {seen:?}");
        }
        let user = User {
            id: guest.user.clone(),
            email,
            password: PASSWORD.to_owned(),
        };
        self.ledger.users.push(user.clone());
        Some(user)
    }

    fn log_in(&mut self, user: &User) -> Session {
        let session = log_in(&mut self.client, user);
        assert_eq!(user.id, session.user);
        session
    }

    fn register_and_log_out(&mut self, turn: u64, mut guest: Session) {
        let Some(user) = self.register(turn, &mut guest) else {
            return;
        };
        let mut session = self.log_in(&user);
        for server in 0..self.client.map().size() {
            if !session.lives(server, &mut self.client) {
                return;
            }
        }
        self.log_out(session);
    }

    /// A change of the password ends all sessions but the one that it was made in.
    fn change_password(&mut self, turn: u64, mut guest: Session) {
        let Some(user) = self.register(turn, &mut guest) else {
            return;
        };
        let mut session = self.log_in(&user);
        let other = self.log_in(&user);
        let body = json!({ "password": NEW_PASSWORD });
        let call = Call::new("PUT", format!("users/{}", user.id)).with(body);
        let Some(done) = self.call(&mut session, call) else {
            // Nobody knows which password counts.
            self.ledger.users.pop();
            return;
        };
        done.ok();
        self.ledger.users.last_mut().unwrap().password = NEW_PASSWORD.to_owned();
        for ended in [guest, other] {
            let grave = ended.ended();
            let took = grave.expect_everywhere(&mut self.client);
            self.ledger.slowest = self.ledger.slowest.max(took);
            self.ledger.graves.push(grave);
        }
        session.lives(0, &mut self.client);
    }

    /// The operator disables and enables a user, whose session rests meanwhile.
    fn be_disabled(&mut self, turn: u64, mut guest: Session) {
        let Some(user) = self.register(turn, &mut guest) else {
            return;
        };
        let mut session = self.log_in(&user);
        for (status, is_refused) in [("DISABLED", true), ("ENABLED", false)] {
            let path = format!("tables/Users/rows/{}", user.id);
            let call = Call::admin("PATCH", path).with(json!({ "userStatus": status }));
            let done = self.client.persist(&call);
            self.ledger.doubtful += usize::from(done.is_doubtful);
            if done.is_doubtful {
                // An earlier attempt may be made later still, so that nobody knows the status.
                self.ledger.users.pop();
                return;
            }
            done.ok();
            let since = Instant::now();
            let call = session.a_use();
            let expires = session.safe_until(self.client.map());
            let took = everywhere(&mut self.client, since, &call, |answer| {
                let is_over = answer.code() == DEAD && Instant::now() >= expires;
                is_over || (answer.code() == DISABLED) == is_refused
            });
            self.ledger.slowest = self.ledger.slowest.max(took);
        }
        session.lives(0, &mut self.client);
    }

    fn get_and_lose_a_role(&mut self, turn: u64) {
        let mut guest = self.enter();
        let Some(user) = self.register(turn, &mut guest) else {
            return;
        };
        let session = self.log_in(&user);
        let path = format!("users/{}/roles", user.id);
        let assign = Call::admin("POST", &path).with(json!({ "role": ROLE }));
        let unassign = Call::admin("DELETE", format!("{path}/{ROLE}"));
        for (call, has_it) in [(assign, true), (unassign, false)] {
            let done = self.client.persist(&call);
            self.ledger.doubtful += usize::from(done.is_doubtful);
            if done.is_doubtful {
                return;
            }
            assert!(done.answer.status < 300, "{done:?}");
            let since = Instant::now();
            let roles = Call::new("GET", "users/userroles").by(&session.token);
            let took = everywhere(&mut self.client, since, &roles, |answer| {
                let roles = answer.body.as_array();
                roles.is_none_or(|roles| roles.contains(&Json::from(ROLE)) == has_it)
            });
            self.ledger.slowest = self.ledger.slowest.max(took);
        }
    }

    /// Some sessions that were ended are tried again.
    fn visit_graves(&mut self) {
        for _ in 0..2 {
            let graves = &self.ledger.graves;
            if graves.is_empty() {
                return;
            }
            let number = self.client.chance(graves.len() as u64);
            let grave = graves[usize::try_from(number).unwrap()].clone();
            let server = self.client.any_server();
            grave.expect_on(server, &mut self.client);
        }
    }

    /// A call of a session. Nothing if the session has expired.
    fn call(&mut self, session: &mut Session, call: Call) -> Option<Done> {
        let done = session.ask(&mut self.client, call)?;
        self.ledger.doubtful += usize::from(done.is_doubtful);
        Some(done)
    }
}

/// Logs a user in, which must work.
pub(crate) fn log_in(client: &mut Client, user: &User) -> Session {
    let body = json!({ "login": user.email, "password": user.password });
    let call = Call::new("POST", "users/login").with(body);
    Session::opened(client.persist(&call))
}
