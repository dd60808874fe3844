use serde::{Serialize, Serializer, ser::SerializeMap};
use vestibule_model::{ErrorCode, Table, USERS, User};

use crate::{BadRequest, value::JsonValue};

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
    projection: &'a Projection,
}

impl<'a> UserBody<'a> {
    /// The whole user.
    pub fn of(user: &'a User) -> Self {
        Self {
            user,
            token: None,
            projection: &Projection::Everything,
        }
    }

    /// The whole user and the token of its new session: the answer to a login.
    pub fn logged_in(user: &'a User, token: &'a str) -> Self {
        Self {
            token: Some(token),
            ..Self::of(user)
        }
    }

    /// The columns that were asked for.
    pub fn projected(user: &'a User, projection: &'a Projection) -> Self {
        Self {
            projection,
            ..Self::of(user)
        }
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
        let mut row = Row {
            map: serializer.serialize_map(None)?,
            projection: self.projection,
        };
        let owner_id = user.owner_id.as_ref().map(|id| id.as_str());
        row.map.serialize_entry("objectId", user.id().as_str())?;
        row.entry("ownerId", &owner_id)?;
        row.entry("created", &user.created.as_millis())?;
        row.entry("updated", &user.updated.map(|at| at.as_millis()))?;
        row.entry("lastLogin", &user.last_login.map(|at| at.as_millis()))?;
        row.entry("userStatus", user.status.as_str())?;
        for (name, value) in &user.properties {
            if name != PASSWORD {
                row.entry(name, &JsonValue(value))?;
            }
        }
        if let Some(token) = self.token {
            row.map.serialize_entry("user-token", token)?;
        }
        row.map.serialize_entry("___class", USERS)?;
        row.map.end()
    }
}

struct Row<'a, M> {
    map: M,
    projection: &'a Projection,
}

impl<M: SerializeMap> Row<'_, M> {
    fn entry<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) -> Result<(), M::Error> {
        if self.projection.includes(name) {
            self.map.serialize_entry(name, value)?;
        }
        Ok(())
    }
}

/// Which columns of a row a client asked for (wire contract, section 9.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// All of them.
    #[default]
    Everything,
    /// These, and in any case `objectId` and `___class`.
    Columns(Vec<String>),
}

impl Projection {
    /// Reads a list of columns as clients send it: `a,b`, or `*`, or nothing.
    pub fn parse(list: &str) -> Self {
        let names = list.split(',').map(str::trim);
        let columns: Vec<String> = names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        if columns.is_empty() || columns.iter().any(|name| name == "*") {
            Self::Everything
        } else {
            Self::Columns(columns)
        }
    }

    /// Refuses columns that the table does not have.
    ///
    /// # Errors
    /// 1006 with the name of the first one.
    pub fn check(&self, table: &Table) -> Result<(), BadRequest> {
        let Self::Columns(columns) = self else {
            return Ok(());
        };
        match columns.iter().find(|name| table.column(name).is_none()) {
            None => Ok(()),
            Some(name) => Err(BadRequest::new(
                ErrorCode::UnknownColumn,
                format!("Column '{name}' does not exist in table '{}'", table.name),
            )),
        }
    }

    fn includes(&self, name: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Columns(columns) => columns.iter().any(|column| column == name),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
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

    fn keys(json: &Json) -> Vec<&str> {
        let mut keys: Vec<_> = json.as_object().unwrap().keys().collect();
        keys.sort();
        keys.into_iter().map(String::as_str).collect()
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

    #[test]
    fn a_projection_keeps_class_and_id() {
        let projection = Projection::parse(" age ,email,password");
        let json = serde_json::to_value(UserBody::projected(&user(), &projection)).unwrap();
        assert_eq!(vec!["___class", "age", "email", "objectId"], keys(&json));
    }

    #[test]
    fn an_empty_list_and_a_star_mean_everything() {
        for list in ["", " , ", "*", "name,*"] {
            assert_eq!(Projection::Everything, Projection::parse(list), "{list:?}");
        }
    }
}
