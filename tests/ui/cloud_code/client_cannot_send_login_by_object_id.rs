use vestibule::prelude::*;
use vestibule_core::{ClientRequest, Engine};

fn enter(engine: &Engine, request: ClientRequest, id: ObjectId) {
    let _ = engine.submit(request.clone(), LoginByObjectId { object_id: id.clone() });
    let _ = engine.submit(request, LoginByObjectId::new(id));
}

fn main() {}
