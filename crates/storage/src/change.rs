use vestibule_model::{
    ActivityTime, AuditRecord, KeyKind, ObjectId, PasswordHash, Properties, Selector, Session,
    Timestamp, User, UserStatus, Value,
};

/// One thing to do to the database; [`Storage::apply`](crate::Storage::apply) does several at once.
#[derive(Clone, Debug)]
pub enum Change {
    /// Go on only if this holds now.
    Require(Precondition),
    /// Make a user. Breaks [`Constraint::Identity`](crate::Constraint::Identity) if the identity
    /// is taken.
    InsertUser(NewUser),
    /// Change columns of a user; requires that the user exists. Breaks
    /// [`Constraint::Identity`](crate::Constraint::Identity) if the new identity is taken.
    UpdateUser(UserUpdate),
    /// Enable or disable a user; requires that the user exists.
    SetUserStatus {
        /// Who.
        id: ObjectId,
        /// The new status.
        status: UserStatus,
        /// When.
        at: Timestamp,
    },
    /// Remove a user with its sessions and its failed logins; nothing happens if there is none.
    RemoveUser {
        /// Who.
        id: ObjectId,
    },
    /// Write down when a user last logged in; nothing happens if there is no such user.
    RecordLogin {
        /// Who.
        id: ObjectId,
        /// When.
        at: Timestamp,
    },
    /// Count one more failed login in a row; nothing happens if there is no such user.
    CountFailedLogin {
        /// Whose.
        user_id: ObjectId,
        /// When.
        at: ActivityTime,
        /// A row of failures whose last one is older than this is over: counting begins anew.
        since: ActivityTime,
    },
    /// Forget the failed logins of a user.
    ForgetFailedLogins {
        /// Whose.
        user_id: ObjectId,
    },
    /// Make a session; requires that its user exists.
    OpenSession(Session),
    /// End these sessions; those that have ended already do not matter.
    EndSessions(Vec<Selector>),
    /// End all sessions of a user but one; [`Applied::ended`] says which these were.
    EndSessionsOf {
        /// Whose.
        user_id: ObjectId,
        /// The one that lives on.
        except: Option<Selector>,
    },
    /// Write down when sessions were last used. A later moment that is stored already stays, and
    /// sessions that have ended do not come back.
    RecordActivity(Vec<(Selector, ActivityTime)>),
    /// Write down that a server is running. An earlier moment than the stored one changes nothing.
    RecordHeartbeat(ActivityTime),
    /// Write down that a server started at this moment; two starts at one moment are one.
    RecordStart(ActivityTime),
    /// Append to the audit trail.
    Audit(AuditRecord),
    /// Set the app's id.
    PutAppId(String),
    /// Set or replace an API key.
    PutKey {
        /// Which key.
        kind: KeyKind,
        /// Its text.
        key: String,
    },
    /// Set or replace the SHA-256 of the admin token.
    PutAdminTokenHash([u8; 32]),
    /// Set or replace settings, by their key in the admin API.
    PutSettings(Vec<(String, Value)>),
}

/// Something that must be true for a step to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// This user exists.
    UserExists(ObjectId),
    /// This user exists and has this status.
    UserStatusIs(ObjectId, UserStatus),
    /// This user has exactly this password hash, or none.
    PasswordIs(ObjectId, Option<PasswordHash>),
    /// These and no others are the sessions of this user, in ascending order.
    SessionsAre(ObjectId, Vec<Selector>),
    /// This user has fewer failed logins in a row than `than`, older ones than `since` forgotten.
    FewerFailedLogins {
        /// Whose.
        user_id: ObjectId,
        /// How many are too many.
        than: u32,
        /// A row of failures whose last one is older than this is over.
        since: ActivityTime,
    },
}

/// A user to make.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The row. Properties that the table has no column for are an error of the caller.
    pub user: User,
    /// The password, unless it is a guest.
    pub password: Option<PasswordHash>,
}

/// Columns of a user to change.
#[derive(Clone, Debug)]
pub struct UserUpdate {
    /// Who.
    pub id: ObjectId,
    /// The new values; columns that are not named stay.
    pub properties: Properties,
    /// The new password, if it changes.
    pub password: Option<PasswordHash>,
    /// When; becomes the column `updated`.
    pub at: Timestamp,
}

/// What came of the changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The sessions that [`Change::EndSessionsOf`] and [`Change::RemoveUser`] ended, in the order of
    /// these changes and ascending within each.
    pub ended: Vec<Selector>,
}
