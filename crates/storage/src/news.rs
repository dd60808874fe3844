use std::collections::BTreeSet;

use vestibule_model::{ObjectId, Selector};

use crate::{Applied, Change};

/// What changes put out of date in the memory of servers, told from the changes alone.
///
/// A server follows the news of its own changes before it answers, and those of other servers when
/// it hears of them ([`Neighbours`](crate::Neighbours)): one way for both. What is made new is no
/// news, for nobody remembers it; so a guest login, the most frequent of all changes, has none.
///
/// ```
/// use vestibule_model::{KeyKind, ObjectId, Selector};
/// use vestibule_storage::{Applied, Change, News};
///
/// let ended = Change::EndSessions(vec![Selector::from_bytes([7; 16])]);
/// let news = News::of(&[ended], &Applied::default());
/// assert_eq!([Selector::from_bytes([7; 16])], *news.sessions);
///
/// let key = Change::PutKey { kind: KeyKind::Js, key: "K".to_owned() };
/// assert!(News::of(&[key], &Applied::default()).app);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Sessions that ended, or that belong to another user.
    pub sessions: Vec<Selector>,
    /// Users whose sessions go on with another status or other roles.
    pub users: BTreeSet<ObjectId>,
    /// Users who are gone, and their permissions with them.
    pub removed_users: BTreeSet<ObjectId>,
    /// Custom roles that nobody has any more.
    pub dropped_roles: BTreeSet<String>,
    /// Whether there is a custom role that there was not.
    pub has_new_role: bool,
    /// Whether permissions changed, whosever they are.
    pub permissions: bool,
    /// Tables one of whose records has another permission of its own.
    pub record_permissions: BTreeSet<String>,
    /// Whether settings changed.
    pub settings: bool,
    /// Whether the app's id, a key or the admin token is another one.
    pub app: bool,
    /// Whether the operator wants something else of a handler.
    pub handlers: bool,
    /// Whether tables or columns are others.
    pub schema: bool,
    /// Whether there may have been any news: some were missed. Everything in memory is in doubt.
    pub missed: bool,
}

impl News {
    /// The news of changes that were made.
    pub fn of(changes: &[Change], applied: &Applied) -> Self {
        let mut news = Self::default();
        for change in changes {
            news.add(change);
        }
        news.sessions.extend(&applied.ended);
        news.sessions.extend(&applied.moved);
        news
    }

    /// The news of changes that may have been made: the database did not say. Of sessions that they
    /// would have ended it tells by their users.
    pub fn in_doubt(changes: &[Change]) -> Self {
        let mut news = Self::of(changes, &Applied::default());
        for change in changes {
            match change {
                Change::EndSessionsOf { user_id: id, .. }
                | Change::MoveSessions { from: id, .. }
                | Change::RemoveUser { id } => {
                    news.users.insert(id.clone());
                }
                Change::EndDeadSessions { selectors, .. } => news.sessions.extend(selectors),
                _ => {}
            }
        }
        news
    }

    /// The news of a server that cannot know what it missed.
    pub fn missed() -> Self {
        Self {
            missed: true,
            ..Self::default()
        }
    }

    /// Whether nothing in memory is out of date.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, change: &Change) {
        match change {
            Change::EndSessions(selectors) => self.sessions.extend(selectors),
            Change::SetUserStatus { id, .. }
            | Change::ConfirmEmail { id, .. }
            | Change::AssignRole { user_id: id, .. }
            | Change::UnassignRole { user_id: id, .. } => {
                self.users.insert(id.clone());
            }
            Change::RemoveUser { id } => {
                self.removed_users.insert(id.clone());
            }
            Change::CreateRole { .. } => self.has_new_role = true,
            Change::DropRole { name } => {
                self.dropped_roles.insert(name.clone());
                self.permissions = true;
            }
            Change::PutPermission { .. } => self.permissions = true,
            Change::PutRecordPermission { table, .. } => {
                self.record_permissions.insert(table.clone());
            }
            Change::PutSettings(_) => self.settings = true,
            Change::PutAppId(_) | Change::PutKey { .. } | Change::PutAdminTokenHash(_) => {
                self.app = true;
            }
            Change::PutHandlerSetting(_) => self.handlers = true,
            Change::DropTable { .. } => {
                self.permissions = true;
                self.schema = true;
            }
            Change::CreateTable { .. }
            | Change::AddColumn { .. }
            | Change::WidenColumn { .. }
            | Change::DropColumn { .. }
            | Change::AddRelation { .. }
            | Change::SetIdentity { .. } => self.schema = true,
            _ => {}
        }
    }
}
