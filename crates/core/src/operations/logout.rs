use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_storage::Change;

use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// The caller's session ends. Without a session nothing happens, and that is fine.
///
/// Backendless: `beforeLogout` and `afterLogout`, event 212.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Logout {}

impl Event for Logout {
    const NAME: &'static str = "logout";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({})
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for Logout {
    async fn from_input(_input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {})
    }
}

impl Sealed for Logout {}
impl ClientEvent for Logout {}

impl Operation for Logout {
    const ALLOWED_WHEN_DISABLED: bool = true;

    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Never gated: whoever has a session may end it.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        if let Some(selector) = ctx.call().session {
            ctx.shared
                .engine
                .apply(vec![Change::EndSessions(vec![selector])])
                .await?;
        }
        Ok(Performed::done(()))
    }
}
