use std::collections::HashSet;

use vestibule_model::{ObjectId, Selector};
use vestibule_storage::{Applied, Change, StorageError};

use crate::{Error, engine::EngineInner};

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
            statuses,
        } = Touched::by(&changes);
        let grown = schema_actions(&changes);
        let applied = self.storage.apply(changes).await;
        match &applied {
            Ok(applied) => {
                for action in grown {
                    tracing::info!(action, "the schema changed");
                }
                self.sessions.forget(&sessions);
                self.sessions.forget(&applied.ended);
                self.sessions.forget(&applied.moved);
                self.sessions.forget_users(&statuses);
            }
            // Perhaps it was done after all. Memory may forget what it need not; the rows know.
            Err(StorageError::Unavailable { .. }) => {
                self.sessions.forget(&sessions);
                self.sessions.forget_users(&(&users | &statuses));
            }
            Err(_) => {}
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

    /// Clears away what could not be cleared away before.
    pub(crate) async fn clear_up(&self) {
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
        _ => None,
    });
    actions.collect()
}

/// What changes may end or put out of date.
#[derive(Default)]
struct Touched {
    sessions: Vec<Selector>,
    users: HashSet<ObjectId>,
    statuses: HashSet<ObjectId>,
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
                Change::SetUserStatus { id, .. } => {
                    touched.statuses.insert(id.clone());
                }
                _ => {}
            }
        }
        touched
    }
}
