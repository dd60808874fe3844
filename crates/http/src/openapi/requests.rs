//! Bodies of requests that are read key by key, without a type to describe them.

use schemars::{Schema, json_schema};
use serde_json::{Value as Json, json};
use vestibule_model::PermissionOperation;
use vestibule_wire::admin::settings_schema;

/// A record as its columns say; unknown ones are made where the schema is dynamic.
pub(super) fn record() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"objectId": {"type": ["string", "null"]}},
        "examples": [{"name": "a lamp", "price": 7.5}]
    })
}

/// A record with the records that it relates to.
pub(super) fn deep_record() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"objectId": {"type": ["string", "null"]}},
        "examples": [{"name": "an order", "lines": [{"objectId": "A"}, {"name": "a new one"}]}]
    })
}

pub(super) fn records() -> Schema {
    json_schema!({
        "type": "array",
        "items": {"type": "object"},
        "examples": [[{"name": "a lamp"}, {"name": "a chair"}]]
    })
}

/// Ids of records, as texts or numbers.
pub(super) fn ids() -> Schema {
    json_schema!({
        "type": "array",
        "items": {"type": ["string", "integer"]},
        "examples": [["A", "B"]]
    })
}

pub(super) fn bulk_where() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"where": {"type": "string", "minLength": 1}},
        "required": ["where"],
        "examples": [{"where": "price > 10"}]
    })
}

/// The user's columns; with the objectId of a guest, that guest registers.
pub(super) fn user() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "email": {"type": ["string", "null"]},
            "password": {"type": "string"},
            "name": {"type": ["string", "null"]},
            "objectId": {"type": "string"}
        },
        "examples": [{"email": "ann@example.com", "password": "correct horse", "name": "Ann"}]
    })
}

/// Columns of a user; those that do not come stay.
pub(super) fn user_changes() -> Schema {
    json_schema!({"type": "object", "examples": [{"name": "Ann"}]})
}

/// Identity and password; or an objectId and nothing else, with the CodeRunner's key.
pub(super) fn login() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "login": {"type": ["string", "number"]},
            "password": {"type": "string"},
            "objectId": {"type": "string"}
        },
        "examples": [{"login": "ann@example.com", "password": "correct horse"}]
    })
}

pub(super) fn password() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"password": {"type": "string"}},
        "required": ["password"],
        "examples": [{"password": "correct horse"}]
    })
}

pub(super) fn user_status() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"userStatus": {"enum": ["ENABLED", "DISABLED"]}},
        "required": ["userStatus"],
        "examples": [{"userStatus": "DISABLED"}]
    })
}

/// A query for records. Empty texts and lists, null and false are as good as absent.
pub(super) fn query() -> Schema {
    json_schema!({
        "type": "object",
        "properties": query_keys(),
        "examples": [{"where": "price > 10", "sortBy": "created desc", "pageSize": 20}]
    })
}

/// A query for groups of records within groups.
pub(super) fn group_query() -> Schema {
    let mut keys = query_keys();
    keys["groupDepth"] = json!({"type": ["integer", "null"]});
    keys["groupPageSize"] = json!({"type": ["integer", "null"]});
    keys["recordsPageSize"] = json!({"type": ["integer", "null"]});
    keys["groupPath"] = json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "column": {"type": "string"},
                "value": {"type": ["string", "number", "boolean", "null"]}
            },
            "required": ["column", "value"]
        }
    });
    json_schema!({
        "type": "object",
        "properties": keys,
        "examples": [{"groupBy": "kind", "pageSize": 10, "recordsPageSize": 5}]
    })
}

fn query_keys() -> Json {
    let text = json!({"type": ["string", "null"]});
    let list = json!({"type": ["string", "array", "null"], "items": {"type": ["string", "null"]}});
    let number = json!({"type": ["integer", "null"]});
    json!({
        "where": text,
        "props": list,
        "excludeProps": list,
        "sortBy": list,
        "groupBy": list,
        "having": text,
        "distinct": {"type": ["boolean", "null"]},
        "offset": number,
        "pageSize": number,
        "loadRelations": list,
        "relationsDepth": number,
        "relationsPageSize": number
    })
}

/// The arguments of an event of the app's own: its fields.
pub(super) fn arguments() -> Schema {
    json_schema!({"type": "object", "examples": [{"product": "apple", "stars": 5}]})
}

pub(super) fn settings() -> Schema {
    settings_schema(false)
}

