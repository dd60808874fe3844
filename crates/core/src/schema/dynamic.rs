//! The dynamic schema: tables and columns that come of the rows that are saved (wire contract,
//! sections 8.2 and 8.5).

use std::borrow::Cow;

use vestibule_model::{
    COLUMNS_AT_MOST, Catalogue, Column, ColumnType, DEFAULT_SIZE, ErrorCode, Properties, Table,
    USERS, Value,
};
use vestibule_storage::Change;

use super::{
    draft::{Draft, alike},
    names,
};
use crate::{Error, Result};

/// What belongs to the server in a user's row, whether there is a column for it or not (design,
/// rule 10): clients echo whole users.
const USERS_OWN: [&str; 6] = [
    "accountType",
    "lastLogin",
    "oAuthIdentities",
    "socialAccount",
    "user-token",
    "userStatus",
];

/// The schema that rows need, and how to get there.
#[derive(Debug)]
pub(crate) struct Fitted<'a> {
    /// The schema with the changes.
    pub(crate) catalogue: Cow<'a, Catalogue>,
    /// What must be done before the rows can be stored, in this order and in the same `apply`; empty
    /// most of the time.
    pub(crate) changes: Vec<Change>,
}

/// Finds out which tables and columns these rows of one table need beside those that there are.
///
/// With a dynamic schema a missing table is made, and so is a column for every property that has a
/// value; INT columns that get a fraction become DOUBLE. A null says nothing about a type, so no
/// column comes of it: a property that still has no column afterwards has nothing to store, and the
/// caller drops it. Properties that name a relation, or belong to the envelope (`___class`), are
/// passed over. Whether the values fit the columns that exist is not asked here.
///
/// # Errors
/// With a fixed schema 1125 for an unknown table and 1126 for an unknown column; on `Users` unknown
/// properties are for the caller to drop in silence. With a dynamic one 1154 for names that nothing
/// may have, 1152 and 1161 for names that differ from an existing one in case only, 1149 and 1151
/// when there are too many.
pub(crate) fn fit<'a>(
    catalogue: &'a Catalogue,
    table: &str,
    rows: &[&Properties],
    dynamic: bool,
) -> Result<Fitted<'a>> {
    let mut draft = Draft::of(catalogue);
    if dynamic {
        grow(&mut draft, table, rows)?;
    } else {
        refuse_unknown(catalogue, table, rows)?;
    }
    let (catalogue, changes) = draft.into_parts();
    Ok(Fitted { catalogue, changes })
}

fn grow(draft: &mut Draft<'_>, name: &str, rows: &[&Properties]) -> Result<()> {
    if draft.catalogue().table(name).is_none() {
        draft.create_table(name)?;
    }
    let Some(table) = draft.catalogue().table(name) else {
        return Ok(());
    };
    let mut widened: Vec<String> = Vec::new();
    let mut missing: Vec<(String, ColumnType)> = Vec::new();
    for (property, value) in rows.iter().copied().flatten() {
        if let Some(column) = table.column(property) {
            if is_too_narrow(column, value) && !widened.contains(property) {
                widened.push(property.clone());
            }
        } else if table.relation(property).is_none() && !is_servers_own(name, property) {
            names::check_column(property)?;
            let Some(column_type) = type_of(value) else {
                continue;
            };
            match missing.iter_mut().find(|(known, _)| known == property) {
                Some((_, known)) => *known = wider(*known, column_type),
                None => missing.push((property.clone(), column_type)),
            }
            if missing.len() > COLUMNS_AT_MOST {
                // There is no room for them; the first that has none says so. A body can hold a
                // hundred thousand names, too many to compare with each other.
                break;
            }
        }
    }
    for column in widened {
        draft.widen_column(name, &column);
    }
    for (property, column_type) in missing {
        draft.add_column(name, Column::new(property, column_type))?;
    }
    Ok(())
}

