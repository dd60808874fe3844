use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::{ErrorCode, ObjectId, UserStatus};
use vestibule_storage::{Change, Precondition, StorageError};

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

/// Trusted server code enables or disables a user.
///
/// Backendless: none, it cannot be hooked there. Disabling ends no
/// session: its calls are refused until the user is enabled again, logout apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeUserStatus {
    /// Whose status changes.
    pub id: ObjectId,
    /// The new status: enabled or disabled.
    pub status: UserStatus,
}

impl ChangeUserStatus {
    /// Asks for this status.
    pub fn new(id: ObjectId, status: UserStatus) -> Self {
        Self { id, status }
    }
}

impl Event for ChangeUserStatus {
    const NAME: &'static str = "changeUserStatus";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({ "objectId": self.id.as_str(), "userStatus": self.status.as_str() })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for ChangeUserStatus {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (id, name) = (input.object_id()?, "userStatus");
        let words = "ENABLED, DISABLED";
        let status = input.word(name, words, |word| word.parse::<UserStatus>().ok())?;
        let status = status.ok_or_else(|| input.unfit(name, "it is missing"))?;
        Ok(Self { id, status })
    }
}

impl Sealed for ChangeUserStatus {}
impl CodeRunnerEvent for ChangeUserStatus {}

impl Operation for ChangeUserStatus {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Whoever could send this was handed the power to.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let engine = &ctx.shared.engine;
        let user = engine.storage.user(&self.id).await?.ok_or_else(not_found)?;
        refuse_change(user.status, self.status)?;
        let audit = ctx.audit(Self::NAME, &self.id);
        let changes = vec![
            Change::Require(Precondition::UserStatusIs(self.id.clone(), user.status)),
            Change::SetUserStatus {
                id: self.id.clone(),
                status: self.status,
                at: ctx.now(),
            },
            // Memory is about to forget these sessions; what it knows better is kept.
            Change::RecordActivity(engine.sessions.last_uses_of(&self.id)),
            audit,
        ];
        engine.apply(changes).await.map_err(|error| match error {
            StorageError::Refused { .. } => {
                Error::unavailable("the user's status changed meanwhile")
            }
            error => error.into(),
        })?;
        Ok(Performed::done(()))
    }
}

pub(super) fn refuse_change(from: UserStatus, to: UserStatus) -> Result<()> {
    match (from, to) {
        (UserStatus::Guest, _) => Err(Error::invalid(
            "a guest has no other status; it is removed when it is gone",
        )),
        (UserStatus::Disabled, UserStatus::Disabled) => Err(Error::new(
            ErrorCode::AlreadyDisabled,
            "the user is disabled already",
        )),
        (UserStatus::Enabled, UserStatus::Enabled) => Err(Error::new(
            ErrorCode::AlreadyEnabled,
            "the user is enabled already",
        )),
        (_, UserStatus::Enabled | UserStatus::Disabled) => Ok(()),
        (_, UserStatus::Guest | UserStatus::EmailConfirmationPending) => Err(Error::invalid(
            "the status of a user can be set to ENABLED or DISABLED",
        )),
    }
}

fn not_found() -> Error {
    Error::new(ErrorCode::UserNotFound, "there is no user with this id")
}
