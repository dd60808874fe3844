use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use vestibule_model::{Access, ErrorCode, Grantee, Permission, PermissionOperation, Resource};

use crate::{
    BadRequest,
    permission::{parse_operation, parse_user, role_of, shown, text, user_of},
};

/// What `PUT /permissions` may send.
const KEYS: [&str; 6] = ["role", "user", "owner", "resource", "operation", "access"];

/// What `GET /permissions` may ask for.
const FILTERS: [&str; 3] = ["role", "user", "resource"];

/// What the operator wants to be so: a permission, or that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPermission {
    /// Who.
    pub grantee: Grantee,
    /// With what.
    pub resource: Resource,
    /// Does what.
    pub operation: PermissionOperation,
    /// May or may not; nothing is said if there is none (`INHERIT`).
    pub access: Option<Access>,
}

/// Reads what `PUT /permissions` sends.
///
/// # Errors
/// 8008 with the key's name for a key that does not belong here, for a value of the wrong type, for
/// `*`, and unless there is exactly one of `role`, `user` and `owner`; 3038 with the name of a key that
/// is missing; 2001 for an unknown operation, 3057 for what is no user's id.
pub fn parse_new_permission(body: &Map<String, Json>) -> Result<NewPermission, BadRequest> {
    if let Some(unknown) = body.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(BadRequest::invalid(format!(
            "'{}' does not belong here; a permission has {}",
            shown(unknown),
            KEYS.join(", ")
        )));
    }
    let required = |key| text(body, key)?.ok_or_else(|| BadRequest::missing(key));
    let grantee = grantee(body)?;
    let resource = parse_resource(required("resource")?)?;
    let operation = parse_operation("operation", required("operation")?)?;
    let access = match required("access")? {
        "INHERIT" => None,
        access => Some(Access::from_name(access).ok_or_else(|| {
            BadRequest::invalid("the parameter 'access' must be GRANT, DENY or INHERIT")
        })?),
    };
    Ok(NewPermission {
        grantee,
        resource,
        operation,
        access,
    })
}

fn grantee(body: &Map<String, Json>) -> Result<Grantee, BadRequest> {
    let owner = match body.get("owner") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(true)) => true,
        Some(_) => {
            let message = "the parameter 'owner' must be true, for the owner policy of a table";
            return Err(BadRequest::invalid(message));
        }
    };
    match (text(body, "role")?, text(body, "user")?, owner) {
        (Some("*"), None, false) => Err(of_one_only("role")),
        (None, Some("*"), false) => Err(of_one_only("user")),
        (Some(role), None, false) => Ok(Grantee::Role(role.to_owned())),
        (None, Some(user), false) => Ok(Grantee::User(parse_user(user)?)),
        (None, None, true) => Ok(Grantee::Owner),
        (None, None, false) => Err(BadRequest::new(
            ErrorCode::ParameterRequired,
            "one of the parameters 'role', 'user' and 'owner' is required",
        )),
        _ => Err(BadRequest::invalid(
            "a permission has one of 'role', 'user' and 'owner', not several; send one for each",
        )),
    }
}

fn of_one_only(key: &str) -> BadRequest {
    BadRequest::invalid(format!(
        "the parameter '{key}' must name one; '*' is not accepted here"
    ))
}

fn parse_resource(name: &str) -> Result<Resource, BadRequest> {
    Resource::from_name(name).ok_or_else(|| {
        BadRequest::invalid(format!(
            "the parameter 'resource' is no resource: '{}'; it must be data, data:TABLE, users, \
             services, services:NAME, events or events:NAME",
            shown(name)
        ))
    })
}

/// Which permissions `GET /permissions` is to answer: those that are as all of this says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionFilter {
    grantee: Option<Grantee>,
    resource: Option<Resource>,
}

impl PermissionFilter {
    /// Reads the query of the URL.
    ///
    /// # Errors
    /// 8008 with the key's name for a key that does not belong here, for one that comes twice or is
    /// empty, for what is no resource, and for both a role and a user; 3057 for what is no user's id.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, BadRequest> {
        let mut filter = Self::default();
        for (key, value) in pairs {
            if !FILTERS.contains(&key.as_str()) {
                return Err(BadRequest::invalid(format!(
                    "'{}' does not belong here; permissions are asked for by {}",
                    shown(key),
                    FILTERS.join(", ")
                )));
            }
            if value.is_empty() {
                return Err(BadRequest::invalid(format!(
                    "the parameter '{key}' must not be empty; leave it out"
                )));
            }
            let taken = match key.as_str() {
                "resource" => filter.resource.replace(parse_resource(value)?).is_some(),
                "role" => filter.grantee.replace(role(value)).is_some(),
                _ => filter.grantee.replace(user(value)?).is_some(),
            };
            if taken {
                return Err(BadRequest::invalid(format!(
                    "the parameter '{key}' is one too many: ask for one resource, and for one role \
                     or one user"
                )));
            }
        }
        Ok(filter)
    }

    /// Whether this is one of them.
    pub fn includes(&self, permission: &Permission) -> bool {
        let is = |wanted: &Grantee| *wanted == permission.grantee;
        let on = |wanted: &Resource| *wanted == permission.resource;
        self.grantee.as_ref().is_none_or(is) && self.resource.as_ref().is_none_or(on)
    }
}

