use serde::Serialize;
use vestibule_model::Column;

/// One item of `GET /users/userclassprops`: exactly these keys (wire contract, section 4.9).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserClassProperty<'a> {
    name: &'a str,
    required: bool,
    #[serde(rename = "type")]
    column_type: &'static str,
    // Columns have no defaults, relations or validators yet; clients read these keys all the same.
    default_value: Option<&'a str>,
    related_table: Option<&'a str>,
    identity: bool,
    custom_regex: Option<&'a str>,
    auto_load: bool,
    is_primary_key: bool,
}

impl<'a> UserClassProperty<'a> {
    /// Describes a column of the table `Users`.
    pub fn of(column: &'a Column) -> Self {
        Self {
            name: &column.name,
            required: column.required,
            column_type: column.column_type.as_str(),
            default_value: None,
            related_table: None,
            identity: column.identity,
            custom_regex: None,
            auto_load: false,
            is_primary_key: column.name == "objectId",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_model::ColumnType;

    use super::*;

    #[test]
    fn an_item_has_exactly_the_keys_of_the_contract() {
        let column = Column {
            required: true,
            unique: true,
            indexed: true,
            identity: true,
            ..Column::new("email", ColumnType::String)
        };
        assert_eq!(
            json!({
                "name": "email", "required": true, "type": "STRING", "defaultValue": null,
                "relatedTable": null, "identity": true, "customRegex": null, "autoLoad": false,
                "isPrimaryKey": false,
            }),
            serde_json::to_value(UserClassProperty::of(&column)).unwrap()
        );
    }
}
