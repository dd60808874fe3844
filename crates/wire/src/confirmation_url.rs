use schemars::JsonSchema;
use serde::Serialize;

/// A link that confirms an email address. No `Debug`: whoever has it can confirm.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ConfirmationUrlBody<'a> {
    /// The link.
    #[serde(rename = "confirmationURL")]
    pub confirmation_url: &'a str,
}
