//! What is asked of a bare server, case by case.

use crate::{
    known,
    load::{Calls, DIGITS},
    requests::{get, get_as, post},
};

/// Nothing at all: what the load generator and hyper can do.
pub(crate) fn constant() -> Calls {
    Calls::any_of([get("/constant")], "true")
}

/// A guest comes in.
pub(crate) fn guest_login() -> Calls {
    Calls::any_of([post("/guest", "")], "{")
}

/// Whether tokens are valid.
pub(crate) fn token_check(users: &[u64]) -> Calls {
    let one = |number: &u64| get(&format!("/token/{}", known::token(*number)));
    Calls::any_of(users.iter().map(one), "true")
}

/// Users who read their own records.
pub(crate) fn own_record(users: &[u64]) -> Calls {
    let one = |number: &u64| {
        let path = format!("/own/{}", known::user_id(*number));
        get_as(&path, &known::token(*number))
    };
    Calls::any_of(users.iter().map(one), "{")
}

/// The records of users.
pub(crate) fn find_by_id(users: &[u64]) -> Calls {
    let one = |number: &u64| get(&format!("/find/{}", known::user_id(*number)));
    Calls::any_of(users.iter().map(one), "{")
}

/// Registered users who log in, each as often as the others.
pub(crate) fn password_login(registered: u64) -> Calls {
    let email = known::email(&"#".repeat(DIGITS));
    let body = format!(r#"{{"login":"{email}","password":"{}"}}"#, known::PASSWORD);
    Calls::numbered(&post("/login", &body), registered, "{")
}

/// People who register, each with an address of their own.
pub(crate) fn register() -> Calls {
    let email = format!("new{}@speed.example", "#".repeat(DIGITS));
    let body = format!(r#"{{"email":"{email}","password":"{}"}}"#, known::PASSWORD);
    Calls::numbered(&post("/register", &body), u64::MAX, "{")
}
