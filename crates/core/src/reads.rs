use std::sync::Arc;

use vestibule_model::{
    Catalogue, ErrorCode, KeyKind, ObjectId, PermissionOperation, Role, Table, USERS,
};

use crate::{
    Error, Result, clauses,
    context::Context,
    engine::{Engine, EngineInner},
    nesting::Nesting,
    operations::may_find_user,
    permissions,
    request::ClientRequest,
};

/// Reads for clients: they go past the handlers, and past nothing else.
impl Engine {
    /// The names of the roles in which a request is made, custom ones included.
    ///
    /// # Errors
    /// 3090 if the caller's account is disabled.
    pub fn roles(&self, request: ClientRequest) -> Result<Vec<String>> {
        let call = self.inner.reader(request)?;
        Ok(call.role_names().map(str::to_owned).collect())
    }

    /// The names of the roles of a user, custom ones included; the role of the asker's key comes with
    /// them. Everybody may ask for the own ones.
    ///
    /// # Errors
    /// 3057 if there is no such user, or if the caller may not see it; nobody is told which.
    pub async fn roles_of(&self, request: ClientRequest, id: &ObjectId) -> Result<Vec<String>> {
        let ctx = self.inner.asking(request)?;
        let is_own = ctx.call().caller.id() == Some(id);
        let user = if is_own || may_find_user(&ctx, id).await? {
            self.inner.storage.user(id).await?
        } else {
            None
        };
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
        let of_key = ctx.call().key.map(KeyKind::role);
        let system = of_key.into_iter().chain([own]);
        let custom = self.inner.custom_roles_of(id).await?;
        Ok(system
            .map(|role| role.as_str().to_owned())
            .chain(custom)
            .collect())
    }

    /// Whether a request may find any records of a table at all.
    ///
    /// # Errors
    /// 1013 if not, whether or not there is such a table.
    pub fn permit_find(&self, request: ClientRequest, table: &str) -> Result<()> {
        let ctx = self.inner.asking(request)?;
        permissions::permit(&ctx, table, PermissionOperation::Find)
    }

    /// The columns and relations of a table, for whoever may read them.
    ///
    /// # Errors
    /// 1015 if the caller may not, whether or not there is such a table; 1009 if there is none.
    pub async fn describe_table(&self, request: ClientRequest, table: &str) -> Result<Table> {
        let ctx = self.inner.asking(request)?;
        permissions::permit(&ctx, table, PermissionOperation::Describe)?;
        Ok(clauses::table(&*self.catalogue().await?, table)?.clone())
    }

    /// The columns of users, for whoever may read them.
    ///
    /// # Errors
    /// 2000 if the caller may not.
    pub async fn describe_users(&self, request: ClientRequest) -> Result<Table> {
        let ctx = self.inner.asking(request)?;
        permissions::permit_users(&ctx, PermissionOperation::Describe)?;
        Ok(clauses::table(&*self.catalogue().await?, USERS)?.clone())
    }

    /// All tables and columns as they stand now.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>> {
        Ok(self.inner.storage.catalogue().await?)
    }
}

impl EngineInner {
    /// The context of a question about what a request may do.
    ///
    /// # Errors
    /// 3090 if the caller's account is disabled.
    pub(crate) fn asking(self: &Arc<Self>, request: ClientRequest) -> Result<Context> {
        let call = self.reader(request)?;
        Ok(Context::new(
            Arc::clone(self),
            call,
            Nesting::default(),
            None,
        ))
    }
}
