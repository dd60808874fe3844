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

/// Trusted server code gives a custom role to a user.
///
/// Backendless: none, it cannot be hooked there. It is not a `ClientEvent`: handlers ask for it
/// with `ctx.cloud().assign_role(..)`, and whoever holds the CodeRunner key may send it over HTTP.
/// Sessions that exist have the role from their next call on. Every use leaves an audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssignRole {
    /// Who gets it.
    pub user: RoleHolder,
    /// Which custom role.
    pub role: String,
}

impl AssignRole {
    /// Asks for this. Having the event is no power yet: somebody must take it.
    pub fn new(user: impl Into<RoleHolder>, role: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            role: role.into(),
        }
    }
}

impl Event for AssignRole {
    const NAME: &'static str = "assignRole";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({ "user": self.user.as_str(), "roleName": self.role })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for AssignRole {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            user: RoleHolder::IdOrIdentity(input.text("user")?),
            role: input.text("roleName")?,
        })
    }
}

impl Sealed for AssignRole {}
impl CodeRunnerEvent for AssignRole {}

impl Operation for AssignRole {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Whoever could send this was handed the power to.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let action = format!("{} {}", Self::NAME, self.role);
        let change = RoleChange::assign(&self.user, &self.role);
        change
            .make(&ctx.shared.engine, |id| ctx.audit(&action, id))
            .await?;
        Ok(Performed::done(()))
    }
}
