use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error};
use vestibule_wire::admin::{ColumnBody, NewColumn, parse_identity, parse_new_column};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::NoQuery};

/// `POST /admin/api/tables/{name}/columns`: a new column or relation, which is answered.
pub(crate) async fn create_column(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let missing = || Error::internal("a column that was just made is not in its table");
    match parse_new_column(body)? {
        NewColumn::Column(column) => {
            let name = column.name.clone();
            let table = engine.add_column(&table, column).await?;
            let column = table.column(&name).ok_or_else(missing)?;
            Ok(answer::created(&ColumnBody::column(column)))
        }
        NewColumn::Relation(relation) => {
            let name = relation.name.clone();
            let table = engine.add_relation(&table, relation).await?;
            let relation = table.relation(&name).ok_or_else(missing)?;
            Ok(answer::created(&ColumnBody::relation(relation)))
        }
    }
}

/// `DELETE /admin/api/tables/{name}/columns/{column}`: a column or a relation goes with what is in
/// it.
pub(crate) async fn drop_column(
    State(engine): State<Engine>,
    Segments([table, column]): Segments<2>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    engine.drop_column(&table, &column).await?;
    Ok(answer::empty())
}

/// `PATCH /admin/api/tables/Users/columns/{column}` with `{"identity": true}`: users log in with this
/// column from now on. Answers it.
pub(crate) async fn change_column(
    State(engine): State<Engine>,
    Segments([table, column]): Segments<2>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    parse_identity(body)?;
    let column = engine.set_identity(&table, &column).await?;
    Ok(answer::json(&ColumnBody::column(&column)))
}
