use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Ping;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Tell(String);

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Of<T> {
    what: T,
}

fn main() {}
