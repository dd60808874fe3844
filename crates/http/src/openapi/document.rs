//! The document as OpenAPI 3.1 has it, as far as it is used here. The names are those of the
//! specification (<https://spec.openapis.org/oas/v3.1.1.html>, section 4.8).

use std::{borrow::Cow, collections::BTreeMap};

use schemars::Schema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// The whole of it.
#[derive(Serialize)]
pub(super) struct Document {
    pub(super) openapi: &'static str,
    pub(super) info: Info,
    pub(super) servers: Vec<Server>,
    pub(super) tags: Vec<Tag>,
    pub(super) paths: BTreeMap<String, PathItem>,
    pub(super) components: Components,
}

#[derive(Serialize)]
pub(super) struct Info {
    pub(super) title: &'static str,
    pub(super) version: &'static str,
    pub(super) description: &'static str,
}

#[derive(Clone, Serialize)]
pub(super) struct Server {
    pub(super) url: &'static str,
    pub(super) description: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) variables: BTreeMap<&'static str, ServerVariable>,
}

#[derive(Clone, Serialize)]
pub(super) struct ServerVariable {
    pub(super) default: &'static str,
    pub(super) description: &'static str,
}

#[derive(Serialize)]
pub(super) struct Tag {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

#[derive(Default, Serialize)]
pub(super) struct PathItem {
    /// Only where they are not the document's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) servers: Vec<Server>,
    /// By method, in lower case.
    #[serde(flatten)]
    pub(super) operations: BTreeMap<String, Operation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) operation_id: Cow<'static, str>,
    pub(super) summary: Cow<'static, str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    pub(super) tags: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_body: Option<RequestBody>,
    pub(super) responses: BTreeMap<String, Response>,
    /// Each a way to come in; the empty one is without anything.
    pub(super) security: Vec<BTreeMap<&'static str, [&'static str; 0]>>,
}

#[derive(Serialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    #[serde(rename = "in")]
    pub(super) place: &'static str,
    pub(super) description: &'static str,
    pub(super) required: bool,
    pub(super) schema: Json,
}

#[derive(Serialize)]
pub(super) struct RequestBody {
    pub(super) required: bool,
    pub(super) content: BTreeMap<&'static str, MediaType>,
}

#[derive(Default, Serialize)]
pub(super) struct Response {
    pub(super) description: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) content: BTreeMap<&'static str, MediaType>,
    /// The error codes that come with this status.
    #[serde(rename = "x-error-codes", skip_serializing_if = "Vec::is_empty")]
    pub(super) error_codes: Vec<i32>,
}

#[derive(Serialize)]
pub(super) struct MediaType {
    pub(super) schema: Schema,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    pub(super) schemas: Map<String, Json>,
    pub(super) security_schemes: Json,
}