pub(super) fn new_table() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"name": {"type": "string", "pattern": NAME}},
        "required": ["name"],
        "additionalProperties": false,
        "examples": [{"name": "Order"}]
    })
}

pub(super) fn new_column() -> Schema {
    let values = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": NAME},
            "type": {"enum": ["STRING", "TEXT", "INT", "DOUBLE", "BOOLEAN", "DATETIME", "JSON"]},
            "size": {"type": ["integer", "null"], "minimum": 1},
            "required": {"type": ["boolean", "null"]},
            "unique": {"type": ["boolean", "null"]},
            "indexed": {"type": ["boolean", "null"]},
            "default": {},
            "validator": {"type": ["string", "null"]}
        },
        "required": ["name", "type"],
        "additionalProperties": false
    });
    let relation = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": NAME},
            "type": {"const": "RELATION"},
            "toTable": {"type": "string"},
            "cardinality": {"enum": ["ONE_TO_ONE", "ONE_TO_MANY"]}
        },
        "required": ["name", "type", "toTable", "cardinality"],
        "additionalProperties": false
    });
    json_schema!({
        "oneOf": [values, relation],
        "examples": [{"name": "price", "type": "DOUBLE", "required": true}]
    })
}

pub(super) fn identity() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"identity": {"const": true}},
        "required": ["identity"],
        "additionalProperties": false,
        "examples": [{"identity": true}]
    })
}

pub(super) fn timer_change() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"enabled": {"type": "boolean"}},
        "required": ["enabled"],
        "additionalProperties": false,
        "examples": [{"enabled": false}]
    })
}

pub(super) fn handler_change() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "enabled": {"type": "boolean", "description": "Whether it runs."},
            "order": {
                "type": ["integer", "null"],
                "minimum": i32::MIN,
                "maximum": i32::MAX,
                "description": "Its place among the others; null for the one that it had at the start."
            }
        },
        "anyOf": [{"required": ["enabled"]}, {"required": ["order"]}],
        "additionalProperties": false,
        "examples": [{"enabled": false}, {"order": -10}]
    })
}

/// An object that nothing belongs into.
pub(super) fn nothing() -> Schema {
    json_schema!({"type": "object", "additionalProperties": false})
}

pub(super) fn new_role() -> Schema {
    one_text("name")
}

pub(super) fn role() -> Schema {
    one_text("role")
}

fn one_text(key: &str) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {(key): {"type": "string"}},
        "required": [key],
        "additionalProperties": false,
        "examples": [{(key): "Support"}]
    })
}

/// A user by objectId or by what the user logs in with, and a custom role.
pub(super) fn role_change() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"user": {"type": ["string", "number"]}, "roleName": {"type": "string"}},
        "required": ["user", "roleName"],
        "examples": [{"user": "ann@example.com", "roleName": "Support"}]
    })
}

/// What may be done, and by whom: `*` is any user who is logged in, or any custom role.
pub(super) fn permission() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "permission": {"enum": operations()},
            "user": {"type": ["string", "null"]},
            "role": {"type": ["string", "null"]}
        },
        "required": ["permission"],
        "examples": [
            {"permission": "FIND", "role": "AuthenticatedUser"},
            {"permission": "UPDATE", "user": "*"}
        ]
    })
}

/// One permission, with exactly one of `role`, `user` and `owner`.
pub(super) fn operators_permission() -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "role": {"type": "string"},
            "user": {"type": "string"},
            "owner": {"const": true},
            "resource": {
                "type": "string",
                "pattern": "^(data|users|services|events|(data|services|events):.+)$"
            },
            "operation": {"enum": operations()},
            "access": {"enum": ["GRANT", "DENY", "INHERIT"]}
        },
        "required": ["resource", "operation", "access"],
        "additionalProperties": false,
        "examples": [
            {"role": "GuestUser", "resource": "data:Order", "operation": "FIND", "access": "GRANT"},
            {"owner": true, "resource": "data:Order", "operation": "UPDATE", "access": "DENY"},
            {"role": "JSUser", "resource": "users", "operation": "REGISTER", "access": "INHERIT"}
        ]
    })
}

fn operations() -> Json {
    PermissionOperation::ALL
        .map(PermissionOperation::as_str)
        .to_vec()
        .into()
}

/// What names of tables and columns look like.
pub(super) const NAME: &str = "^[A-Za-z][A-Za-z0-9_]{0,62}$";
