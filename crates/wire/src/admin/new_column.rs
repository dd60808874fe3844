use serde_json::{Map, Value as Json};
use vestibule_model::{Cardinality, Column, ColumnType, Relation, Value};

use super::{
    keys::{Keys, wrong},
    tables::RELATION,
};
use crate::BadRequest;

/// What `POST /tables/{name}/columns` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum NewColumn {
    /// A column that holds values.
    Column(Column),
    /// A column that refers to records of a table.
    Relation(Relation),
}

/// Types that a column of one's own can have; ids belong to the system.
const TYPES: [ColumnType; 7] = [
    ColumnType::String,
    ColumnType::Text,
    ColumnType::Int,
    ColumnType::Double,
    ColumnType::Boolean,
    ColumnType::DateTime,
    ColumnType::Json,
];

/// Reads what `POST /tables` sends: the name of the new table. Whether a table can have it is not
/// said.
///
/// # Errors
/// 8008 with the key's name for an unknown key, and for a name that is absent or no text.
pub fn parse_new_table(body: Map<String, Json>) -> Result<String, BadRequest> {
    let mut keys = Keys(body);
    let name = keys.text("name")?;
    keys.done()?;
    Ok(name)
}

/// Reads what `POST /tables/{name}/columns` sends. Null is as good as absent. Whether names,
/// default and validator can be used is not said.
///
/// ```
/// use vestibule_wire::{admin::{NewColumn, parse_new_column}, parse_object};
///
/// let body = parse_object(br#"{"name": "code", "type": "STRING", "unique": true}"#)?;
/// let NewColumn::Column(code) = parse_new_column(body)? else {
///     unreachable!()
/// };
/// assert!(code.unique && !code.required);
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 8008 with the key's name for an unknown key, a key that the type does not have, and a value of
/// the wrong type.
pub fn parse_new_column(body: Map<String, Json>) -> Result<NewColumn, BadRequest> {
    let mut keys = Keys(body);
    let (name, type_name) = (keys.text("name")?, keys.text("type")?);
    let column = if type_name == RELATION {
        NewColumn::Relation(Relation {
            name,
            to_table: keys.text("toTable")?,
            cardinality: Cardinality::from_name(&keys.text("cardinality")?)
                .ok_or_else(|| wrong("cardinality", "must be ONE_TO_ONE or ONE_TO_MANY"))?,
        })
    } else {
        NewColumn::Column(values(name, &type_name, &mut keys)?)
    };
    keys.done()?;
    Ok(column)
}

/// Reads what `PATCH /tables/Users/columns/{column}` sends: that users log in with the column from now
/// on, and nothing else.
///
/// # Errors
/// 8008 with the key's name for an unknown key, and if `identity` is not true.
pub fn parse_identity(body: Map<String, Json>) -> Result<(), BadRequest> {
    let mut keys = Keys(body);
    let identity = keys.given("identity");
    keys.done()?;
    match identity {
        Some(Json::Bool(true)) => Ok(()),
        Some(Json::Bool(false)) => Err(wrong(
            "identity",
            "cannot become false: make another column the one that users log in with",
        )),
        _ => Err(wrong("identity", "is required, and must be true")),
    }
}

