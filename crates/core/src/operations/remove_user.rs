use serde_json::{Value as Json, json};
use vestibule_model::{ObjectId, Timestamp};
use vestibule_storage::{Change, Precondition, StorageError};

use super::{Via, saving, users_as_records::may_see_user};
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
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

    fn describe(&self) -> Json {
        json!({ "objectId": self.id.as_str(), "via": self.via.as_str() })
    }

    fn describe_output(output: &Timestamp) -> Json {
        json!({ "deletionTime": output.as_millis() })
    }
}

impl Sealed for RemoveUser {}
impl ClientEvent for RemoveUser {}

impl Operation for RemoveUser {
    fn permit(&self, ctx: &Context) -> Result<()> {
        may_see_user(ctx, &self.id)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<Timestamp>> {
        let id = self.id;
        let changes = vec![
            Change::Require(Precondition::UserExists(id.clone())),
            Change::RemoveUser { id: id.clone() },
        ];
        match ctx.shared.engine.apply(changes).await {
            Ok(_) => Ok(Performed::done(ctx.now())),
            Err(StorageError::Refused { .. }) => Err(saving::not_found(&id)),
            Err(error) => Err(error.into()),
        }
    }
}
