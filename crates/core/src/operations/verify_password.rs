use serde::Serialize;
use serde_json::json;
use vestibule_model::{ErrorCode, Password, Properties};

use crate::{
    Error, Result,
    context::Context,
    event::{
        CodeRunnerEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// Trusted server code asks whether this is the password of the logged-in user.
///
/// Backendless: none, it cannot be hooked there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VerifyPassword {
    /// The password to try, if one was sent.
    pub password: Option<Password>,
}

impl VerifyPassword {
    /// Asks about this password.
    pub fn new(password: Option<Password>) -> Self {
        Self { password }
    }
}

impl Event for VerifyPassword {
    const NAME: &'static str = "verifyPassword";
    type Output = bool;

    fn describe(&self) -> impl Serialize {
        json!({})
    }

    fn describe_output(output: &bool) -> impl Serialize {
        json!(output)
    }
}

impl FromInput for VerifyPassword {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            password: input.password(&mut Properties::new()),
        })
    }
}

impl Sealed for VerifyPassword {}
impl CodeRunnerEvent for VerifyPassword {}

impl Operation for VerifyPassword {
    fn permit(&self, ctx: &Context) -> Result<()> {
        match ctx.call().caller.id() {
            Some(_) => Ok(()),
            None => Err(Error::new(
                ErrorCode::NoAuthenticatedUser,
                "No authenticated user is associated with request",
            )),
        }
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<bool>> {
        let engine = &ctx.shared.engine;
        let text = self
            .password
            .as_ref()
            .and_then(Password::text)
            .ok_or_else(|| {
                Error::new(
                    ErrorCode::ParameterRequired,
                    "the parameter 'password' is required",
                )
            })?;
        let account = match ctx.call().caller.id() {
            Some(id) => engine.storage.account(id).await?,
            None => None,
        };
        let hash = account
            .as_ref()
            .and_then(|account| account.password.as_ref());
        Ok(Performed::done(engine.passwords.verify(text, hash).await?))
    }
}
