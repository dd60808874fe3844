use schemars::JsonSchema;
use serde::Serialize;
use vestibule_model::{Column, Relation, Table};

use crate::value::JsonValue;

/// One table with its columns and relations, for the operator.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct TableBody<'a> {
    name: &'a str,
    system: bool,
    server_only: bool,
    columns: Vec<ColumnBody<'a>>,
}

/// One column or relation, for the operator.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ColumnBody<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    type_name: &'static str,
    size: Option<u32>,
    required: bool,
    unique: bool,
    indexed: bool,
    #[schemars(with = "serde_json::Value")]
    default: Option<JsonValue<'a>>,
    validator: Option<&'a str>,
    system: bool,
    to_table: Option<&'a str>,
    cardinality: Option<&'static str>,
}

/// The type under which the admin API shows a relation.
pub(super) const RELATION: &str = "RELATION";

impl<'a> TableBody<'a> {
    /// Describes a table: its columns, then its relations. Whether it is for server code alone stands in
    /// no catalogue.
    pub fn of(table: &'a Table, server_only: bool) -> Self {
        let columns = table.columns.iter().map(ColumnBody::column);
        let relations = table.relations.iter().map(ColumnBody::relation);
        Self {
            name: &table.name,
            system: table.system,
            server_only,
            columns: columns.chain(relations).collect(),
        }
    }
}

impl<'a> ColumnBody<'a> {
    /// Describes a column.
    pub fn column(column: &'a Column) -> Self {
        Self {
            name: &column.name,
            type_name: column.column_type.as_str(),
            size: column.size,
            required: column.required,
            unique: column.unique,
            indexed: column.indexed,
            default: column.default.as_ref().map(JsonValue),
            validator: column.validator.as_deref(),
            system: column.system,
            to_table: None,
            cardinality: None,
        }
    }

    /// Describes a relation.
    pub fn relation(relation: &'a Relation) -> Self {
        Self {
            name: &relation.name,
            type_name: RELATION,
            size: None,
            required: false,
            unique: false,
            indexed: false,
            default: None,
            validator: None,
            system: false,
            to_table: Some(&relation.to_table),
            cardinality: Some(relation.cardinality.as_str()),
        }
    }
}

impl std::fmt::Debug for ColumnBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ColumnBody")
            .field("name", &self.name)
            .field("type", &self.type_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use vestibule_model::{Cardinality, ColumnType, Value};

    use super::*;

    #[test]
    fn columns_and_relations_have_the_same_keys() {
        let mut order = Table::new("Order");
        order.columns = vec![Column {
            unique: true,
            default: Some(Value::from("x")),
            validator: Some("x+".to_owned()),
            ..Column::new("code", ColumnType::String)
        }];
        order.relations = vec![Relation {
            name: "items".to_owned(),
            to_table: "Item".to_owned(),
            cardinality: Cardinality::OneToMany,
        }];
        let expected = json!({
            "name": "Order", "system": false, "serverOnly": false, "columns": [
                {
                    "name": "code", "type": "STRING", "size": 500, "required": false,
                    "unique": true, "indexed": false, "default": "x", "validator": "x+",
                    "system": false, "toTable": null, "cardinality": null,
                },
                {
                    "name": "items", "type": "RELATION", "size": null, "required": false,
                    "unique": false, "indexed": false, "default": null, "validator": null,
                    "system": false, "toTable": "Item", "cardinality": "ONE_TO_MANY",
                },
            ],
        });
        let written: Json = serde_json::to_value(TableBody::of(&order, false)).unwrap();
        assert_eq!(expected, written);
    }
}
