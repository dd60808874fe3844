use serde::Serialize;
use vestibule_model::{Column, Table};

/// One table and its columns, for the operator.
#[derive(Debug, Serialize)]
pub struct TableBody<'a> {
    name: &'a str,
    system: bool,
    columns: Vec<ColumnBody<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnBody<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    column_type: &'static str,
    size: Option<u32>,
    required: bool,
    unique: bool,
    indexed: bool,
    // Columns have no defaults, validators or relations yet.
    default: Option<&'a str>,
    validator: Option<&'a str>,
    system: bool,
    to_table: Option<&'a str>,
    cardinality: Option<&'a str>,
}

impl<'a> TableBody<'a> {
    /// Describes a table.
    pub fn of(table: &'a Table) -> Self {
        Self {
            name: &table.name,
            system: table.system,
            columns: table.columns.iter().map(ColumnBody::of).collect(),
        }
    }
}

impl<'a> ColumnBody<'a> {
    fn of(column: &'a Column) -> Self {
        Self {
            name: &column.name,
            column_type: column.column_type.as_str(),
            size: column.size,
            required: column.required,
            unique: column.unique,
            indexed: column.indexed,
            default: None,
            validator: None,
            system: column.system,
            to_table: None,
            cardinality: None,
        }
    }
}
