//! One rule, at both doors through which users come, and what is needed to be sure of it.
//!
//! ```sh
//! cargo run -p hello-handler                 # a server with it
//! cargo run -p hello-handler -- handlers     # its places in the chains
//! cargo test -p hello-handler                # its tests, without a server
//!
//! echo '{"properties": {"email": "ada@mailinator.com"}, "password": "correct horse"}' > event.json
//! cargo run -p hello-handler -- handlers run register --with event.json    # what it would say to her
//! ```

use vestibule::prelude::*;

/// Mail services whose addresses are forgotten within the hour.
const THROWAWAY: [&str; 3] = ["guerrillamail.com", "mailinator.com", "trashmail.com"];

/// Turns away who registers with an address that nobody will read tomorrow.
#[before]
async fn refuse_throwaway(event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    check_email(&event.properties)?;
    Ok(Flow::Continue)
}

/// As [`refuse_throwaway`], for guests: their registration is an event of its own.
#[before]
async fn refuse_throwaway_of_guest(
    event: &mut ConvertGuest,
    _ctx: &Context,
) -> Result<Flow<ConvertGuest>> {
    check_email(&event.properties)?;
    Ok(Flow::Continue)
}

fn check_email(properties: &Properties) -> Result<()> {
    let email = properties.get("email").and_then(Value::as_text);
    match email.and_then(|email| email.rsplit_once('@')) {
        Some((_, domain)) if THROWAWAY.contains(&domain.to_lowercase().as_str()) => {
            Err(Error::refused(20_001).saying("please register with an address that you keep"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_testkit::TestKit;

    use super::*;

    #[tokio::test]
    async fn a_throwaway_address_is_turned_away() {
        let kit = TestKit::with::<refuse_throwaway>().start().await;
        let outcome = kit
            .anonymous()
            .submit(Register::with("ada@Mailinator.com", "correct horse"))
            .await;
        assert_eq!(20_001, outcome.unwrap_err().code().number());
        kit.expect_calls([("hello_handler::refuse_throwaway", 1)]);
    }

    #[tokio::test]
    async fn a_guest_is_asked_for_a_lasting_address_too() {
        let kit = TestKit::with::<refuse_throwaway_of_guest>().start().await;
        let guest = kit.guest().await;
        let ada = |email: &str| {
            let ada = record! { "email" => email, "password" => "correct horse" };
            ConvertGuest::new(guest.id().clone(), ada)
        };
        let outcome = guest.submit(ada("ada@trashmail.com")).await;
        assert_eq!(20_001, outcome.unwrap_err().code().number());
        let outcome = guest.submit(ada("ada@example.com")).await;
        assert_eq!(guest.id(), outcome.unwrap().id());
    }

    #[tokio::test]
    async fn everybody_else_is_welcome() {
        let kit = TestKit::with::<refuse_throwaway>().start().await;
        let outcome = kit
            .anonymous()
            .submit(Register::with("ada@example.com", "correct horse"))
            .await;
        assert_eq!(Some("ada@example.com"), outcome.unwrap().email());
        kit.expect_calls([("hello_handler::refuse_throwaway", 1)]);
    }
}
