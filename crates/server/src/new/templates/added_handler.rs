//! One handler and its test, to begin with: put in their place what this crate is for.

use vestibule::prelude::*;

/// No name has spaces around it.
// A guest who registers is an event of its own, `ConvertGuest`, and wants the same handler.
#[before]
async fn trim_name(event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    if let Some(name) = event.properties.get("name").and_then(Value::as_text) {
        let trimmed = Value::from(name.trim());
        event.properties.insert("name".to_owned(), trimmed);
    }
    Ok(Flow::Continue)
}

#[cfg(test)]
mod tests {
    use vestibule_testkit::TestKit;

    use super::*;

    #[tokio::test]
    async fn a_name_is_kept_without_the_spaces_around_it() {
        let kit = TestKit::with::<trim_name>().start().await;
        let ada = record! {
            "email" => "ada@example.com", "password" => "correct horse", "name" => " Ada ",
        };
        let ada = kit.anonymous().submit(Register::new(ada)).await.unwrap();
        assert_eq!(Some("Ada"), ada.name());
    }
}
