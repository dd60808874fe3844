//! What giving and taking custom roles have in common, whoever asks for it.

use vestibule_model::{ErrorCode, ObjectId, Role, User};
use vestibule_storage::{Change, Precondition, StorageError};

use crate::{Error, Result, engine::EngineInner, schema::shown};

/// Whose role it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleHolder {
    /// The user with this id.
    Id(ObjectId),
    /// The user with this id, or who logs in by this identity; refused if these are two users.
    IdOrIdentity(String),
}

impl RoleHolder {
    /// The id or the identity, as a text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::IdOrIdentity(text) => text,
        }
    }

    async fn find(&self, engine: &EngineInner) -> Result<User> {
        let found = match self {
            Self::Id(id) => engine.storage.user(id).await?,
            Self::IdOrIdentity(text) => by_id_or_identity(engine, text).await?,
        };
        found.ok_or_else(no_such_user)
    }
}

impl From<ObjectId> for RoleHolder {
    fn from(id: ObjectId) -> Self {
        Self::Id(id)
    }
}

impl From<&ObjectId> for RoleHolder {
    fn from(id: &ObjectId) -> Self {
        Self::Id(id.clone())
    }
}

/// Ids that clients choose may look like somebody's identity, so that a role meant for one could
/// come to the other: then the caller has to say which.
async fn by_id_or_identity(engine: &EngineInner, text: &str) -> Result<Option<User>> {
    let by_id = match ObjectId::parse(text) {
        Ok(id) => engine.storage.user(&id).await?,
        Err(_) => None,
    };
    let account = engine.storage.account_by_identity(text).await?;
    let by_identity = account.map(|account| account.user);
    match (by_id, by_identity) {
        (Some(one), Some(other)) if one.id() != other.id() => Err(Error::invalid(
            "'user' is the objectId of one user and the identity of another; send the objectId of the \
             one you mean, or change that identity first",
        )),
        (by_id, by_identity) => Ok(by_id.or(by_identity)),
    }
}

/// A custom role that is given to a user, or taken away.
pub(crate) struct RoleChange<'a> {
    user: &'a RoleHolder,
    role: &'a str,
    assign: bool,
}

impl<'a> RoleChange<'a> {
    pub(crate) fn assign(user: &'a RoleHolder, role: &'a str) -> Self {
        Self {
            user,
            role,
            assign: true,
        }
    }

    pub(crate) fn unassign(user: &'a RoleHolder, role: &'a str) -> Self {
        Self {
            user,
            role,
            assign: false,
        }
    }

    /// Makes the change, with what the audit trail is to say of it.
    ///
    /// # Errors
    /// 2007 and 2008 for a system role, 2005 if there is no such custom role, 3057 without such a
    /// user, 8008 to give a role to a guest.
    pub(crate) async fn make(
        self,
        engine: &EngineInner,
        audit: impl FnOnce(&ObjectId) -> Change,
    ) -> Result<()> {
        self.refuse_system_role()?;
        let roles = engine.storage.roles().await?;
        if !roles.iter().any(|role| role == self.role) {
            return Err(no_such_role(self.role));
        }
        let user = self.user.find(engine).await?;
        if self.assign && user.is_guest() {
            return Err(Error::invalid(
                "a guest cannot be assigned a role; let the guest register first",
            ));
        }
        let (id, role) = (user.id().clone(), self.role.to_owned());
        let changes = vec![
            // A guest may have registered meanwhile, but nobody becomes one.
            Change::Require(Precondition::UserExists(id.clone())),
            Change::Require(Precondition::RoleExists(role.clone())),
            // Memory is about to forget these sessions; what it knows better is kept.
            Change::RecordActivity(engine.sessions.last_uses_of(&id)),
            audit(&id),
            if self.assign {
                Change::AssignRole { user_id: id, role }
            } else {
                Change::UnassignRole { user_id: id, role }
            },
        ];
        engine.apply(changes).await.map_err(|error| match error {
            StorageError::Refused {
                precondition: Precondition::RoleExists(role),
            } => no_such_role(&role),
            StorageError::Refused {
                precondition: Precondition::UserExists(_),
            } => no_such_user(),
            error => error.into(),
        })?;
        Ok(())
    }

    fn refuse_system_role(&self) -> Result<()> {
        let Some(role) = system_role(self.role) else {
            return Ok(());
        };
        let (code, what) = if self.assign {
            (ErrorCode::SystemRoleAssigned, "assigned")
        } else {
            (ErrorCode::SystemRoleUnassigned, "unassigned")
        };
        let message =
            format!("{role} is a system role, which cannot be {what}; use a role of your own");
        Err(Error::new(code, message))
    }
}

/// The system role of exactly this name.
pub(crate) fn system_role(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.as_str() == name)
}

pub(crate) fn no_such_role(name: &str) -> Error {
    let message = format!(
        "there is no role '{}'; upper and lower case count, and the operator can make it",
        shown(name)
    );
    Error::new(ErrorCode::RoleNotFound, message)
}

pub(crate) fn no_such_user() -> Error {
    let message = "there is no user with this objectId or identity";
    Error::new(ErrorCode::UserNotFound, message)
}
