//! What this server does that Vestibule alone does not.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

/// Nobody registers from a throw-away mailbox.
// A guest who registers is an event of its own, `ConvertGuest`, and wants the same handler.
#[before]
async fn refuse_throwaway_mail(event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    let email = event.properties.get("email").and_then(Value::as_text);
    if email.is_some_and(|email| email.to_lowercase().ends_with("@mailinator.com")) {
        return Err(Error::refused(20_001).saying("please register with an address that you keep"));
    }
    Ok(Flow::Continue)
}

/// An event of our own. Clients run it by its name: `POST /servercode/events/greet`.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(output = Greeting, access = anyone)]
pub struct Greet {
    /// Who is greeted.
    pub name: String,
}

/// What comes of [`Greet`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Greeting {
    /// What to show.
    pub text: String,
}

#[answer]
async fn greet(event: Greet, _ctx: &Context) -> Result<Greeting> {
    let text = format!("Hello, {}!", event.name);
    Ok(Greeting { text })
}

#[cfg(test)]
mod tests {
    use vestibule_testkit::TestKit;

    use super::*;

    #[tokio::test]
    async fn a_throwaway_address_is_turned_away() {
        let kit = TestKit::with::<refuse_throwaway_mail>().start().await;
        let ada = Register::with("ada@Mailinator.com", "correct horse");
        let refusal = kit.anonymous().submit(ada).await.unwrap_err();
        assert_eq!(20_001, refusal.code().number());
    }

    #[tokio::test]
    async fn everybody_else_is_welcome() {
        let kit = TestKit::with::<refuse_throwaway_mail>().start().await;
        let ada = Register::with("ada@example.com", "correct horse");
        let ada = kit.anonymous().submit(ada).await.unwrap();
        assert_eq!(Some("ada@example.com"), ada.email());
    }

    #[tokio::test]
    async fn a_visitor_is_greeted_by_name() {
        let kit = TestKit::with::<greet>().start().await;
        let name = "Ada".to_owned();
        let greeting = kit.anonymous().submit(Greet { name }).await.unwrap();
        assert_eq!("Hello, Ada!", greeting.text);
    }
}