fn role(name: &str) -> Grantee {
    match name {
        "*" => Grantee::AllRoles,
        name => Grantee::Role(name.to_owned()),
    }
}

fn user(id: &str) -> Result<Grantee, BadRequest> {
    match id {
        "*" => Ok(Grantee::AllUsers),
        id => parse_user(id).map(Grantee::User),
    }
}

/// One permission, for the operator.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PermissionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<bool>,
    resource: String,
    operation: &'static str,
    access: &'static str,
}

impl<'a> PermissionBody<'a> {
    /// Describes a permission.
    pub fn of(permission: &'a Permission) -> Self {
        let Permission {
            grantee,
            resource,
            operation,
            access,
        } = permission;
        Self::new(grantee, resource, *operation, Some(*access))
    }

    /// Describes what was just set; nothing is said (`INHERIT`) if there is no access.
    pub fn new(
        grantee: &'a Grantee,
        resource: &Resource,
        operation: PermissionOperation,
        access: Option<Access>,
    ) -> Self {
        Self {
            role: role_of(grantee),
            user: user_of(grantee),
            owner: (*grantee == Grantee::Owner).then_some(true),
            resource: resource.to_string(),
            operation: operation.as_str(),
            access: access.map_or("INHERIT", Access::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    #[track_caller]
    fn refused(code: i32, key: &str, text: &str) {
        let body = parse_object(text.as_bytes()).unwrap();
        let refusal = parse_new_permission(&body).unwrap_err();
        assert_eq!(code, refusal.code.number(), "{text}: {refusal}");
        assert!(refusal.message.contains(key), "{text}: {refusal}");
    }

    #[test]
    fn what_makes_no_permission_is_refused_by_its_key() {
        let whole =
            |who: &str| format!(r#"{{{who}"resource":"data","operation":"FIND","access":"DENY"}}"#);
        for (code, key, who) in [
            (3038, "'role', 'user' and 'owner'", ""),
            (
                8008,
                "'role', 'user' and 'owner'",
                r#""role":"A","user":"U","#,
            ),
            (
                8008,
                "'role', 'user' and 'owner'",
                r#""role":"A","owner":true,"#,
            ),
            (8008, "role", r#""role":"*","#),
            (8008, "role", r#""role":7,"#),
            (8008, "role", r#""role":"","#),
            (8008, "user", r#""user":"*","#),
            (3057, "user", r#""user":"\u0007","#),
            (8008, "owner", r#""owner":false,"#),
            (8008, "owner", r#""owner":"yes","#),
            (8008, "roles", r#""roles":"A","#),
        ] {
            refused(code, key, &whole(who));
        }
        for (code, key, rest) in [
            (3038, "resource", r#""operation":"FIND","access":"DENY""#),
            (
                8008,
                "resource",
                r#""resource":"Order","operation":"FIND","access":"DENY""#,
            ),
            (
                8008,
                "resource",
                r#""resource":"data:","operation":"FIND","access":"DENY""#,
            ),
            (3038, "operation", r#""resource":"data","access":"DENY""#),
            (
                2001,
                "operation",
                r#""resource":"data","operation":"READ","access":"DENY""#,
            ),
            (3038, "access", r#""resource":"data","operation":"FIND""#),
            (
                8008,
                "access",
                r#""resource":"data","operation":"FIND","access":"ALLOW""#,
            ),
            (
                8008,
                "access",
                r#""resource":"data","operation":"FIND","access":true"#,
            ),
        ] {
            refused(code, key, &format!(r#"{{"role":"A",{rest}}}"#));
        }
    }

    #[test]
    fn a_filter_with_a_key_of_another_kind_is_refused_by_name() {
        for (key, value) in [
            ("rolle", "A"),
            ("role", ""),
            ("resource", "Order"),
            ("user", "\u{7}"),
        ] {
            let pairs = [(key.to_owned(), value.to_owned())];
            let refusal = PermissionFilter::parse(&pairs).unwrap_err();
            assert!(refusal.message.contains(key), "{refusal}");
        }
        let twice = ["role", "user"].map(|key| (key.to_owned(), "A".to_owned()));
        assert!(PermissionFilter::parse(&twice).is_err());
    }
}
