use schemars::JsonSchema;
use serde::Serialize;

/// What `GET /info` answers: what the SDK wants to know about the app when it starts.
///
/// There is no `rtURL`, since there is no socket server, and there are no loggers to configure.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AppInfo<'a> {
    /// The app's id.
    pub app_id: &'a str,
    /// The key that requests without ids in their URL carry: the JS key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<&'a str>,
    /// Names and levels of loggers: none.
    pub loggers: [(); 0],
}
