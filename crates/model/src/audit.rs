use crate::{KeyKind, ObjectId, Timestamp};

/// Who used a power: a handler of ours, the holder of a key, or the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Cloud code: the path of the handler, `crate::module::name`.
    Handler(String),
    /// Whoever presented the key of this kind.
    Key(KeyKind),
    /// Whoever presented the admin token.
    Admin,
}

/// One use of a power, written in the same atomic step as its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// When, by the wall clock.
    pub at: Timestamp,
    /// Who used the power.
    pub actor: Actor,
    /// What was done: the name of the event or of the admin call, `loginByObjectId`, with what it was
    /// done to where that is no user, `createTable Order`.
    pub action: String,
    /// The user it was done to, if it was done to one.
    pub subject: Option<ObjectId>,
    /// The user on whose call the power was used, if there was one.
    pub caller: Option<ObjectId>,
}