fn values(name: String, type_name: &str, keys: &mut Keys) -> Result<Column, BadRequest> {
    let column_type = ColumnType::from_name(type_name)
        .filter(|column_type| TYPES.contains(column_type))
        .ok_or_else(|| {
            let names: Vec<_> = TYPES.iter().map(|known| known.as_str()).collect();
            wrong(
                "type",
                &format!("must be {RELATION} or one of {}", names.join(", ")),
            )
        })?;
    let mut column = Column::new(name, column_type);
    // Other types have no size: then the key is as unknown as any other.
    if column_type == ColumnType::String
        && let Some(size) = keys.given("size")
    {
        let size = size.as_u64().and_then(|size| u32::try_from(size).ok());
        let refusal = || wrong("size", "must be a whole number of characters, at least 1");
        column.size = Some(size.filter(|size| *size > 0).ok_or_else(refusal)?);
    }
    column.required = keys.flag("required")?;
    column.unique = keys.flag("unique")?;
    column.indexed = keys.flag("indexed")?;
    column.default = keys.given("default").map(Value::from_json);
    column.validator = match keys.given("validator") {
        None => None,
        Some(Json::String(validator)) => Some(validator),
        Some(_) => return Err(wrong("validator", "must be a text: a regular expression")),
    };
    Ok(column)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: Json) -> Result<NewColumn, BadRequest> {
        parse_new_column(body.as_object().unwrap().clone())
    }

    #[test]
    fn a_column_is_read_with_everything_it_can_have() {
        let body = json!({
            "name": "code", "type": "STRING", "size": 20, "required": true, "unique": true,
            "indexed": true, "default": "x", "validator": "x+", "toTable": null,
        });
        let expected = Column {
            size: Some(20),
            required: true,
            unique: true,
            indexed: true,
            default: Some(Value::from("x")),
            validator: Some("x+".to_owned()),
            ..Column::new("code", ColumnType::String)
        };
        assert_eq!(NewColumn::Column(expected), parse(body).unwrap());
        let plain = Column::new("at", ColumnType::DateTime);
        let body = json!({ "name": "at", "type": "DATETIME" });
        assert_eq!(NewColumn::Column(plain), parse(body).unwrap());
    }

    #[test]
    fn a_relation_is_read() {
        let body = json!({
            "name": "items", "type": "RELATION", "toTable": "Item", "cardinality": "ONE_TO_MANY",
        });
        let expected = Relation {
            name: "items".to_owned(),
            to_table: "Item".to_owned(),
            cardinality: Cardinality::OneToMany,
        };
        assert_eq!(NewColumn::Relation(expected), parse(body).unwrap());
    }

    #[test]
    fn unknown_keys_and_wrong_types_are_refused_by_name() {
        for (name, body) in [
            ("name", json!({ "type": "INT" })),
            ("name", json!({ "name": 7, "type": "INT" })),
            ("type", json!({ "name": "a" })),
            ("type", json!({ "name": "a", "type": "STRING_ID" })),
            ("type", json!({ "name": "a", "type": "int" })),
            ("size", json!({ "name": "a", "type": "STRING", "size": 0 })),
            ("size", json!({ "name": "a", "type": "STRING", "size": -1 })),
            (
                "size",
                json!({ "name": "a", "type": "STRING", "size": "9" }),
            ),
            ("size", json!({ "name": "a", "type": "INT", "size": 9 })),
            (
                "required",
                json!({ "name": "a", "type": "INT", "required": 1 }),
            ),
            (
                "unique",
                json!({ "name": "a", "type": "INT", "unique": "true" }),
            ),
            (
                "indexed",
                json!({ "name": "a", "type": "INT", "indexed": {} }),
            ),
            (
                "validator",
                json!({ "name": "a", "type": "STRING", "validator": 1 }),
            ),
            (
                "nonsense",
                json!({ "name": "a", "type": "INT", "nonsense": 1 }),
            ),
            (
                "toTable",
                json!({ "name": "a", "type": "INT", "toTable": "B" }),
            ),
            ("toTable", json!({ "name": "a", "type": "RELATION" })),
            (
                "cardinality",
                json!({ "name": "a", "type": "RELATION", "toTable": "B", "cardinality": "MANY" }),
            ),
            (
                "unique",
                json!({
                    "name": "a", "type": "RELATION", "toTable": "B", "cardinality": "ONE_TO_ONE",
                    "unique": true,
                }),
            ),
        ] {
            let refusal = parse(body.clone()).unwrap_err();
            assert_eq!(8008, refusal.code.number(), "{body}");
            assert!(refusal.message.contains(name), "{body}: {refusal}");
        }
    }

    #[test]
    fn a_table_has_a_name_and_nothing_else() {
        let parse = |body: Json| parse_new_table(body.as_object().unwrap().clone());
        assert_eq!("Order", parse(json!({ "name": "Order" })).unwrap());
        for (name, body) in [
            ("name", json!({})),
            ("name", json!({ "name": 1 })),
            ("columns", json!({ "name": "Order", "columns": [] })),
        ] {
            let refusal = parse(body).unwrap_err();
            assert!(refusal.message.contains(name), "{refusal}");
        }
    }
    #[test]
    fn the_identity_can_be_taken_and_not_be_given_up() {
        let parse = |body: Json| parse_identity(body.as_object().unwrap().clone());
        parse(json!({ "identity": true })).unwrap();
        for (name, body) in [
            ("identity", json!({})),
            ("identity", json!({ "identity": null })),
            ("identity", json!({ "identity": 1 })),
            ("identity", json!({ "identity": "true" })),
            ("identity", json!({ "identity": false })),
            ("unique", json!({ "identity": true, "unique": true })),
        ] {
            let refusal = parse(body.clone()).unwrap_err();
            assert_eq!(8008, refusal.code.number(), "{body}");
            assert!(refusal.message.contains(name), "{body}: {refusal}");
        }
    }
}
