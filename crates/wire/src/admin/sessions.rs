use schemars::JsonSchema;
use serde::Serialize;

/// One session of a user, for the operator. Times are in milliseconds.
///
/// There is no token in it, and nothing that one can be made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct SessionBody<'a> {
    /// By what it can be ended.
    pub id: &'a str,
    /// When the user logged in.
    pub created: i64,
    /// When it was last used.
    pub last_used: i64,
    /// When it ends if nobody uses it again; null is never.
    pub expires: Option<i64>,
    /// Whether its token still works.
    pub alive: bool,
}
