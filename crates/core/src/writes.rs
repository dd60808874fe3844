use std::collections::HashSet;

use vestibule_model::{ObjectId, Selector, USERS, UserStatus};
use vestibule_storage::{Applied, Change, StorageError};

use crate::{Error, engine::EngineInner, permissions::TouchedPermissions};

/// Sessions written down in one step, so that nobody waits long behind them.
const SESSIONS_PER_STEP: usize = 256;

impl EngineInner {
    /// Makes changes, and makes memory forget the sessions that they end or put out of date.
    pub(crate) async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        if changes.is_empty() {
            return Ok(Applied::default());
        }
        let Touched {
            sessions,
            users,
            changed,
            roles,
        } = Touched::by(&changes);
        if creates_role(&changes) {
            self.sessions.expect_roles();
        }
        let permissions = TouchedPermissions::by(&changes);
        let grown = schema_actions(&changes);
        let unconfirmed = unconfirmed(&changes);
        let applied = self.storage.apply(changes).await;
        match &applied {
            Ok(applied) => {
                for action in grown {
                    tracing::info!(action, "the schema changed");
                }
                self.sessions.forget(&sessions);
                self.sessions.forget(&applied.ended);
                self.sessions.forget(&applied.moved);
                self.sessions.forget_users(&changed);
                self.forget_roles(&roles);
                for id in unconfirmed {
                    self.outbox.confirm_email(id);
                }
            }
            // Perhaps it was done after all. Memory may forget what it need not; the rows know.
            Err(StorageError::Unavailable { .. }) => {
                self.sessions.forget(&sessions);
                self.sessions.forget_users(&(&users | &changed));
                self.forget_roles(&roles);
            }
            // Nothing was done.
            Err(_) => return applied,
        }
        self.permissions.follow(permissions, &*self.storage).await;
        applied
    }

    fn forget_roles(&self, roles: &[String]) {
        for role in roles {
            self.sessions.forget_role(role);
        }
    }

    /// Clears away what a failed call did; what cannot be done now is done soon.
    pub(crate) async fn undo(&self, event: &'static str, changes: Vec<Change>) {
        if let Err(error) = self.apply(changes.clone()).await {
            let error = Error::from(error);
            tracing::warn!(
                event.name = event,
                error = error.log(),
                "the traces of a failed call are cleared away later"
            );
            if self.leftovers.keep(changes) {
                tracing::error!("too many failed calls left traces; the oldest will stay");
            }
        }
    }

    /// Clears away what could not be cleared away before, and reads what could not be read.
    pub(crate) async fn clear_up(&self) {
        self.permissions.catch_up(&*self.storage).await;
        for changes in self.leftovers.take() {
            if self.apply(changes.clone()).await.is_err() {
                self.leftovers.keep(changes);
            }
        }
    }

    /// Writes down the last uses of sessions, and that a server is running.
    pub(crate) async fn flush_activity(&self) -> Result<(), StorageError> {
        let heartbeat = Change::RecordHeartbeat(self.sessions.activity().now());
        let mut result = self.storage.apply(vec![heartbeat]).await.map(|_| ());
        let unsaved = self.sessions.take_unsaved();
        for chunk in unsaved.chunks(SESSIONS_PER_STEP) {
            if result.is_ok() {
                let step = vec![Change::RecordActivity(chunk.to_vec())];
                result = self.storage.apply(step).await.map(|_| ());
            }
            if result.is_err() {
                self.sessions.put_back_unsaved(chunk);
            }
        }
        result
    }
}

/// What changes of the schema are called in the log, as in the audit records.
fn schema_actions(changes: &[Change]) -> Vec<String> {
    let actions = changes.iter().filter_map(|change| match change {
        Change::CreateTable { name } => Some(format!("createTable {name}")),
        Change::DropTable { name } => Some(format!("dropTable {name}")),
        Change::AddColumn { table, column } => Some(format!("addColumn {table}.{}", column.name)),
        Change::AddRelation { table, relation } => {
            Some(format!("addColumn {table}.{}", relation.name))
        }
        Change::DropColumn { table, column } => Some(format!("dropColumn {table}.{column}")),
        Change::WidenColumn { table, column } => Some(format!("widenColumn {table}.{column}")),
        Change::SetIdentity { column } => Some(format!("setIdentity {USERS}.{column}")),
        _ => None,
    });
    actions.collect()
}

fn creates_role(changes: &[Change]) -> bool {
    changes
        .iter()
        .any(|change| matches!(change, Change::CreateRole { .. }))
}

/// Who has registered, by whatever door, and is to confirm the email address.
fn unconfirmed(changes: &[Change]) -> Vec<ObjectId> {
    let pending = UserStatus::EmailConfirmationPending;
    let ids = changes.iter().filter_map(|change| match change {
        Change::InsertUser(new) if new.user.status == pending => Some(new.user.id()),
        Change::SetUserStatus { id, status, .. } if *status == pending => Some(id),
        _ => None,
    });
    ids.cloned().collect()
}

/// What changes may end or put out of date.
#[derive(Default)]
struct Touched {
    sessions: Vec<Selector>,
    users: HashSet<ObjectId>,
    /// Users whose sessions go on with another status or other roles.
    changed: HashSet<ObjectId>,
    /// Custom roles that nobody has any more.
    roles: Vec<String>,
}

impl Touched {
    fn by(changes: &[Change]) -> Self {
        let mut touched = Self::default();
        for change in changes {
            match change {
                Change::EndSessions(selectors) => touched.sessions.extend(selectors),
                Change::EndSessionsOf { user_id: id, .. }
                | Change::MoveSessions { from: id, .. }
                | Change::RemoveUser { id } => {
                    touched.users.insert(id.clone());
                }
                Change::SetUserStatus { id, .. }
                | Change::ConfirmEmail { id, .. }
                | Change::AssignRole { user_id: id, .. }
                | Change::UnassignRole { user_id: id, .. } => {
                    touched.changed.insert(id.clone());
                }
                Change::DropRole { name } => touched.roles.push(name.clone()),
                _ => {}
            }
        }
        touched
    }
}
