//! A handler tries to run an operation past permissions, handlers and the audit trail.

use vestibule::prelude::*;
use vestibule_core::Operation;

#[before(collect = false)]
async fn sneak(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let id = ObjectId::parse("SOMEBODY")?;
    let login = LoginByObjectId::new(id).perform(ctx).await;
    drop(login);
    Ok(Flow::Continue)
}

fn main() {}
