use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use vestibule_model::{ObjectId, Timestamp, User, UserStatus};

use crate::{
    Result,
    context::Context,
    event::{
        Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    guests::purge_one,
    settlement::Performed,
};

/// How long a guest is kept by whoever names no other time.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A guest whom nobody can come back to is about to go, with its sessions and all links to it and
/// from it. The server asks for this by itself; nobody else can.
///
/// Backendless: none. A guest is gone when it has no session that lives: the token was
/// the only way back. It never goes by age alone, nor while one of its calls is running.
///
/// A before handler may keep the guest, and is then not asked again before:
///
/// ```
/// use vestibule_core::{Context, Flow, PurgeGuest, Purged, Result};
/// use vestibule_model::Value;
///
/// async fn keep_customers(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
///     if event.guest().properties.get("hasOrdered") == Some(&Value::from(true)) {
///         return Ok(Flow::Respond(Purged::kept_for_a_day(ctx.now())));
///     }
///     Ok(Flow::Continue)
/// }
/// ```
///
/// The trap: a handler that refuses or fails keeps the guest as well, for a day. What becomes of the
/// rows that the guest owns is for the setting `guests.ownedRows` to say.
#[derive(Clone, Debug, PartialEq)]
pub struct PurgeGuest {
    guest: User,
    reason: PurgeReason,
}

/// Why a guest is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeReason {
    /// Its session was not used for too long, or has become too old.
    SessionExpired,
    /// It has no session any more: it logged out, or its session was ended.
    NoSession,
}

/// What became of a guest who was about to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purged {
    /// The guest is gone. What a handler answers to keep one is [`Purged::Kept`].
    Gone,
    /// A handler keeps the guest, who is not asked about again before.
    Kept {
        /// Until when.
        until: Timestamp,
    },
    /// The guest stays after all: it came back, registered or got rows that keep it while it was
    /// about to go.
    Stayed,
}

impl PurgeGuest {
    pub(crate) fn new(guest: User, reason: PurgeReason) -> Self {
        Self { guest, reason }
    }

    /// Who is about to go.
    pub fn id(&self) -> &ObjectId {
        self.guest.id()
    }

    /// The guest's row, as it was just before.
    pub fn guest(&self) -> &User {
        &self.guest
    }

    /// Why the guest is gone.
    pub fn reason(&self) -> PurgeReason {
        self.reason
    }
}

impl PurgeReason {
    /// The reason as it is called in logs and in the admin API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionExpired => "sessionExpired",
            Self::NoSession => "noSession",
        }
    }
}

impl Purged {
    /// To keep the guest for a day from `now`, which is [`Context::now`].
    pub fn kept_for_a_day(now: Timestamp) -> Self {
        Self::kept_for(A_DAY, now)
    }

    /// To keep the guest for this long from `now`, which is [`Context::now`].
    pub fn kept_for(duration: Duration, now: Timestamp) -> Self {
        Self::Kept {
            until: now.plus(duration),
        }
    }
}

impl Event for PurgeGuest {
    const NAME: &'static str = "purgeGuest";
    type Output = Purged;

    fn describe(&self) -> impl Serialize {
        json!({ "objectId": self.id().as_str(), "reason": self.reason.as_str() })
    }

    fn describe_output(output: &Purged) -> impl Serialize {
        match output {
            Purged::Gone => json!({ "purged": "gone" }),
            Purged::Kept { until } => json!({ "purged": "kept", "until": until.as_millis() }),
            Purged::Stayed => json!({ "purged": "stayed" }),
        }
    }
}

impl FromInput for PurgeGuest {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let id = input.object_id()?;
        let words = "sessionExpired, noSession";
        let reason = input.word("reason", words, |word| {
            let reasons = [PurgeReason::SessionExpired, PurgeReason::NoSession];
            reasons.into_iter().find(|reason| reason.as_str() == word)
        })?;
        let reason = reason.ok_or_else(|| input.unfit("reason", "it is missing"))?;
        let guest = input.engine().storage.user(&id).await?;
        let guest = guest.filter(|guest| guest.status == UserStatus::Guest);
        let guest = guest.ok_or_else(|| input.unfit("objectId", "there is no such guest"))?;
        Ok(Self { guest, reason })
    }
}

impl Sealed for PurgeGuest {}

impl Operation for PurgeGuest {
    /// Only the engine can make this event.
    fn permit(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Purged>> {
        let purged = purge_one(&ctx.shared.engine, self.guest.id()).await?;
        Ok(Performed::done(purged))
    }
}
