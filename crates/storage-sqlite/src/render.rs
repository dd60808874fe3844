use sea_query::{SqliteQueryBuilder, Value};
use sea_query_rusqlite::{RusqliteValue, RusqliteValues};
use vestibule_sql::{Statement, Step, Then};

/// A statement in the words of SQLite, ready for another thread.
pub(crate) struct Rendered {
    pub(crate) sql: String,
    pub(crate) values: RusqliteValues,
}

/// A step in the words of SQLite.
pub(crate) struct RenderedStep {
    pub(crate) statement: Rendered,
    pub(crate) then: Then,
}

pub(crate) fn steps(steps: Vec<Step>) -> Vec<RenderedStep> {
    steps
        .into_iter()
        .map(|step| RenderedStep {
            statement: statement(step.statement),
            then: step.then,
        })
        .collect()
}

pub(crate) fn statement(statement: Statement) -> Rendered {
    let (sql, values) = statement.build(SqliteQueryBuilder);
    let values = values.into_iter().map(in_types_of_sqlite);
    Rendered {
        sql,
        values: RusqliteValues(values.map(RusqliteValue).collect()),
    }
}

/// JSON is stored as its text. The driver would make a number of a JSON number, and lose digits.
fn in_types_of_sqlite(value: Value) -> Value {
    match value {
        Value::Json(json) => Value::String(json.map(|json| json.to_string())),
        other => other,
    }
}
