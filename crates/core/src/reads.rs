use std::sync::Arc;

use vestibule_model::{Catalogue, ErrorCode, ObjectId, Role, User};
use vestibule_storage::UserQuery;

use crate::{Error, Result, engine::Engine, permissions::Readable, request::ClientRequest};

/// Largest page that a query may ask for (wire contract, section 9.2).
const PAGE_AT_MOST: i64 = 100;

/// Reads for clients: they go past the handlers, and past nothing else.
impl Engine {
    /// The user with this id.
    ///
    /// # Errors
    /// 1000 if there is none, or if the caller may not see it; nobody is told which.
    pub async fn read_user(&self, request: ClientRequest, id: &ObjectId) -> Result<User> {
        let call = self.inner.reader(request)?;
        let readable = Readable::by(&call, self.settings().permissions.base);
        let user = self.inner.storage.user(id).await?;
        user.filter(|user| readable.includes(user))
            .ok_or_else(|| Error::not_found(format!("Entity with ID {id} not found")))
    }

    /// A page of the users whom the caller may see, the newest first.
    ///
    /// # Errors
    /// 1005 and 1025 for a page size outside of 1 to 100, 1004 for a negative offset.
    pub async fn find_users(
        &self,
        request: ClientRequest,
        offset: i64,
        page_size: i64,
    ) -> Result<Vec<User>> {
        let offset = u64::try_from(offset)
            .map_err(|_| Error::new(ErrorCode::InvalidOffset, "the offset cannot be negative"))?;
        if page_size > PAGE_AT_MOST {
            let message = format!("a page has at most {PAGE_AT_MOST} records");
            return Err(Error::new(ErrorCode::PageSizeTooLarge, message));
        }
        let page_size = u64::try_from(page_size)
            .ok()
            .filter(|size| *size > 0)
            .ok_or_else(|| {
                Error::new(ErrorCode::InvalidPageSize, "a page has at least one record")
            })?;
        let call = self.inner.reader(request)?;
        let owner_id = match Readable::by(&call, self.settings().permissions.base) {
            Readable::All => None,
            Readable::OwnedBy(owner) => Some(owner),
            Readable::Nothing => return Ok(Vec::new()),
        };
        Ok(self
            .inner
            .storage
            .find_users(&UserQuery {
                owner_id,
                offset,
                page_size,
            })
            .await?)
    }

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
