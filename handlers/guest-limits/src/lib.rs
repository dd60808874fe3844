//! Turns away guests when too many come from one place.
//!
//! Guests cost their maker nothing, so somebody will make a million of them. This handler allows
//! each neighbourhood of addresses so many guest logins a minute as the setting
//! `guests.perAddressPerMinute` says; 0 allows any number. Whoever is turned away gets code 999,
//! status 429 and the time to wait.
//!
//! A neighbourhood is an IPv4 /24 or an IPv6 /56; [`PrefixLengths`] says who changes that. What is
//! remembered of them has an upper bound: when more than 65,536 neighbourhoods come within a minute,
//! the newcomers among them share a single quota.
//!
//! Name the crate once in your server, and it runs:
//!
//! ```
//! use guest_limits as _;
//! ```
//!
//! The trap: behind a proxy all guests seem to come from the proxy. Tell the server who its proxy
//! is (`--trusted-proxy`), or they will share one quota.

mod prefix;
mod quota;

use vestibule::prelude::*;

pub use crate::prefix::PrefixLengths;
use crate::{prefix::Prefix, quota::Quotas};

/// Turns away guests whose neighbourhood logged in too many lately.
///
/// # Errors
/// 999 with status 429 for a guest who is one too many, and how long to wait.
// Early, so that no other handler works for a guest who is then turned away.
#[before(order = -100)]
pub async fn limit_guests(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let per_minute = ctx.settings().guests.per_address_per_minute;
    // Server code knows what it does, and has no address of its own.
    let address = ctx.call().address.filter(|_| !ctx.call().is_server_code());
    let Some(address) = address else {
        return Ok(Flow::Continue);
    };
    let prefix = Prefix::of(address, &ctx.state::<PrefixLengths>());
    ctx.state::<Quotas>()
        .spend(prefix, per_minute, ctx.monotonic())
        .map_err(|wait| {
            Error::refused(999)
                .status(429)
                .retry_after(wait)
                .saying("too many guests come from here; try again in a moment")
        })?;
    Ok(Flow::Continue)
}
