use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

use vestibule_core::{ClientEvent, Operation};

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct Erase {}

impl Operation for Erase {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

impl ClientEvent for Erase {}

fn main() {}
