use vestibule::prelude::*;
use vestibule_core::{ClientRequest, Engine};

fn demote(engine: &Engine, request: ClientRequest, id: ObjectId) {
    let _ = engine.submit(request, UnassignRole::new(id, "Support"));
}

fn main() {}
