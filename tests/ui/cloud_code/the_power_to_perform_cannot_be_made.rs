//! A handler tries to make what it takes to perform an operation.

use vestibule::prelude::*;
use vestibule_core::{event::sealed::Power, Operation};

#[before(collect = false)]
async fn sneak(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let id = ObjectId::parse("SOMEBODY")?;
    let login = LoginByObjectId::new(id).perform(ctx, Power::of_the_pipeline()).await;
    drop(login);
    Ok(Flow::Continue)
}

fn main() {}
