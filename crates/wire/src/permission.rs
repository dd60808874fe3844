use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use vestibule_model::{Access, ErrorCode, Grantee, ObjectId, PermissionOperation};

use crate::BadRequest;

/// Longest part of a name that is repeated in an error.
const SHOWN_AT_MOST: usize = 64;

/// What `PUT /data/{table}/permissions/..` sends: who, and to do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionRequest {
    /// Who.
    pub grantee: Grantee,
    /// To do what.
    pub operation: PermissionOperation,
}

/// Reads who may do what out of the body of a change of permissions. If there are both a user and a
/// role, the role does not count (wire contract, section 7.2).
///
/// ```
/// use vestibule_model::{Grantee, PermissionOperation};
/// use vestibule_wire::{parse_object, parse_permission};
///
/// let body = parse_object(br#"{"permission": "FIND", "user": "*"}"#)?;
/// let request = parse_permission(&body)?;
/// assert_eq!((Grantee::AllUsers, PermissionOperation::Find), (request.grantee, request.operation));
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 3038 if something is missing, 2001 for an unknown operation, 3057 for what is no user's id, 8008
/// for what is no text.
pub fn parse_permission(body: &Map<String, Json>) -> Result<PermissionRequest, BadRequest> {
    let operation = match text(body, "permission")? {
        Some(name) => parse_operation("permission", name)?,
        None => return Err(BadRequest::missing("permission")),
    };
    let grantee = match (text(body, "user")?, text(body, "role")?) {
        (Some("*"), _) => Grantee::AllUsers,
        (Some(user), _) => Grantee::User(parse_user(user)?),
        (None, Some("*")) => Grantee::AllRoles,
        (None, Some(role)) => Grantee::Role(role.to_owned()),
        (None, None) => {
            let message = "the parameter 'user' or 'role' is required: an objectId or a name, or \
                           \"*\" for all";
            return Err(BadRequest::new(ErrorCode::ParameterRequired, message));
        }
    };
    Ok(PermissionRequest { grantee, operation })
}

/// Reads whether something is granted or denied, as the path says it.
///
/// # Errors
/// 8008 for anything but `GRANT` and `DENY`.
pub fn parse_access(access: &str) -> Result<Access, BadRequest> {
    Access::from_name(access).ok_or_else(|| {
        BadRequest::invalid(format!(
            "'{}' in the path must be GRANT or DENY",
            shown(access)
        ))
    })
}

/// An operation by its name.
pub(crate) fn parse_operation(key: &str, name: &str) -> Result<PermissionOperation, BadRequest> {
    PermissionOperation::from_name(name).ok_or_else(|| {
        let names = PermissionOperation::ALL.map(PermissionOperation::as_str);
        let message = format!(
            "the parameter '{key}' is no operation: '{}'; it must be one of {}",
            shown(name),
            names.join(", ")
        );
        BadRequest::new(ErrorCode::WrongOperation, message)
    })
}

/// The id of a user. What can be no id is the id of nobody.
pub(crate) fn parse_user(id: &str) -> Result<ObjectId, BadRequest> {
    ObjectId::parse(id).map_err(|_| {
        let message = format!(
            "user: there is no user with the id {}; a permission wants one that exists",
            shown(id)
        );
        BadRequest::new(ErrorCode::UserNotFound, message)
    })
}

/// The text under a key, if there is one; null is none.
pub(crate) fn text<'b>(
    body: &'b Map<String, Json>,
    key: &str,
) -> Result<Option<&'b str>, BadRequest> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(BadRequest::invalid(format!(
            "the parameter '{key}' must be a text that is not empty"
        ))),
    }
}

/// As much of a name as is repeated in an error.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(SHOWN_AT_MOST).collect()
}

/// What was set on a table or on a record, for whoever asked for it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SetPermissionBody<'a> {
    permission: &'static str,
    #[serde(rename = "permissionType")]
    permission_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
}

impl<'a> SetPermissionBody<'a> {
    /// Repeats what was asked for.
    pub fn of(grantee: &'a Grantee, operation: PermissionOperation, access: Access) -> Self {
        Self {
            permission: operation.as_str(),
            permission_type: access.as_str(),
            user: user_of(grantee),
            role: role_of(grantee),
        }
    }
}

/// The role that a permission is for, if it is for one, or for all.
pub(crate) fn role_of(grantee: &Grantee) -> Option<&str> {
    match grantee {
        Grantee::Role(role) => Some(role),
        Grantee::AllRoles => Some("*"),
        Grantee::User(_) | Grantee::AllUsers | Grantee::Owner => None,
    }
}

/// The user whom a permission is for, if it is for one, or for all.
pub(crate) fn user_of(grantee: &Grantee) -> Option<&str> {
    match grantee {
        Grantee::User(user) => Some(user.as_str()),
        Grantee::AllUsers => Some("*"),
        Grantee::Role(_) | Grantee::AllRoles | Grantee::Owner => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    fn parse(text: &str) -> Result<PermissionRequest, i32> {
        let body = parse_object(text.as_bytes()).unwrap();
        parse_permission(&body).map_err(|refusal| refusal.code.number())
    }

    #[test]
    fn a_user_comes_before_a_role() {
        let request = parse(r#"{"permission":"UPDATE","role":"R 1","user":"U"}"#).unwrap();
        let user = Grantee::User(ObjectId::parse("U").unwrap());
        assert_eq!(user, request.grantee);
        let request = parse(r#"{"permission":"UPDATE","role":"R 1","user":null}"#).unwrap();
        assert_eq!(Grantee::Role("R 1".to_owned()), request.grantee);
    }

    #[test]
    fn what_is_missing_or_unknown_is_refused() {
        for (code, text) in [
            (3038, r#"{"user":"*"}"#),
            (3038, r#"{"permission":"FIND"}"#),
            (3038, r#"{"permission":"FIND","user":null}"#),
            (2001, r#"{"permission":"find","user":"*"}"#),
            (8008, r#"{"permission":7,"user":"*"}"#),
            (8008, r#"{"permission":"FIND","user":7}"#),
            (8008, r#"{"permission":"FIND","role":""}"#),
            (3057, r#"{"permission":"FIND","user":"\u0007"}"#),
        ] {
            assert_eq!(Err(code), parse(text), "{text}");
        }
        assert!(parse_access("GRANT").is_ok());
        assert_eq!(8008, parse_access("INHERIT").unwrap_err().code.number());
    }
}
