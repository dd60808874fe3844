use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use vestibule_model::Role;

use super::keys::Keys;
use crate::BadRequest;

/// One role, for the operator.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RoleBody<'a> {
    name: &'a str,
    system: bool,
}

impl<'a> RoleBody<'a> {
    /// Describes a system role.
    pub fn of(role: Role) -> Self {
        Self {
            name: role.as_str(),
            system: true,
        }
    }

    /// Describes a custom role.
    pub fn custom(name: &'a str) -> Self {
        Self {
            name,
            system: false,
        }
    }
}

/// Reads what `POST /roles` sends: the name of the new role. Whether a role can have it is not said.
///
/// # Errors
/// 8008 with the key's name for an unknown key, and for a name that is absent or no text.
pub fn parse_new_role(body: Map<String, Json>) -> Result<String, BadRequest> {
    only_text("name", body)
}

/// Reads what `POST /users/{objectId}/roles` sends: the role to assign.
///
/// # Errors
/// 8008 with the key's name for an unknown key, and for a role that is absent or no text.
pub fn parse_role(body: Map<String, Json>) -> Result<String, BadRequest> {
    only_text("role", body)
}

fn only_text(name: &str, body: Map<String, Json>) -> Result<String, BadRequest> {
    let mut keys = Keys(body);
    let text = keys.text(name)?;
    keys.done()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_has_a_name_and_nothing_else() {
        let parse = |body: Json| parse_new_role(body.as_object().unwrap().clone());
        assert_eq!("Support", parse(json!({ "name": "Support" })).unwrap());
        for (name, body) in [
            ("name", json!({})),
            ("name", json!({ "name": null })),
            ("name", json!({ "name": ["Support"] })),
            ("system", json!({ "name": "Support", "system": true })),
        ] {
            let refusal = parse(body).unwrap_err();
            assert_eq!(8008, refusal.code.number());
            assert!(refusal.message.contains(name), "{refusal}");
        }
    }

    #[test]
    fn system_roles_and_custom_ones_look_alike() {
        let roles = [RoleBody::of(Role::GuestUser), RoleBody::custom("Support")];
        let expected = json!([
            { "name": "GuestUser", "system": true }, { "name": "Support", "system": false },
        ]);
        assert_eq!(expected, serde_json::to_value(roles).unwrap());
    }
}
