use serde_json::{Map, Value as Json};

use crate::BadRequest;

/// What `POST /users/assignRole` and `/users/unassignRole` ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChangeRequest {
    /// The objectId of a user, or what the user logs in with.
    pub user: String,
    /// Which role.
    pub role: String,
}

/// Reads what `POST /users/assignRole` and `/users/unassignRole` send. A number in the place of the
/// user is taken as it is written, as at a login.
///
/// ```
/// use vestibule_wire::{parse_object, parse_role_change};
///
/// let body = parse_object(br#"{"user": "ann@example.com", "roleName": "Support"}"#)?;
/// assert_eq!("Support", parse_role_change(&body)?.role);
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 3038 without `user` or `roleName`, 8008 if they are of the wrong type.
pub fn parse_role_change(body: &Map<String, Json>) -> Result<RoleChangeRequest, BadRequest> {
    let given = |name: &str| match body.get(name) {
        None | Some(Json::Null) => Err(BadRequest::missing(name)),
        Some(value) => Ok(value),
    };
    let (user, role) = (given("user")?, given("roleName")?);
    let user = match user {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => {
            return Err(BadRequest::invalid(
                "'user' must be the objectId of a user, or what the user logs in with",
            ));
        }
    };
    let role = role.as_str().map(str::to_owned).ok_or_else(|| {
        BadRequest::invalid("'roleName' must be a text: the name of a custom role")
    })?;
    Ok(RoleChangeRequest { user, role })
}

/// Reads `loadRoles` of `GET /users/role/{role}`; without it roles are not loaded.
///
/// # Errors
/// 8008 for what is neither `true` nor `false`.
pub fn parse_load_roles(text: Option<&str>) -> Result<bool, BadRequest> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(BadRequest::invalid("'loadRoles' must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Json) -> Result<RoleChangeRequest, BadRequest> {
        parse_role_change(body.as_object().unwrap())
    }

    #[test]
    fn a_user_is_a_text_or_a_number() {
        for (user, text) in [
            (json!("ann@example.com"), "ann@example.com"),
            (json!(7), "7"),
        ] {
            let request = parse(&json!({ "user": user, "roleName": "R", "more": 1 })).unwrap();
            assert_eq!((text, "R"), (&*request.user, &*request.role));
        }
    }

    #[test]
    fn what_is_missing_is_3038_and_what_is_wrong_8008() {
        for (code, body) in [
            (3038, json!({})),
            (3038, json!({ "user": "U" })),
            (3038, json!({ "user": "U", "roleName": null })),
            (3038, json!({ "user": null, "roleName": "R" })),
            (8008, json!({ "user": ["U"], "roleName": "R" })),
            (8008, json!({ "user": true, "roleName": "R" })),
            (8008, json!({ "user": "U", "roleName": 7 })),
        ] {
            assert_eq!(code, parse(&body).unwrap_err().code.number(), "{body}");
        }
    }

    #[test]
    fn roles_are_loaded_when_it_says_so() {
        let parsed = |text| parse_load_roles(text).ok();
        let texts = [None, Some("false"), Some("true"), Some("1")];
        assert_eq!(
            [Some(false), Some(false), Some(true), None],
            texts.map(parsed)
        );
    }
}
