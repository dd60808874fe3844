use schemars::JsonSchema;
use serde::Serialize;
use vestibule_model::{Actor, AuditRecord, ObjectId};

/// One use of a power, for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AuditBody<'a> {
    /// When, in milliseconds.
    pub at: i64,
    /// Who used it.
    pub actor: ActorBody<'a>,
    /// What was done, and to what: `createTable Order`.
    pub action: &'a str,
    /// The user it was done to; null if it was done to none.
    pub subject: Option<&'a str>,
    /// The user on whose call it was done; null if it was on nobody's.
    pub caller: Option<&'a str>,
}

/// Who used a power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ActorBody<'a> {
    /// `admin`, `key` or `handler`.
    pub kind: &'static str,
    /// The kind of the key, or the path of the handler; null for the operator.
    pub name: Option<&'a str>,
}

impl<'a> AuditBody<'a> {
    /// Describes a record.
    ///
    /// ```
    /// use vestibule_model::{Actor, AuditRecord, Timestamp};
    /// use vestibule_wire::admin::AuditBody;
    ///
    /// let record = AuditRecord {
    ///     at: Timestamp::from_millis(5),
    ///     actor: Actor::Admin,
    ///     action: "createTable Order".to_owned(),
    ///     subject: None,
    ///     caller: None,
    /// };
    /// assert_eq!("admin", AuditBody::of(&record).actor.kind);
    /// ```
    pub fn of(record: &'a AuditRecord) -> Self {
        let (kind, name) = match &record.actor {
            Actor::Admin => ("admin", None),
            Actor::Key(kind) => ("key", Some(kind.as_str())),
            Actor::Handler(path) => ("handler", Some(path.as_str())),
        };
        Self {
            at: record.at.as_millis(),
            actor: ActorBody { kind, name },
            action: &record.action,
            subject: record.subject.as_ref().map(ObjectId::as_str),
            caller: record.caller.as_ref().map(ObjectId::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_model::{KeyKind, Timestamp};

    use super::*;

    #[test]
    fn every_record_has_the_same_keys() {
        let user = ObjectId::parse("ANN").unwrap();
        for (actor, expected) in [
            (Actor::Admin, json!({ "kind": "admin", "name": null })),
            (
                Actor::Key(KeyKind::Bl),
                json!({ "kind": "key", "name": "BL" }),
            ),
            (
                Actor::Handler("kiosk::enter".to_owned()),
                json!({ "kind": "handler", "name": "kiosk::enter" }),
            ),
        ] {
            let record = AuditRecord {
                at: Timestamp::from_millis(7),
                actor,
                action: "loginByObjectId".to_owned(),
                subject: Some(user.clone()),
                caller: None,
            };
            let expected = json!({
                "at": 7, "actor": expected, "action": "loginByObjectId", "subject": "ANN",
                "caller": null,
            });
            assert_eq!(
                expected,
                serde_json::to_value(AuditBody::of(&record)).unwrap()
            );
        }
    }
}
