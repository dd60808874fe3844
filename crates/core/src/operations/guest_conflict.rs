use serde::Serialize;
use serde_json::json;
use vestibule_model::{Properties, User};

use super::{MergeOutlook, MergePlan};
use crate::{
    Error, Result,
    context::Context,
    event::{
        Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// A guest registers with an identity that somebody has already: perhaps the same person, on another
/// device. It comes of [`ConvertGuest`](crate::ConvertGuest) and of nothing else.
///
/// Backendless: none, this is an error there. A before handler resolves it by answering
/// a [`MergePlan`]: `Ok(Flow::Respond(plan))`. If none does, the guest gets 3033 and stays what it
/// was.
///
/// The engine merges nothing unless it has been [`proved`](GuestConflict::proved) that the guest is
/// the existing user; without proof the answer is 3033 whatever handlers say, so that nobody learns
/// anything.
///
/// A merge that committed stays, even if an after handler of `ConvertGuest` fails; the session that it
/// moved ends then, as that of a failed login does.
///
/// The trap: a merge lets the client in as the existing user, as a login does. Handlers of `Login`
/// do not run: a guard of logins must stand here, too.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestConflict {
    pub(super) guest: User,
    pub(super) existing: User,
    pub(super) properties: Properties,
    pub(super) proved: bool,
    pub(super) outlook: MergeOutlook,
}

impl GuestConflict {
    /// The guest who wants to register.
    pub fn guest(&self) -> &User {
        &self.guest
    }

    /// The user who has the identity.
    pub fn existing(&self) -> &User {
        &self.existing
    }

    /// What the guest wanted to register with, the password apart. A merge ignores it, unless the
    /// plan says otherwise.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    /// Whether the guest has the existing user's password, and might have logged in with it.
    pub fn proved(&self) -> bool {
        self.proved
    }

    /// What there is to merge.
    pub fn outlook(&self) -> &MergeOutlook {
        &self.outlook
    }
}

impl Event for GuestConflict {
    const NAME: &'static str = "guestConflict";
    type Output = MergePlan;

    fn describe(&self) -> impl Serialize {
        json!({
            "guest": self.guest.id().as_str(),
            "existing": self.existing.id().as_str(),
            "proved": self.proved,
        })
    }

    fn describe_output(output: &MergePlan) -> impl Serialize {
        output.describe()
    }
}

impl FromInput for GuestConflict {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (guest, existing) = (input.id("guest")?, input.id("existing")?);
        let (properties, proved) = (input.properties()?, input.flag("proved")?);
        let engine = input.engine();
        let catalogue = engine.storage.catalogue().await?;
        let outlook = MergeOutlook::read(engine, &catalogue, &guest, &existing).await?;
        let user = async |name, id| {
            let user = engine.storage.user(id).await?;
            user.ok_or_else(|| input.unfit(name, "there is no such user"))
        };
        Ok(Self {
            guest: user("guest", &guest).await?,
            existing: user("existing", &existing).await?,
            properties,
            proved,
            outlook,
        })
    }
}

impl Sealed for GuestConflict {}

impl Operation for GuestConflict {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // The engine itself asks, about a conversion that was permitted.
        Ok(())
    }

    async fn perform(self, _ctx: &Context, _power: Power) -> Result<Performed<MergePlan>> {
        Err(identity_taken())
    }
}

/// Somebody has the identity: what whoever registers hears.
pub(super) fn identity_taken() -> Error {
    Error::conflict("User with this identity already exists")
}
