use std::sync::Arc;

use vestibule_model::{Catalogue, ErrorCode, ObjectId, Role};

use crate::{Error, Result, engine::Engine, permissions::Readable, request::ClientRequest};

/// Reads for clients: they go past the handlers, and past nothing else.
impl Engine {
    /// The roles in which a request is made.
    ///
    /// # Errors
    /// 3090 if the caller's account is disabled.
    pub fn roles(&self, request: ClientRequest) -> Result<Vec<Role>> {
        Ok(self.inner.reader(request)?.roles)
    }

    /// The roles of a user; the role of the asker's key comes with them.
    ///
    /// # Errors
    /// 3057 if there is no such user, or if the caller may not see it; nobody is told which.
    pub async fn roles_of(&self, request: ClientRequest, id: &ObjectId) -> Result<Vec<Role>> {
        let call = self.inner.reader(request)?;
        let readable = Readable::by(&call, self.settings().permissions.base);
        let user = self
            .inner
            .storage
            .user(id)
            .await?
            .filter(|user| readable.includes(user));
        let user = user.ok_or_else(|| {
            Error::new(
                ErrorCode::UserNotFound,
                format!("there is no user with the id {id}"),
            )
        })?;
        let own = if user.is_guest() {
            Role::GuestUser
        } else {
            Role::AuthenticatedUser
        };
        Ok(call
            .key
            .map(|key| key.role())
            .into_iter()
            .chain([own])
            .collect())
    }

    /// All tables and columns as they stand now.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>> {
        Ok(self.inner.storage.catalogue().await?)
    }
}
