use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error};
use vestibule_model::{Catalogue, ErrorCode, Table};
use vestibule_wire::ColumnDescription;

use crate::{answer, error::Refusal, segments::Segments, visitor::Visitor};

/// Longest part of a table's name that is repeated in an error; no table has a longer one.
const SHOWN_AT_MOST: usize = 64;

/// `GET /data/{table}/properties`: the columns and relations of a table.
pub(crate) async fn describe_table(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let table = engine.describe_table(request, &table).await?;
    Ok(answer::json(&ColumnDescription::all(&table)))
}

/// `GET /data/{table}/table-name`: the name of a table. A table has no id besides it; that there is
/// one is told to whoever may have it described.
pub(crate) async fn table_name(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let table = engine.describe_table(request, &table).await?;
    Ok(answer::json(&table.name))
}

/// The table of that name.
///
/// # Errors
/// 1009 in the platform's own words, double wrapping included.
pub(super) fn table_of<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Table, Error> {
    catalogue.table(name).ok_or_else(|| {
        let name: String = name.chars().take(SHOWN_AT_MOST).collect();
        let message = format!(
            "Table not found by name 'Table not found by name '{name}'. Make sure the client class \
             referenced in the API call has the same literal name as the table in Backendless \
             console'"
        );
        Error::new(ErrorCode::TableNotFound, message)
    })
}
