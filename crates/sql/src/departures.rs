use vestibule_model::{ObjectId, UserStatus};
use vestibule_storage::Change;

use crate::{Statement, guests};

/// Sees to it that there is a row for each guest without a session and for nobody else, whatever
/// happens to users and sessions. What ends sessions by their selectors does it by itself.
///
/// A guest login makes a user and a session in one list of changes, and there are many of them: no
/// row is made for that, nor looked for.
#[derive(Default)]
pub(crate) struct Departures {
    /// Whoever was made in this list of changes and cannot have such a row yet.
    without_row: Option<ObjectId>,
}

impl Departures {
    /// What goes with a change, behind it; `rest` are the changes that follow.
    pub(crate) fn after(&mut self, change: &Change, rest: &[Change]) -> Vec<Statement> {
        match change {
            Change::InsertUser(new_user) => {
                let id = new_user.user.id();
                if new_user.user.status == UserStatus::Guest && !opens_session(rest, id) {
                    return vec![guests::mark(id).into()];
                }
                self.without_row = Some(id.clone());
                Vec::new()
            }
            Change::OpenSession(session) => {
                if self.without_row.take().as_ref() == Some(&session.user_id) {
                    return Vec::new();
                }
                vec![guests::unmark(&session.user_id).into()]
            }
            Change::EndSessions(_) => {
                self.without_row = None;
                Vec::new()
            }
            Change::EndSessionsOf { user_id, .. } => {
                self.without_row = None;
                vec![guests::mark(user_id).into()]
            }
            Change::MoveSessions { from, to } => {
                self.without_row = None;
                vec![guests::mark(from).into(), guests::unmark(to).into()]
            }
            Change::SetUserStatus {
                id,
                status: UserStatus::Guest,
                ..
            } => {
                self.without_row = None;
                vec![guests::mark(id).into()]
            }
            Change::SetUserStatus { id, .. } | Change::RemoveUser { id } => {
                vec![guests::unmark(id).into(), guests::keep_no_longer(id).into()]
            }
            _ => Vec::new(),
        }
    }
}

fn opens_session(changes: &[Change], user_id: &ObjectId) -> bool {
    changes
        .iter()
        .any(|change| matches!(change, Change::OpenSession(session) if session.user_id == *user_id))
}
