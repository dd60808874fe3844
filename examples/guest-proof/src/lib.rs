//! A guest costs its maker a moment of work, so that a million guests cost a million of them.
//!
//! Who comes without a proof is told the challenge, in the header `x-guest-challenge`. A proof is
//! the challenge, a dot, and a number of the client's choice; the SHA-256 of this text begins with
//! [`WORK_BITS`] zero bits. It travels in the header `x-guest-proof`, and counts once. In a browser:
//!
//! ```js
//! const url = `${root}/users/register/guest`
//! const challenge = (await fetch(url, { method: 'POST' })).headers.get('x-guest-challenge')
//! const guest = await fetch(url, { method: 'POST', headers: { 'x-guest-proof': await solve(challenge) } })
//! ```
//!
//! A captcha is the same handler with another question: send what the visitor's browser got to the
//! captcha's maker instead of hashing it, with `on_failure = "closed"` (as is usual), so that nobody
//! comes in while that maker does not answer.
//!
//! `cargo run -p guest-proof` runs a server with it, `cargo test -p guest-proof` tests it without one.
//!
//! The trap: what was spent is remembered by this server, until it restarts. With several servers a
//! proof counts once on each of them.

mod proof;
mod spent;

use guest_limits as _;
use vestibule::prelude::*;

pub use crate::proof::{Proof, WORK_BITS};
use crate::spent::Spent;

/// Turns away guests who did no work, and tells them how to.
///
/// # Errors
/// 20100 with status 428 and a challenge, for a proof that is missing, wrong, old or spent.
// Before everything that does work for a guest; and after `guest_limits`, which is cheaper still: that
// is a wish, so it holds whatever an operator does to the numbers.
#[before(order = -90, after = "guest_limits::limit_guests")]
pub async fn demand_proof(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    // Server code knows whom it lets in.
    if ctx.call().is_server_code() {
        return Ok(Flow::Continue);
    }
    let sent = ctx.call().headers.get("x-guest-proof");
    let complaint = match sent.map(Proof::parse) {
        None => "send a proof of work in the header 'x-guest-proof'",
        Some(None) => "the proof in 'x-guest-proof' is none",
        Some(Some(proof)) if !proof.is_fresh(ctx.now()) => {
            "the proof in 'x-guest-proof' is too old, or ahead of its time"
        }
        Some(Some(proof)) => match ctx.state::<Spent>().spend(proof, ctx.now()) {
            Ok(()) => return Ok(Flow::Continue),
            Err(complaint) => complaint,
        },
    };
    let response = ctx.response();
    response.set_header("x-guest-challenge", &Proof::challenge(ctx.now()))?;
    response.set_header("access-control-expose-headers", "x-guest-challenge")?;
    Err(Error::refused(20_100).status(428).saying(format!(
        "{complaint}: append a dot and a number to the text in 'x-guest-challenge', so that the \
         SHA-256 of it all begins with {WORK_BITS} zero bits, and send that within two minutes"
    )))
}