fn refuse_unknown(catalogue: &Catalogue, name: &str, rows: &[&Properties]) -> Result<()> {
    let Some(table) = catalogue.table(name) else {
        let message = format!(
            "table '{}' does not exist, and the schema is fixed; the operator can make it",
            names::shown(name)
        );
        return Err(Error::new(ErrorCode::TableMissing, message));
    };
    if name == USERS {
        return Ok(());
    }
    let mut properties = rows.iter().copied().flatten().map(|(name, _)| name);
    match properties.find(|property| !is_known(table, property)) {
        None => Ok(()),
        Some(unknown) => Err(no_such_column(table, unknown)),
    }
}

fn no_such_column(table: &Table, name: &str) -> Error {
    let next = match alike(table, name) {
        Some(existing) => format!("there is '{existing}'"),
        None => "the operator can make it".to_owned(),
    };
    let message = format!(
        "column '{}' does not exist in table '{}', and the schema is fixed; {next}",
        names::shown(name),
        table.name
    );
    Error::new(ErrorCode::ColumnMissing, message)
}

fn is_known(table: &Table, property: &str) -> bool {
    table.column(property).is_some()
        || table.relation(property).is_some()
        || is_servers_own(&table.name, property)
}

/// Whether a property makes no column because it is the server's own.
fn is_servers_own(table: &str, property: &str) -> bool {
    names::is_envelope(property) || (table == USERS && USERS_OWN.contains(&property))
}

/// Whether a value is a number that its column could hold if it were a DOUBLE one.
fn is_too_narrow(column: &Column, value: &Value) -> bool {
    /// 2 to the power of 63: the first double that no longer is a 64 bit number.
    const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
    let Value::Double(double) = value else {
        return false;
    };
    let is_whole = double.fract() == 0.0 && *double >= -TOO_LARGE && *double < TOO_LARGE;
    column.column_type == ColumnType::Int && !column.system && !is_whole
}

/// The type of the column that a value asks for; none if it could be any.
fn type_of(value: &Value) -> Option<ColumnType> {
    match value {
        Value::Null => None,
        Value::Boolean(_) => Some(ColumnType::Boolean),
        Value::Integer(_) => Some(ColumnType::Int),
        Value::Double(_) => Some(ColumnType::Double),
        Value::Text(text) if text.chars().count() > DEFAULT_SIZE as usize => Some(ColumnType::Text),
        Value::Text(_) => Some(ColumnType::String),
        Value::Json(_) => Some(ColumnType::Json),
    }
}

