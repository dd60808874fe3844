use vestibule_model::{ObjectId, USERS, UserStatus};
use vestibule_storage::{Applied, Change, News, StorageError};

use crate::{Error, engine::EngineInner};

/// Sessions written down in one step, so that nobody waits long behind them.
const SESSIONS_PER_STEP: usize = 256;

impl EngineInner {
    /// Makes changes, and makes memory follow them.
    pub(crate) async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        if changes.is_empty() {
            return Ok(Applied::default());
        }
        let mut news = News::of(&changes, &Applied::default());
        let in_doubt = News::in_doubt(&changes);
        if news.has_new_role {
            self.sessions.expect_roles();
        }
        let grown = schema_actions(&changes);
        let unconfirmed = unconfirmed(&changes);
        let applied = self.storage.apply(changes).await;
        match &applied {
            Ok(applied) => {
                for action in grown {
                    tracing::info!(action, "the schema changed");
                }
                news.sessions.extend(&applied.ended);
                news.sessions.extend(&applied.moved);
                for id in unconfirmed {
                    self.outbox.confirm_email(id);
                }
            }
            // Perhaps it was done after all. Memory may forget what it need not; the rows know.
            Err(StorageError::Unavailable { .. }) => news = in_doubt,
            // Nothing was done.
            Err(_) => return applied,
        }
        if self.follow(&news) {
            self.read_again().await;
        }
        applied
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
        self.read_again().await;
        for changes in self.leftovers.take() {
            if self.apply(changes.clone()).await.is_err() {
                self.leftovers.keep(changes);
            }
        }
    }

    /// Writes down the last uses of sessions, and that a server is running.
    pub(crate) async fn flush_activity(&self) -> Result<(), StorageError> {
        let heartbeat = Change::RecordHeartbeat {
            at: self.sessions.activity().now(),
            wall: self.clock.now(),
        };
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
        if self.storage.has_neighbours() {
            let history = self.storage.activity_history().await?;
            self.sessions.activity().follow(history);
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
