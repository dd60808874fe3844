use vestibule::prelude::*;
use vestibule_core::{ClientRequest, Engine};

async fn enter(engine: &Engine, request: ClientRequest, event: LoginByObjectId) {
    engine.dispatch_request(request, event).await;
}

async fn enter_inside(engine: &Engine, request: ClientRequest, event: LoginByObjectId) {
    engine.inner.dispatch_request(request, event).await;
}

fn main() {}
