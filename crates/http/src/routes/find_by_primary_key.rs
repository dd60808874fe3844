use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error, Find, Reply};
use vestibule_model::{Column, ColumnType, ErrorCode, Query, Table, quoted};
use vestibule_wire::RowBody;

use super::describe_table::table_of;
use crate::{answer, error::Refusal, segments::Segments, url_query::UrlQuery, visitor::Visitor};

/// Longest part of a key that is repeated in an error.
const SHOWN_AT_MOST: usize = 64;

/// `GET /data/{table}/pk?k=v&..`: the one record that has all these values. It is a find, of one.
pub(crate) async fn find_by_primary_key(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let query = query?;
    // Who may find nothing learns nothing of the columns either.
    engine.permit_find(request.clone(), &table)?;
    let catalogue = engine.catalogue().await?;
    let conditions: Vec<String> = query
        .pairs()
        .iter()
        .map(|(name, value)| condition(table_of(&catalogue, &table)?, name, value))
        .collect::<Result<_, Error>>()?;
    if conditions.is_empty() {
        let message = "say which record is meant: pk?column=value";
        return Err(Error::new(ErrorCode::InvalidParameter, message).into());
    }
    let page = Query::matching(conditions.join(" and ")).page_size(1);
    let mut reply: Reply<Find> = engine.submit(request, Find::new(table, page)).await;
    if reply.outcome.as_ref().is_ok_and(Vec::is_empty) {
        let values: Vec<_> = query
            .pairs()
            .iter()
            .map(|(_, value)| value.as_str())
            .collect();
        let shown: String = values.join(", ").chars().take(SHOWN_AT_MOST).collect();
        reply.outcome = Err(Error::not_found(format!(
            "Entity with ID {shown} not found"
        )));
    }
    Ok(answer::reply(reply, |rows| {
        answer::json(&rows.first().map(RowBody))
    }))
}

/// A comparison of a column with a value as a URL writes it.
fn condition(table: &Table, name: &str, value: &str) -> Result<String, Error> {
    let column = table.readable_column(name).ok_or_else(|| {
        let shown: String = name.chars().take(SHOWN_AT_MOST).collect();
        let message = format!("Column '{shown}' does not exist in table '{}'", table.name);
        Error::new(ErrorCode::UnknownColumn, message)
    })?;
    Ok(format!("{name} = {}", literal(column, value)?))
}

fn literal(column: &Column, value: &str) -> Result<String, Error> {
    let wrong = |what: &str| {
        let message = format!("'{}' must be {what}", column.name);
        Error::new(ErrorCode::InvalidParameter, message)
    };
    match column.column_type {
        ColumnType::Int | ColumnType::Double if is_number(value) => Ok(value.to_owned()),
        ColumnType::Int | ColumnType::Double => Err(wrong("a number")),
        ColumnType::DateTime if is_number(value) => Ok(value.to_owned()),
        ColumnType::Boolean if value == "true" || value == "false" => Ok(value.to_owned()),
        ColumnType::Boolean => Err(wrong("true or false")),
        ColumnType::String
        | ColumnType::Text
        | ColumnType::StringId
        | ColumnType::DateTime
        | ColumnType::Json => Ok(quoted(value)),
    }
}

/// Whether this is a number as clauses write it: nothing else may stand in one unquoted.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| {
        !part.is_empty() && part.len() <= 30 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    are_digits(whole) && are_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_its_column_wants_it() {
        let literal = |column_type, value| literal(&Column::new("c", column_type), value);
        for (column_type, value, expected) in [
            (ColumnType::Int, "-7", "-7"),
            (ColumnType::Double, "1.50", "1.50"),
            (ColumnType::Boolean, "true", "true"),
            (ColumnType::DateTime, "17", "17"),
            (ColumnType::DateTime, "2020-01-01", "'2020-01-01'"),
            (ColumnType::String, "7 or 1 = 1", "'7 or 1 = 1'"),
            (ColumnType::Text, "it's", "'it''s'"),
        ] {
            assert_eq!(expected, literal(column_type, value).unwrap());
        }
        for value in [
            "", "1 or 1", "1.", ".5", "--1", "1.5.2", "0x1", "1e5", "ten",
        ] {
            let error = literal(ColumnType::Int, value).unwrap_err();
            assert_eq!(8008, error.code().number(), "{value}");
        }
        assert!(literal(ColumnType::Boolean, "1").is_err());
    }
}
