use vestibule_model::{ActivityTime, ObjectId, PasswordHash, Selector, Timestamp, UserStatus};

use crate::{Condition, Expiry, Visibility};

/// Something that must be true for a step to be made.
#[derive(Clone, Debug, PartialEq)]
pub enum Precondition {
    /// This user exists.
    UserExists(ObjectId),
    /// This user exists and has this status.
    UserStatusIs(ObjectId, UserStatus),
    /// This user is a guest, has no session that lives, and is not kept beyond `now`.
    GuestIsGone {
        /// Who.
        id: ObjectId,
        /// Which sessions are dead.
        expiry: Expiry,
        /// The moment.
        now: Timestamp,
    },
    /// No row of any table belongs to this user, its own row in `Users` excepted.
    OwnsNothing(ObjectId),
    /// This record exists and may be seen.
    RecordExists {
        /// Where.
        table: String,
        /// Which one.
        id: ObjectId,
        /// What the caller may see.
        visibility: Visibility,
    },
    /// This record exists and was last changed at this moment.
    RecordUnchanged {
        /// Where.
        table: String,
        /// Which one.
        id: ObjectId,
        /// The value of its column `updated`.
        updated: Option<Timestamp>,
    },
    /// This record exists and is as the condition says; unknown is no. Visibility has no say in it.
    RecordIs {
        /// Where.
        table: String,
        /// Which one.
        id: ObjectId,
        /// How it must be.
        condition: Box<Condition>,
    },
    /// There is a custom role of exactly this name.
    RoleExists(String),
    /// No user but guests is without a value in this column of `Users`; an empty text is none.
    EveryUserHas(String),
    /// There is a one-time link with this selector.
    OneTimeLinkExists(Selector),
    /// This timer is enabled, and its next tick is this one.
    TimerIsDue {
        /// Which one.
        path: String,
        /// The tick.
        due: Timestamp,
    },
    /// There is this timer, and at this moment nobody has the right to run it.
    TimerIsIdle {
        /// Which one.
        path: String,
        /// The moment; a lease until then is over.
        now: Timestamp,
    },
    /// Nobody but this holder has this lease at this moment.
    LeaseIsFree {
        /// What it is for.
        name: String,
        /// Who wants it.
        holder: ObjectId,
        /// The moment; a lease until then is over.
        now: Timestamp,
    },
    /// No server has made the app yet: it has no id.
    AppIsNew,
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
