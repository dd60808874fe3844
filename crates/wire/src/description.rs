use schemars::JsonSchema;
use serde::Serialize;
use vestibule_model::{Cardinality, Column, Relation, Table, Value};

use crate::value::JsonValue;

/// One item of `GET /data/{table}/properties`: exactly these keys (wire contract, section 8.4).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ColumnDescription<'a> {
    #[serde(flatten)]
    described: Described<'a>,
    // There are no computed columns.
    expression: Option<&'a str>,
}

/// One item of `GET /users/userclassprops`: exactly these keys (wire contract, section 4.9).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct UserClassProperty<'a> {
    #[serde(flatten)]
    described: Described<'a>,
    identity: bool,
}

/// What both say about a column or a relation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    name: &'a str,
    required: bool,
    #[serde(rename = "type")]
    type_name: &'static str,
    #[schemars(with = "serde_json::Value")]
    default_value: JsonValue<'a>,
    related_table: Option<&'a str>,
    custom_regex: Option<&'a str>,
    auto_load: bool,
    is_primary_key: bool,
}

impl<'a> ColumnDescription<'a> {
    /// Describes the columns of a table, then its relations.
    pub fn all(table: &'a Table) -> Vec<Self> {
        let described = described(table).map(|(described, _)| Self {
            described,
            expression: None,
        });
        described.collect()
    }
}

impl<'a> UserClassProperty<'a> {
    /// Describes the columns of the table `Users`, then its relations.
    pub fn all(users: &'a Table) -> Vec<Self> {
        let described = described(users).map(|(described, identity)| Self {
            described,
            identity,
        });
        described.collect()
    }
}

/// Everything in a table, and whether users log in with it.
fn described(table: &Table) -> impl Iterator<Item = (Described<'_>, bool)> {
    let columns = table.columns.iter();
    let relations = table.relations.iter();
    columns
        .map(|column| (Described::column(column), column.identity))
        .chain(relations.map(|relation| (Described::relation(relation), false)))
}

impl<'a> Described<'a> {
    fn column(column: &'a Column) -> Self {
        Self {
            name: &column.name,
            required: column.required,
            type_name: column.column_type.as_str(),
            default_value: JsonValue(column.default.as_ref().unwrap_or(&Value::Null)),
            related_table: None,
            custom_regex: column.validator.as_deref(),
            auto_load: false,
            is_primary_key: column.name == "objectId",
        }
    }

    fn relation(relation: &'a Relation) -> Self {
        Self {
            name: &relation.name,
            required: false,
            type_name: match relation.cardinality {
                Cardinality::OneToOne => "RELATION",
                Cardinality::OneToMany => "RELATION_LIST",
            },
            default_value: JsonValue(&Value::Null),
            related_table: Some(&relation.to_table),
            custom_regex: None,
            auto_load: false,
            is_primary_key: false,
        }
    }
}

impl std::fmt::Debug for ColumnDescription<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ColumnDescription")
            .field("name", &self.described.name)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for UserClassProperty<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserClassProperty")
            .field("name", &self.described.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use vestibule_model::{ColumnType, USERS};

    use super::*;

    fn item(name: &str, type_name: &str) -> Json {
        json!({
            "name": name, "required": false, "type": type_name, "defaultValue": null,
            "expression": null, "relatedTable": null, "customRegex": null, "autoLoad": false,
            "isPrimaryKey": name == "objectId",
        })
    }

    #[test]
    fn a_table_is_described_with_exactly_the_keys_of_the_contract() {
        let mut order = Table::new("Order");
        order.columns.push(Column {
            required: true,
            default: Some(Value::from(1.0)),
            validator: Some("[0-9]+".to_owned()),
            ..Column::new("total", ColumnType::Double)
        });
        for (name, cardinality) in [
            ("customer", Cardinality::OneToOne),
            ("friends", Cardinality::OneToMany),
        ] {
            order.relations.push(Relation {
                name: name.to_owned(),
                to_table: USERS.to_owned(),
                cardinality,
            });
        }
        let mut total = item("total", "DOUBLE");
        total["required"] = json!(true);
        total["defaultValue"] = json!(1);
        total["customRegex"] = json!("[0-9]+");
        let mut customer = item("customer", "RELATION");
        customer["relatedTable"] = json!("Users");
        let mut friends = item("friends", "RELATION_LIST");
        friends["relatedTable"] = json!("Users");
        let expected = json!([
            item("objectId", "STRING_ID"),
            item("ownerId", "STRING"),
            item("created", "DATETIME"),
            item("updated", "DATETIME"),
            total,
            customer,
            friends,
        ]);
        let described = ColumnDescription::all(&order);
        assert_eq!(expected, serde_json::to_value(described).unwrap());
    }

    #[test]
    fn a_user_property_says_whether_it_is_the_identity_and_has_no_expression() {
        let mut users = Table::new(USERS);
        users.columns = vec![Column {
            required: true,
            unique: true,
            indexed: true,
            identity: true,
            ..Column::new("email", ColumnType::String)
        }];
        let expected = json!([{
            "name": "email", "required": true, "type": "STRING", "defaultValue": null,
            "relatedTable": null, "identity": true, "customRegex": null, "autoLoad": false,
            "isPrimaryKey": false,
        }]);
        let described = UserClassProperty::all(&users);
        assert_eq!(expected, serde_json::to_value(described).unwrap());
    }
}
