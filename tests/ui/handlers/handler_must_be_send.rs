use std::rc::Rc;

use vestibule::prelude::*;

#[before]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    let greeting = Rc::new("hello");
    std::future::ready(()).await;
    drop(greeting);
    Ok(Flow::Continue)
}

#[derive(Default)]
struct Doorman;

#[before]
impl Before<Login> for Doorman {
    async fn before(&self, _event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
        let greeting = Rc::new("hello");
        std::future::ready(()).await;
        drop(greeting);
        Ok(Flow::Continue)
    }
}

fn main() {}
