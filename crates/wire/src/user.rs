use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};
use vestibule_model::{USERS, User};

use crate::value::JsonValue;

/// The one column that no answer ever holds, whoever asks for it.
const PASSWORD: &str = "password";

/// A user as clients see it, to the letter of the wire contract, section 4.0.
///
/// ```
/// use vestibule_model::{ObjectId, Timestamp, User, UserStatus};
/// use vestibule_wire::UserBody;
///
/// let id = ObjectId::parse("U").unwrap();
/// let user = User::new(id, UserStatus::Enabled, Timestamp::from_millis(7));
/// let json = serde_json::to_value(UserBody::of(&user))?;
/// assert_eq!("Users", json["___class"]);
/// assert_eq!("U", json["ownerId"]);
/// assert!(json["updated"].is_null());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct UserBody<'a> {
    user: &'a User,
    token: Option<&'a str>,
}

impl<'a> UserBody<'a> {
    /// The whole user.
    pub fn of(user: &'a User) -> Self {
        Self { user, token: None }
    }

    /// The whole user and the token of its new session: the answer to a login.
    pub fn logged_in(user: &'a User, token: &'a str) -> Self {
        Self {
            token: Some(token),
            ..Self::of(user)
        }
    }
}

impl JsonSchema for UserBody<'_> {
    fn schema_name() -> Cow<'static, str> {
        "UserBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A user. Columns of the app's own stand beside these; the password is \
                            never written. `user-token` comes with the answer to a login only.",
            "type": "object",
            "properties": {
                "objectId": {"type": "string"},
                "ownerId": {"type": ["string", "null"]},
                "created": {"type": "integer"},
                "updated": {"type": ["integer", "null"]},
                "lastLogin": {"type": ["integer", "null"]},
                "userStatus": {
                    "enum": ["ENABLED", "DISABLED", "GUEST", "EMAIL_CONFIRMATION_PENDING"]
                },
                "user-token": {"type": "string"},
                "___class": {"const": USERS},
                "password": false
            },
            "required": [
                "objectId", "ownerId", "created", "updated", "lastLogin", "userStatus", "___class"
            ]
        })
    }
}

impl std::fmt::Debug for UserBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserBody")
            .field("id", self.user.id())
            .finish_non_exhaustive()
    }
}

impl Serialize for UserBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let user = self.user;
        let mut map = serializer.serialize_map(None)?;
        let owner_id = user.owner_id.as_ref().map(|id| id.as_str());
        map.serialize_entry("objectId", user.id().as_str())?;
        map.serialize_entry("ownerId", &owner_id)?;
        map.serialize_entry("created", &user.created.as_millis())?;
        map.serialize_entry("updated", &user.updated.map(|at| at.as_millis()))?;
        map.serialize_entry("lastLogin", &user.last_login.map(|at| at.as_millis()))?;
        map.serialize_entry("userStatus", user.status.as_str())?;
        for (name, value) in &user.properties {
            if name != PASSWORD {
                map.serialize_entry(name, &JsonValue(value))?;
            }
        }
        if let Some(token) = self.token {
            map.serialize_entry("user-token", token)?;
        }
        map.serialize_entry("___class", USERS)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_model::{ObjectId, Timestamp, UserStatus, Value};

    use super::*;

    fn user() -> User {
        let id = ObjectId::parse("U").unwrap();
        let mut user = User::new(id, UserStatus::Enabled, Timestamp::from_millis(7));
        user.last_login = Some(Timestamp::from_millis(8));
        for (name, value) in [
            ("email", Value::from("a@b.c")),
            ("name", Value::Null),
            ("age", Value::from(10)),
            ("password", Value::from("never")),
        ] {
            user.properties.insert(name.to_owned(), value);
        }
        user
    }

    #[test]
    fn a_user_has_system_columns_and_properties_and_never_a_password() {
        let json = serde_json::to_value(UserBody::of(&user())).unwrap();
        assert_eq!(
            json!({
                "objectId": "U", "ownerId": "U", "created": 7, "updated": null, "lastLogin": 8,
                "userStatus": "ENABLED", "email": "a@b.c", "name": null, "age": 10,
                "___class": "Users",
            }),
            json
        );
    }

    #[test]
    fn only_a_login_answers_a_token() {
        let user = user();
        let body = UserBody::logged_in(&user, "secret");
        assert_eq!("secret", serde_json::to_value(&body).unwrap()["user-token"]);
        assert!(!format!("{body:?}").contains("secret"));
    }
}