/// The type that holds values of both, if there is one; the first one otherwise, and then the other
/// row is refused for a value of the wrong type.
fn wider(first: ColumnType, other: ColumnType) -> ColumnType {
    match (first, other) {
        (ColumnType::Int, ColumnType::Double) => ColumnType::Double,
        (ColumnType::String, ColumnType::Text) => ColumnType::Text,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_model::{Cardinality, Relation};

    use super::*;

    fn row(json: serde_json::Value) -> Properties {
        match json {
            serde_json::Value::Object(object) => Value::properties_from_json(object),
            other => panic!("{other} is no row"),
        }
    }

    fn orders() -> Catalogue {
        let mut order = Table::new("Order");
        order.columns.push(Column::new("count", ColumnType::Int));
        order.relations.push(Relation {
            name: "items".to_owned(),
            to_table: "Order".to_owned(),
            cardinality: Cardinality::OneToMany,
        });
        Catalogue {
            tables: vec![order, Table::new(USERS)],
        }
    }

    fn changes(table: &str, rows: &[serde_json::Value]) -> Result<Vec<Change>> {
        let rows: Vec<_> = rows.iter().cloned().map(row).collect();
        let rows: Vec<_> = rows.iter().collect();
        Ok(fit(&orders(), table, &rows, true)?.changes)
    }

    /// The new columns with their types, `name TYPE`.
    fn columns(table: &str, rows: &[serde_json::Value]) -> Vec<String> {
        let added = changes(table, rows).unwrap().into_iter();
        added
            .filter_map(|change| match change {
                Change::AddColumn { column, .. } => {
                    Some(format!("{} {}", column.name, column.column_type.as_str()))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn types_come_of_the_values_and_a_null_makes_no_column() {
        let row = json!({
            "a": 1, "b": 1.5, "c": true, "d": "x", "e": "x".repeat(501), "f": {"g": 1}, "h": [1],
            "i": null, "j": "ü".repeat(500), "k": 10_000_000_000_000_000_000_u64,
        });
        assert_eq!(
            [
                "a INT",
                "b DOUBLE",
                "c BOOLEAN",
                "d STRING",
                "e TEXT",
                "f JSON",
                "h JSON",
                "j STRING",
                "k DOUBLE"
            ],
            columns("New", &[row]).as_slice()
        );
    }

    #[test]
    fn a_missing_table_is_made_even_for_an_empty_row() {
        let changes = changes("New", &[json!({})]).unwrap();
        assert!(
            matches!(changes.as_slice(), [Change::CreateTable { name }] if name == "New"),
            "{changes:?}"
        );
    }

    #[test]
    fn a_fraction_makes_a_whole_number_column_a_double_one() {
        for row in [json!({"count": 0.5}), json!({"count": 1e19})] {
            let changes = changes("Order", &[json!({"count": 1}), row.clone(), row]).unwrap();
            assert!(
                matches!(changes.as_slice(), [Change::WidenColumn { column, .. }] if column == "count"),
                "{changes:?}"
            );
        }
        for row in [
            json!({"count": 7}),
            json!({"count": 7.0}),
            json!({"count": "x"}),
        ] {
            assert!(changes("Order", &[row]).unwrap().is_empty());
        }
    }

    #[test]
    fn the_rows_of_a_bulk_agree_on_the_widest_type() {
        let rows = [
            json!({"a": 1, "b": "x", "c": 1}),
            json!({"a": 1.5, "b": "x".repeat(501), "c": "x"}),
            json!({"a": 2, "b": "y"}),
        ];
        assert_eq!(
            ["a DOUBLE", "b TEXT", "c INT"],
            columns("Order", &rows).as_slice()
        );
    }

    #[test]
    fn relations_system_columns_and_the_envelope_make_no_column() {
        let echo = json!({
            "___class": "Order", "__meta": "{}", "objectId": "A", "created": 1, "updated": 1,
            "ownerId": "B", "items": [{"objectId": "C"}],
        });
        assert!(changes("Order", &[echo]).unwrap().is_empty());
        let user = json!({"user-token": "x", "userStatus": "ENABLED", "oAuthIdentities": {}});
        assert!(changes(USERS, &[user]).unwrap().is_empty());
    }

    #[test]
    fn a_bad_name_is_refused_even_with_a_null() {
        for (row, code) in [
            (json!({"a b": 1}), 1154),
            (json!({"a b": null}), 1154),
            (json!({"Count": 1}), 1152),
            (json!({"x": 1, "X": 1}), 1152),
        ] {
            let error = changes("Order", &[row]).unwrap_err();
            assert_eq!(code, error.code().number());
        }
        let error = changes("ORDER", &[json!({})]).unwrap_err();
        assert_eq!(1161, error.code().number());
    }

    #[test]
    fn a_fixed_schema_refuses_what_it_does_not_know_and_lets_users_pass() {
        let catalogue = orders();
        let fixed = |table: &str, row: &Properties| fit(&catalogue, table, &[row], false);
        let unknown = row(json!({"___class": "Order", "Count": 1}));
        let error = fixed("Order", &unknown).unwrap_err();
        assert_eq!(1126, error.code().number());
        assert!(error.message().ends_with("there is 'count'"), "{error}");
        assert_eq!(1125, fixed("New", &unknown).unwrap_err().code().number());
        assert!(fixed(USERS, &unknown).unwrap().changes.is_empty());
        let fraction = row(json!({"count": 0.5, "items": []}));
        assert!(fixed("Order", &fraction).unwrap().changes.is_empty());
    }
}
