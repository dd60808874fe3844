use serde::Serialize;
use serde_json::{Value as Json, json};

use super::role_changes::{RoleChange, RoleHolder};
use crate::{
    Result,
    context::Context,
    event::{
        CodeRunnerEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// Trusted server code takes a custom role from a user.
///
/// Backendless: none, it cannot be hooked there. It is not a `ClientEvent`: handlers ask for it
/// with `ctx.cloud().unassign_role(..)`, and whoever holds the CodeRunner key may send it over
/// HTTP. Sessions that exist are without the role from their next call on; nothing happens to a
/// user who has it not. Every use leaves an audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnassignRole {
    /// Who has it.
    pub user: RoleHolder,
    /// Which custom role.
    pub role: String,
}

impl UnassignRole {
    /// Asks for this. Having the event is no power yet: somebody must take it.
    pub fn new(user: impl Into<RoleHolder>, role: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            role: role.into(),
        }
    }
}

impl Event for UnassignRole {
    const NAME: &'static str = "unassignRole";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({ "user": self.user.as_str(), "roleName": self.role })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for UnassignRole {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            user: RoleHolder::IdOrIdentity(input.text("user")?),
            role: input.text("roleName")?,
        })
    }
}

impl Sealed for UnassignRole {}
impl CodeRunnerEvent for UnassignRole {}

impl Operation for UnassignRole {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Whoever could send this was handed the power to.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let action = format!("{} {}", Self::NAME, self.role);
        let change = RoleChange::unassign(&self.user, &self.role);
        change
            .make(&ctx.shared.engine, |id| ctx.audit(&action, id))
            .await?;
        Ok(Performed::done(()))
    }
}
