use vestibule::prelude::*;
use vestibule_core::{ClientRequest, Engine};

fn promote(engine: &Engine, request: ClientRequest, id: ObjectId) {
    let _ = engine.submit(request, AssignRole::new(id, "Support"));
}

fn main() {}
