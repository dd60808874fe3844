use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use vestibule_model::KeyKind;

/// The app's id and API keys, for the operator.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AppBody<'a> {
    app_id: &'a str,
    api_keys: BTreeMap<&'static str, &'a str>,
}

impl<'a> AppBody<'a> {
    /// The answer for this app; a key that is switched off is left out.
    pub fn new(app_id: &'a str, keys: impl IntoIterator<Item = (KeyKind, &'a str)>) -> Self {
        let api_keys = keys
            .into_iter()
            .filter(|(_, key)| !key.is_empty())
            .map(|(kind, key)| (kind.as_str(), key))
            .collect();
        Self { app_id, api_keys }
    }
}

impl std::fmt::Debug for AppBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppBody")
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_switched_off_is_left_out_and_debug_shows_none() {
        let body = AppBody::new("A", [(KeyKind::Js, "secret"), (KeyKind::Bl, "")]);
        assert_eq!(
            r#"{"appId":"A","apiKeys":{"JS":"secret"}}"#,
            serde_json::to_string(&body).unwrap()
        );
        assert!(!format!("{body:?}").contains("secret"));
    }
}
