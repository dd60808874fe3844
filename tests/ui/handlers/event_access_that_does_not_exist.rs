use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access = everybody)]
struct First {}

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access = role(Support))]
struct Second {}

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access)]
struct Third {}

fn main() {}
