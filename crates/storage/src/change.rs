use vestibule_model::{
    Access, ActivityTime, AuditRecord, Column, Grantee, HandlerSetting, KeyKind, LinkPurpose,
    ObjectId, OneTimeLink, PasswordHash, PermissionOperation, Properties, RecordPermission,
    Relation, Resource, Selector, Session, TimerLease, Timestamp, User, UserStatus, Value,
};

#[cfg(doc)]
use crate::Applied;
use crate::{Condition, Expiry, Operand, Precondition, Visibility};

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
        /// When; becomes the column `updated`, unless that has something later.
        at: Timestamp,
    },
    /// Remove a user with its sessions, failed logins, custom roles and one-time links, and with the
    /// permissions for it; nothing happens if there is none.
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
    /// End those of these sessions that are dead by now, unless they are of a guest, with whom they go;
    /// [`Applied::ended`] says which these were. Whoever was used since they were looked for stays.
    EndDeadSessions {
        /// Which of them.
        selectors: Vec<Selector>,
        /// Which sessions are dead.
        expiry: Expiry,
    },
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
    RecordHeartbeat {
        /// The moment, in activity time.
        at: ActivityTime,
        /// The wall clock of that moment.
        wall: Timestamp,
    },
    /// Write down that a server started at this moment; two starts at one moment are one.
    RecordStart(ActivityTime),
    /// Make a table, with the four columns that every table has. Breaks
    /// [`Constraint::TableName`](crate::Constraint::TableName) if there is one whose name differs
    /// in case at most. The changes after it see the table, and so it is with the other changes of
    /// the schema. If others have made so many by now that there is no room
    /// ([`TABLES_AT_MOST`](vestibule_model::TABLES_AT_MOST),
    /// [`COLUMNS_AT_MOST`](vestibule_model::COLUMNS_AT_MOST)), that is
    /// [`StorageError::SchemaChanged`](crate::StorageError::SchemaChanged).
    CreateTable {
        /// Its name, checked by the caller.
        name: String,
    },
    /// Remove a table with its rows and all their links, and with the permissions on it and on its
    /// records; nothing happens if there is none. The caller has made sure that no other table relates
    /// to it; if one does by now, that is
    /// [`StorageError::SchemaChanged`](crate::StorageError::SchemaChanged).
    DropTable {
        /// Which one.
        name: String,
    },
    /// Make a column. Breaks [`Constraint::ColumnName`](crate::Constraint::ColumnName) if the
    /// table has a column or a relation whose name differs in case at most. Rows that are there
    /// have the column's default in it.
    AddColumn {
        /// Of which table.
        table: String,
        /// Which column.
        column: Column,
    },
    /// Make an INT column a DOUBLE one; nothing happens if it is one already.
    WidenColumn {
        /// Of which table.
        table: String,
        /// Which column.
        column: String,
    },
    /// Remove a column with its values, or a relation with its links; nothing happens if there is
    /// none. The caller has made sure that users do not log in with it; if they do by now, that is
    /// [`StorageError::SchemaChanged`](crate::StorageError::SchemaChanged).
    DropColumn {
        /// Of which table.
        table: String,
        /// Which column or relation.
        column: String,
    },
    /// Make a relation. Breaks [`Constraint::ColumnName`](crate::Constraint::ColumnName) as
    /// [`Change::AddColumn`] does.
    AddRelation {
        /// Of which table.
        table: String,
        /// Which relation; the table that it leads to exists.
        relation: Relation,
    },
    /// Make a record. Breaks [`Constraint::ObjectId`](crate::Constraint::ObjectId) or
    /// [`Constraint::Unique`](crate::Constraint::Unique). Never of the table `Users`.
    InsertRecord(NewRecord),
    /// Change columns of one record, a user's row included; requires that it exists and may be seen
    /// ([`Precondition::RecordExists`]).
    UpdateRecord(RecordUpdate),
    /// Change columns of those of these records that are as the condition says and may be seen;
    /// counted in [`Applied::changed`].
    UpdateRecords {
        /// Which of them; `update.id` is no part of it.
        ids: Vec<ObjectId>,
        /// How they must be.
        condition: Option<Condition>,
        /// What to change. Its `id` is ignored.
        update: RecordUpdate,
    },
    /// Remove one record with all its links and permissions; requires that it exists and may be seen
    /// ([`Precondition::RecordExists`]). Never of the table `Users`.
    RemoveRecord {
        /// Where.
        table: String,
        /// Which one.
        id: ObjectId,
        /// What the caller may see.
        visibility: Visibility,
    },
    /// Remove those of these records that are as the condition says and may be seen, with all their
    /// links; counted in [`Applied::changed`]. Never of the table `Users`.
    RemoveRecords {
        /// Where.
        table: String,
        /// Which of them.
        ids: Vec<ObjectId>,
        /// How they must be.
        condition: Option<Condition>,
        /// What the caller may see.
        visibility: Visibility,
    },
    /// Relate a record to others; children that do not exist or may not be seen are left out, and so
    /// are those that are related already. New links are counted in [`Applied::linked`]. Breaks
    /// [`Constraint::OneToOne`](crate::Constraint::OneToOne) if the relation is to one record and
    /// there would be two. The parent is required to exist with [`Change::Require`].
    Link {
        /// The table of the parent.
        table: String,
        /// The relation of that table.
        relation: String,
        /// Who refers.
        parent: ObjectId,
        /// To whom.
        children: Vec<ObjectId>,
        /// What the caller may see.
        visibility: Visibility,
    },
    /// Take links away; counted in [`Applied::unlinked`].
    Unlink {
        /// The table of the parent.
        table: String,
        /// The relation of that table.
        relation: String,
        /// Who refers.
        parent: ObjectId,
        /// To whom no more; `None` is everybody.
        children: Option<Vec<ObjectId>>,
        /// Links to these stay, whatever `children` says.
        except: Vec<ObjectId>,
    },
    /// Keep a guest that is gone until this moment: until then it counts as not gone. A later word
    /// replaces an earlier one; nothing happens if there is no such guest. It is forgotten when the
    /// guest becomes something else or goes.
    KeepGuest {
        /// Who.
        id: ObjectId,
        /// Until when.
        until: Timestamp,
    },
    /// Give all sessions of a user to another one, who is required to exist; [`Applied::moved`] says
    /// which these were.
    MoveSessions {
        /// Whose they were.
        from: ObjectId,
        /// Whose they are.
        to: ObjectId,
    },
    /// Let another record refer to whatever a record refers to; counted in [`Applied::linked`]. What
    /// `to` refers to already, it refers to once. Breaks
    /// [`Constraint::OneToOne`](crate::Constraint::OneToOne) if the relation is to one record and
    /// `to` would refer to two. Requires that `to` exists, if there is anything to move.
    MoveLinks {
        /// The table of both.
        table: String,
        /// The relation of that table.
        relation: String,
        /// Who referred.
        from: ObjectId,
        /// Who refers.
        to: ObjectId,
    },
    /// Let whoever refers to a record refer to another one instead; counted in
    /// [`Applied::linked`]. Those who refer to `to` already refer to it once. Requires that `to`
    /// exists, if there is anything to move.
    MoveReferences {
        /// The table of those who refer.
        table: String,
        /// The relation of that table.
        relation: String,
        /// To whom they referred.
        from: ObjectId,
        /// To whom they refer.
        to: ObjectId,
    },
    /// Give all rows of a table that a user owns to another one, the own row in `Users` excepted;
    /// counted in [`Applied::changed`]. The column `updated` stays: nothing in the rows is new.
    MoveOwnership {
        /// Where; any table.
        table: String,
        /// Whose they were.
        from: ObjectId,
        /// Whose they are.
        to: ObjectId,
    },
    /// Remove rows of a table that a user owns, with all their links, by ascending id; counted in
    /// [`Applied::changed`]. Never of the table `Users`.
    RemoveOwned {
        /// Where.
        table: String,
        /// Whose.
        owner: ObjectId,
        /// How many at most: to remove a great many is a matter of several steps.
        limit: u64,
    },
    /// Make another column of `Users` the one that users log in with; nothing happens if it is
    /// already. Requires that it exists and is a STRING. It becomes required, and unique
    /// without regard to the case of ASCII letters. What was the identity stays unique, `email`
    /// without regard to case and other columns byte by byte, but is not required any more: nobody
    /// logs in with it. Breaks [`Constraint::Identity`](crate::Constraint::Identity) if two users
    /// have the same value in it; that no registered user is without one is required by
    /// [`Precondition::EveryUserHas`].
    SetIdentity {
        /// Which column.
        column: String,
    },
    /// Make a custom role. Breaks [`Constraint::RoleName`](crate::Constraint::RoleName) if there is
    /// one whose name differs in the case of ASCII letters at most.
    CreateRole {
        /// Its name, checked by the caller.
        name: String,
    },
    /// Remove a custom role: nobody has it any more, and the permissions for it go, those on single
    /// records too. Nothing happens if there is none.
    DropRole {
        /// Its name.
        name: String,
    },
    /// Give a custom role to a user; requires that both exist. Nothing happens if the user has it.
    AssignRole {
        /// To whom.
        user_id: ObjectId,
        /// Which one.
        role: String,
    },
    /// Take a custom role from a user; nothing happens if the user has it not.
    UnassignRole {
        /// From whom.
        user_id: ObjectId,
        /// Which one.
        role: String,
    },
    /// Set, or remove if there is no `access`, a permission on anything but a single record. That
    /// roles and users in it exist is required by the caller; a table to set one on must exist
    /// ([`StorageError::UnknownTable`](crate::StorageError::UnknownTable)).
    PutPermission {
        /// Who.
        grantee: Grantee,
        /// With what.
        resource: Resource,
        /// Does what.
        operation: PermissionOperation,
        /// May or may not.
        access: Option<Access>,
    },
    /// Set a permission on one record, which is required to exist. From then on
    /// [`Table::record_permissions`](vestibule_model::Table::record_permissions) is true. It goes with
    /// the record, with its grantee, and with its table.
    PutRecordPermission {
        /// The table of the record.
        table: String,
        /// Which record.
        id: ObjectId,
        /// Who may or may not do what with it.
        permission: RecordPermission,
    },
    /// Make a one-time link. Earlier ones of the same user for the same purpose go.
    PutOneTimeLink(OneTimeLink),
    /// Remove the one-time links of a user for a purpose; nothing happens if there are none. They go
    /// with the user, too.
    RemoveOneTimeLinks {
        /// Whose.
        user_id: ObjectId,
        /// For what.
        purpose: LinkPurpose,
    },
    /// Remove the one-time links that work no more.
    RemoveExpiredOneTimeLinks {
        /// The moment.
        now: Timestamp,
    },
    /// A user confirmed the email address: from pending to enabled. Requires that the user is pending.
    ConfirmEmail {
        /// Who.
        id: ObjectId,
        /// When; becomes the column `updated`.
        at: Timestamp,
    },
    /// Write down when a timer is due. A timer that is not known yet is enabled; of one with the same
    /// schedule nothing changes; of one with another schedule the next tick does.
    ScheduleTimer {
        /// Which one.
        path: String,
        /// Its schedule in words.
        schedule: String,
        /// Its next tick; none if there will be none.
        due: Option<Timestamp>,
    },
    /// Switch a timer on or off; nothing happens if there is none. Its next tick becomes this one.
    EnableTimer {
        /// Which one.
        path: String,
        /// Whether its ticks run it from now on.
        enabled: bool,
        /// Its next tick; none if there will be none.
        due: Option<Timestamp>,
    },
    /// Give a run the right to a timer, whoever had it: the caller requires
    /// [`Precondition::TimerIsIdle`], and ends the run that a lease is left of. Nothing happens if there
    /// is no such timer.
    BeginTimer {
        /// Which one.
        path: String,
        /// Who has the right, and until when.
        lease: TimerLease,
    },
    /// Write down the next tick of a timer; the caller requires [`Precondition::TimerIsDue`]. Nothing
    /// happens if there is no such timer.
    AdvanceTimer {
        /// Which one.
        path: String,
        /// The tick after the one that has come; none if there will be none.
        next: Option<Timestamp>,
        /// How many ticks did not run the timer, to be added to those that are counted.
        skipped: u64,
    },
    /// Write down how a run of a timer ended, and give its right back; nothing happens if somebody
    /// else has the right by now.
    EndTimer {
        /// Which one.
        path: String,
        /// The run that ended.
        holder: ObjectId,
        /// When.
        at: Timestamp,
        /// Why it failed, in the words of the log; none if it did not. The caller sees to it that it is
        /// short, and without the character NUL, which not every database can store.
        error: Option<String>,
    },
    /// Take a lease: the right of one server to do what several need not do at once. It replaces whatever
    /// is stored of this name; require first that it is free
    /// ([`Precondition::LeaseIsFree`](crate::Precondition::LeaseIsFree)).
    TakeLease {
        /// What it is for.
        name: String,
        /// Who takes it.
        holder: ObjectId,
        /// Until when; at that moment it is over.
        until: Timestamp,
    },
    /// Set or replace what the operator wants of a handler; without any wish, forget it.
    PutHandlerSetting(HandlerSetting),
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

/// A record to make.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRecord {
    /// Where.
    pub table: String,
    /// Its id.
    pub id: ObjectId,
    /// Who owns it, if anybody does.
    pub owner_id: Option<ObjectId>,
    /// When; becomes the column `created`.
    pub at: Timestamp,
    /// Its columns; those that are not named are null.
    pub properties: Properties,
}

/// Columns of a record to change.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordUpdate {
    /// Where.
    pub table: String,
    /// Which one.
    pub id: ObjectId,
    /// The columns to change; those that are not named stay.
    pub assignments: Vec<(String, Assignment)>,
    /// When; becomes the column `updated`, or one millisecond more than the column has, whichever is
    /// later: so no two changes leave the same moment behind.
    pub at: Timestamp,
    /// What the caller may see.
    pub visibility: Visibility,
}

/// What a column becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// This value.
    Value(Value),
    /// What comes of this calculation with the record as it was. What does not fit the column's type
    /// is made to fit: a fraction is cut off for a whole number. Of nothing a required column stays
    /// as it was.
    Expression(Operand),
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
    /// When; becomes the column `updated`, as [`RecordUpdate::at`] does.
    pub at: Timestamp,
}
