use serde::Serialize;
use serde_json::json;
use vestibule_model::{ObjectId, PermissionOperation, Timestamp, USERS};
use vestibule_storage::{Change, Precondition, StorageError};

use super::{
    Via,
    reach::{self, Reach},
    saving, user_reach,
};
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    permissions,
    settlement::Performed,
};

/// A user goes, guest or registered, with its sessions and all links to it and from it.
///
/// Backendless: `beforeRemove` and `afterRemove` of users, event 206. The output is when it happened.
/// The records that the user owns stay.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveUser {
    pub(crate) id: ObjectId,
    /// Through which door it came.
    pub via: Via,
}

impl RemoveUser {
    /// The removal of this user.
    pub fn new(id: ObjectId) -> Self {
        Self {
            id,
            via: Via::UserService,
        }
    }

    /// Who is to go.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }
}

impl Event for RemoveUser {
    const NAME: &'static str = "removeUser";
    type Output = Timestamp;

    fn describe(&self) -> impl Serialize {
        json!({ "objectId": self.id.as_str(), "via": self.via.as_str() })
    }

    fn describe_output(output: &Timestamp) -> impl Serialize {
        json!({ "deletionTime": output.as_millis() })
    }
}

impl FromInput for RemoveUser {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            id: input.object_id()?,
            via: Via::from_input(input)?,
        })
    }
}

impl Sealed for RemoveUser {}
impl ClientEvent for RemoveUser {}

impl Operation for RemoveUser {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit(ctx, USERS, PermissionOperation::Remove)
    }

    // Handlers see no call about a user whom the caller may not remove.
    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        reach::unless_hidden(ctx, USERS, &self.id, permitted).await?;
        user_reach::may_do(ctx, &self.id, PermissionOperation::Remove).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Timestamp>> {
        let id = self.id;
        let reach = Reach::of(ctx, USERS, &[PermissionOperation::Remove]);
        let mut changes = reach.besides_existing(&id);
        changes.extend([
            Change::Require(Precondition::UserExists(id.clone())),
            Change::RemoveUser { id: id.clone() },
        ]);
        match ctx.shared.engine.apply(changes).await {
            Ok(_) => Ok(Performed::done(ctx.now())),
            Err(StorageError::Refused { precondition }) => {
                let refusal = reach.refusal(ctx, &precondition);
                Err(refusal.unwrap_or_else(|| saving::not_found(&id)))
            }
            Err(error) => Err(error.into()),
        }
    }
}
