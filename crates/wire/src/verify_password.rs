use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use vestibule_model::{Password, Value};

/// Takes the password out of the body of `POST /users/verifypassword`, whatever was sent.
pub fn parse_verify_password(mut body: Map<String, Json>) -> Option<Password> {
    let password = body.remove("password")?;
    Some(Password::from_value(Value::from_json(password)))
}

/// Whether it was the password of the logged-in user.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct VerifiedBody {
    /// Whether it was.
    pub valid: bool,
}
