//! Two events of an app's own: one that clients run, and one that follows from it.
//!
//! ```sh
//! cargo run -p hello-event
//! ```
//!
//! A page runs the first with the published SDK, logged in or as a guest:
//!
//! ```js
//! await Backendless.Events.dispatch('rate', { product: 'apple', stars: 2 }); // { ratings: 1 }
//! ```
//!
//! A poor rating then opens a ticket, and the visitor does not wait for that. `cargo test -p
//! hello-event` tests both without a server.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

/// Ratings of so many stars or fewer want an answer from somebody.
const POOR: u8 = 2;

table! {
    /// What a visitor thinks of a product.
    Rating {
        product: String(size = 40, required),
        stars: Int,
    }
}

table! {
    /// What somebody at the shop is to look into.
    Ticket {
        subject: String(size = 100),
    }
}

/// Somebody rates a product. An argument that is misspelt is refused, rather than forgotten.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "rate", output = Rated, access = user)]
#[serde(deny_unknown_fields)]
struct Rate {
    product: String,
    stars: u8,
}

/// How many ratings the product has now.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Rated {
    ratings: u64,
}

/// Keeps the rating; the visitor owns it, since the event runs as the visitor's call.
#[answer]
async fn keep_rating(event: Rate, ctx: &Context) -> Result<Rated> {
    if !(1..=5).contains(&event.stars) {
        return Err(Error::refused(20_200).saying("give one star to five"));
    }
    let ratings = ctx.cloud().data("Rating");
    let rating = record! { "product" => event.product.as_str(), "stars" => i64::from(event.stars) };
    ratings.create(rating).await?;
    if event.stars <= POOR {
        // Runs if this call succeeds, and only then. Never write to the outside from here instead:
        // another handler may still refuse the call.
        ctx.after_commit(OpenTicket {
            subject: format!("{} stars for {}", event.stars, event.product),
        })?;
    }
    let same = Query::matching(format!("product = {}", quoted(&event.product)));
    Ok(Rated {
        ratings: ratings.count(same).await?,
    })
}

/// Somebody is to look into this. Clients cannot say so themselves.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "openTicket", access = server)]
struct OpenTicket {
    subject: String,
}

#[answer]
async fn open_ticket(event: OpenTicket, ctx: &Context) -> Result<()> {
    let ticket = record! { "subject" => event.subject };
    ctx.cloud().data("Ticket").create(ticket).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use vestibule_testkit::TestKit;

    use super::*;

    fn rate(stars: u8) -> Rate {
        let product = "apple".to_owned();
        Rate { product, stars }
    }

    async fn tickets(kit: &TestKit) -> u64 {
        // What follows from a call runs beside the test.
        kit.settled().await;
        let count = Count::new("Ticket", Query::new());
        kit.code_runner().submit(count).await.unwrap()
    }

    #[tokio::test]
    async fn a_guest_rates_a_product_and_hears_how_many_did() {
        let kit = TestKit::all().start().await;
        let guest = kit.guest().await;
        assert_eq!(Ok(Rated { ratings: 1 }), guest.submit(rate(5)).await);
        assert_eq!(Ok(Rated { ratings: 2 }), guest.submit(rate(4)).await);
        assert_eq!(0, tickets(&kit).await);
    }

    #[tokio::test]
    async fn a_poor_rating_opens_a_ticket() {
        let kit = TestKit::all().start().await;
        kit.guest().await.submit(rate(2)).await.unwrap();
        assert_eq!(1, tickets(&kit).await);
    }

    #[tokio::test]
    async fn no_star_and_six_are_refused_and_nothing_is_kept() {
        let kit = TestKit::all().start().await;
        for stars in [0, 6] {
            let error = kit.guest().await.submit(rate(stars)).await.unwrap_err();
            assert_eq!(20_200, error.code().number());
        }
        let count = Count::new("Rating", Query::new());
        assert_eq!(Ok(0), kit.code_runner().submit(count).await);
        assert_eq!(0, tickets(&kit).await);
    }

    #[tokio::test]
    async fn whoever_is_not_logged_in_rates_nothing_and_nobody_opens_a_ticket() {
        let kit = TestKit::all().start().await;
        let denied = kit.anonymous().submit(rate(5)).await.unwrap_err();
        assert_eq!(ErrorCode::InvocationDenied, denied.code());
        let subject = "give me a discount".to_owned();
        let guest = kit.guest().await;
        let denied = guest.submit(OpenTicket { subject }).await.unwrap_err();
        assert_eq!(ErrorCode::InvocationDenied, denied.code());
    }
}
