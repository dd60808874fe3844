use serde_json::{Map, Value as Json};
use vestibule_model::UserStatus;

use crate::BadRequest;

/// Takes the new status out of the body of `PUT /users/{id}/status`.
///
/// # Errors
/// 3038 without `userStatus`, 8008 for what is no status.
pub fn parse_user_status(body: &Map<String, Json>) -> Result<UserStatus, BadRequest> {
    let status = match body.get("userStatus") {
        None | Some(Json::Null) => return Err(BadRequest::missing("userStatus")),
        Some(status) => status,
    };
    let known = status.as_str().and_then(|text| text.parse().ok());
    known.ok_or_else(|| {
        BadRequest::invalid("the parameter 'userStatus' must be \"ENABLED\" or \"DISABLED\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    fn parse(text: &str) -> Result<UserStatus, i32> {
        let body = parse_object(text.as_bytes()).unwrap();
        parse_user_status(&body).map_err(|refusal| refusal.code.number())
    }

    #[test]
    fn a_status_is_a_known_word() {
        assert_eq!(
            Ok(UserStatus::Disabled),
            parse(r#"{"userStatus":"DISABLED"}"#)
        );
        assert_eq!(Err(8008), parse(r#"{"userStatus":"disabled"}"#));
        assert_eq!(Err(8008), parse(r#"{"userStatus":7}"#));
        assert_eq!(Err(3038), parse(r#"{"userStatus":null}"#));
        assert_eq!(Err(3038), parse("{}"));
    }
}
