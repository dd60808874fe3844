//! A cart for every guest, from the first moment on.

use vestibule::prelude::*;

/// Gives every new guest an empty cart.
#[after]
async fn open_cart(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    let login = outcome?;
    // The call is still anonymous: without this nobody would own the cart.
    let cloud = ctx.cloud().on_behalf_of(&login.user);
    let cart = cloud.data("Cart").create(record! {}).await?;
    cloud
        .data("Users")
        .relate(login.user.id(), "cart", [cart.id()])
        .await?;
    Ok(login)
}
