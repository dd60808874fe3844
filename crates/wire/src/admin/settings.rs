use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};
use vestibule_model::{Profile, Settings, Value};

use crate::BadRequest;

/// All settings as the admin API shows them: `{"group": {"name": value}}`.
#[derive(Clone, Copy, Debug)]
pub struct SettingsBody<'a>(pub &'a Settings);

impl Serialize for SettingsBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut groups: Map<String, Json> = Map::new();
        for (key, value) in self.0.entries() {
            let (group, name) = key.split_once('.').unwrap_or(("", key));
            let group = groups.entry(group).or_insert_with(|| Map::new().into());
            group[name] = value.to_json();
        }
        groups.serialize(serializer)
    }
}

impl JsonSchema for SettingsBody<'_> {
    fn schema_name() -> Cow<'static, str> {
        "SettingsBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        settings_schema(true)
    }
}

/// What some of the settings look like, for `PATCH`; or all of them, for the answer. It is made
/// from the settings that there are.
pub fn settings_schema(all: bool) -> Schema {
    let mut groups: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    for (key, value) in Settings::of(Profile::Strict).entries() {
        let (group, name) = key.split_once('.').unwrap_or(("", key));
        let type_name = match value {
            Value::Boolean(_) => "boolean",
            Value::Integer(_) => "integer",
            Value::Double(_) => "number",
            Value::Text(_) => "string",
            Value::Null | Value::Json(_) => "object",
        };
        let group = groups.entry(group).or_default();
        group.insert(name.to_owned(), json!({"type": type_name}));
    }
    let names: Vec<_> = groups.keys().copied().collect();
    let properties: Map<_, _> = groups
        .iter()
        .map(|(group, settings)| {
            let names: Vec<_> = settings.keys().collect();
            let schema = json!({
                "type": "object",
                "properties": settings,
                "required": if all { names } else { Vec::new() },
                "additionalProperties": false
            });
            ((*group).to_owned(), schema)
        })
        .collect();
    json_schema!({
        "type": "object",
        "properties": properties,
        "required": if all { names } else { Vec::new() },
        "additionalProperties": false
    })
}

/// Reads what `PATCH /settings` sends: any part of what `GET` answers, as dotted keys.
///
/// ```
/// use vestibule_model::Value;
/// use vestibule_wire::{admin::parse_settings, parse_object};
///
/// let body = parse_object(br#"{"login": {"enabled": false}}"#)?;
/// assert_eq!(vec![("login.enabled".to_owned(), Value::from(false))], parse_settings(body)?);
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// Whether keys and values make sense is for [`Settings::set`] to say.
///
/// # Errors
/// 8008 with the key's name for a group that does not exist or is no object.
pub fn parse_settings(body: Map<String, Json>) -> Result<Vec<(String, Value)>, BadRequest> {
    let known = Settings::of(Profile::Strict).entries();
    let mut changes = Vec::new();
    for (group, settings) in body {
        let exists =
            |(key, _): &(&str, Value)| key.split_once('.').is_some_and(|(other, _)| other == group);
        if !known.iter().any(exists) {
            return Err(BadRequest::invalid(format!(
                "there is no setting {group}; ask for the settings to see what there is"
            )));
        }
        let Json::Object(settings) = settings else {
            return Err(BadRequest::invalid(format!(
                "{group} must be an object of settings"
            )));
        };
        for (name, value) in settings {
            changes.push((format!("{group}.{name}"), Value::from_json(value)));
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_object;

    #[test]
    fn what_is_answered_can_be_sent_back() {
        let settings = Settings::of(Profile::Strict);
        let text = serde_json::to_string(&SettingsBody(&settings)).unwrap();
        let changes = parse_settings(parse_object(text.as_bytes()).unwrap()).unwrap();
        let mut copy = Settings::of(Profile::Backendless);
        for (key, value) in &changes {
            copy.set(key, value).unwrap();
        }
        assert_eq!(settings, copy);
        assert_eq!(settings.entries().len(), changes.len());
    }

    #[test]
    fn a_wrong_group_is_refused_by_name() {
        for (text, name) in [
            (r#"{"nonsense":{}}"#, "nonsense"),
            (r#"{"login":true}"#, "login"),
            (r#"{"login.enabled":true}"#, "login.enabled"),
        ] {
            let body = parse_object(text.as_bytes()).unwrap();
            let refusal = parse_settings(body).unwrap_err();
            assert_eq!(8008, refusal.code.number());
            assert!(refusal.message.contains(name), "{refusal}");
        }
    }
}
