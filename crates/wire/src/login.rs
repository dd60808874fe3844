use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use vestibule_model::{ObjectId, Password, User, Value};

use crate::BadRequest;

/// What the body of `POST /users/login` asks for.
///
/// ```
/// use vestibule_wire::{LoginRequest, parse_object};
///
/// let body = parse_object(br#"{"objectId": "U"}"#)?;
/// assert!(matches!(LoginRequest::from_body(body), LoginRequest::ByObjectId(_)));
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// The trap: an objectId beside a password is no login by object id, and is ignored.
#[derive(Debug)]
pub enum LoginRequest {
    /// The body holds an objectId and nothing else: for trusted server code only.
    ByObjectId(ClaimedId),
    /// An identity and a password, as far as they were sent.
    ByPassword {
        /// The identity; null if none was sent.
        login: Value,
        /// The password, if one was sent.
        password: Option<Password>,
    },
}

/// An objectId that nobody has looked at yet: the right to use it is checked first.
#[derive(Debug)]
pub struct ClaimedId(Json);

impl LoginRequest {
    /// Tells the two kinds of logins apart.
    pub fn from_body(mut body: Map<String, Json>) -> Self {
        if body.len() == 1
            && let Some(id) = body.remove("objectId")
        {
            return Self::ByObjectId(ClaimedId(id));
        }
        Self::ByPassword {
            login: body.remove("login").map(Value::from_json).into(),
            password: body
                .remove("password")
                .map(|password| Password::from_value(Value::from_json(password))),
        }
    }
}

impl ClaimedId {
    /// The id, if it can be one.
    ///
    /// # Errors
    /// 3038 for null, 8008 for what is no id.
    pub fn parse(&self) -> Result<ObjectId, BadRequest> {
        let invalid =
            || BadRequest::invalid("the parameter 'objectId' must be a text of 1 to 64 characters");
        match &self.0 {
            Json::Null => Err(BadRequest::missing("objectId")),
            Json::String(text) => ObjectId::parse(text).map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }
}

/// The answer to a guest login: exactly these three keys (wire contract, section 5).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GuestBody<'a> {
    user_status: &'static str,
    #[serde(rename = "user-token")]
    user_token: &'a str,
    object_id: &'a str,
}

impl<'a> GuestBody<'a> {
    /// The answer for this guest, who got this token.
    pub fn new(user: &'a User, token: &'a str) -> Self {
        Self {
            user_status: user.status.as_str(),
            user_token: token,
            object_id: user.id().as_str(),
        }
    }
}

impl std::fmt::Debug for GuestBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestBody")
            .field("object_id", &self.object_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use vestibule_model::{Timestamp, UserStatus};

    use super::*;
    use crate::parse_object;

    fn login(text: &str) -> LoginRequest {
        LoginRequest::from_body(parse_object(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_body_with_nothing_but_an_object_id_is_a_login_by_object_id() {
        assert!(matches!(
            login(r#"{"objectId":"U"}"#),
            LoginRequest::ByObjectId(_)
        ));
        let others = [
            r#"{"objectId":"U","password":"p"}"#,
            r#"{"login":"a","password":"p"}"#,
            r#"{"login":"a"}"#,
            "{}",
        ];
        for text in others {
            assert!(
                matches!(login(text), LoginRequest::ByPassword { .. }),
                "{text}"
            );
        }
    }

    #[test]
    fn an_impossible_object_id_is_refused_when_it_is_looked_at() {
        let code = |text: &str| match login(text) {
            LoginRequest::ByObjectId(id) => id.parse().unwrap_err().code.number(),
            LoginRequest::ByPassword { .. } => unreachable!("there is only an objectId"),
        };
        assert_eq!(3038, code(r#"{"objectId":null}"#));
        assert_eq!(8008, code(r#"{"objectId":7}"#));
        assert_eq!(8008, code(r#"{"objectId":""}"#));
    }

    #[test]
    fn a_login_is_kept_as_it_was_sent() {
        let LoginRequest::ByPassword { login, password } = login(r#"{"login":7}"#) else {
            panic!("a login");
        };
        assert_eq!((Value::from(7), None), (login, password));
    }

    #[test]
    fn a_guest_gets_exactly_three_keys_and_debug_hides_the_token() {
        let id = ObjectId::parse("G").unwrap();
        let user = User::new(id, UserStatus::Guest, Timestamp::default());
        let body = GuestBody::new(&user, "secret");
        assert_eq!(
            r#"{"userStatus":"GUEST","user-token":"secret","objectId":"G"}"#,
            serde_json::to_string(&body).unwrap()
        );
        assert!(!format!("{body:?}").contains("secret"));
    }
}
