use std::fmt::{self, Write};

use sea_query::{PostgresQueryBuilder, QueryBuilder, SqlWriter, Value};
use vestibule_sql::{Statement, Step, Then};

use crate::parameter::Parameter;

/// A statement in the words of PostgreSQL.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Parameter>,
}

/// A step in the words of PostgreSQL.
#[derive(Debug)]
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
    let mut writer = Writer::default();
    match statement {
        Statement::OneRecord(record) => return written(|sql, place| record.write(sql, place)),
        Statement::NewRow(row) => return written(|sql, place| row.write(sql, place)),
        Statement::Select(select) => select.build_collect_into(PostgresQueryBuilder, &mut writer),
        Statement::Insert(insert) => insert.build_collect_into(PostgresQueryBuilder, &mut writer),
        Statement::Update(update) => update.build_collect_into(PostgresQueryBuilder, &mut writer),
        Statement::Delete(delete) => delete.build_collect_into(PostgresQueryBuilder, &mut writer),
        // What changes the schema binds nothing.
        schema => writer.rendered.sql = schema.build(PostgresQueryBuilder).0,
    }
    writer.rendered
}

/// Each value has a place of its own, so that the statement is one for all values.
fn written(write: impl FnOnce(&mut String, &mut dyn FnMut(&mut String, Value))) -> Rendered {
    let Rendered {
        mut sql,
        mut parameters,
    } = Rendered::default();
    write(&mut sql, &mut |sql, value| {
        let parameter = Parameter::from(value);
        // Writing into a text cannot fail.
        let _ = write!(sql, "${}::{}", parameters.len() + 1, parameter.type_name());
        parameters.push(parameter);
    });
    Rendered { sql, parameters }
}

/// Writes a statement and takes the values aside.
///
/// Each place says the type of its value: PostgreSQL would guess the type of `$1 + $2`, or of a value
/// that is only selected, and guess wrong. Equal values share a place, for the database takes an
/// expression that is selected for the one that it groups or sorts by only if both say `$1`.
#[derive(Default)]
struct Writer {
    rendered: Rendered,
}

impl Default for Rendered {
    fn default() -> Self {
        Self {
            sql: String::with_capacity(256),
            parameters: Vec::new(),
        }
    }
}

/// Among how many values an equal one is looked for: a list of ids is long, and equal to nothing.
const SHARED_AMONG: usize = 64;

impl SqlWriter for Writer {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, _: &T) {
        let parameter = Parameter::from(value);
        let Rendered { sql, parameters } = &mut self.rendered;
        let known = parameters.iter().take(SHARED_AMONG);
        let place = known
            .enumerate()
            .find_map(|(at, known)| (*known == parameter).then_some(at));
        let place = place.unwrap_or(parameters.len());
        // Writing into a text cannot fail.
        let _ = write!(sql, "${}::{}", place + 1, parameter.type_name());
        if place == parameters.len() {
            parameters.push(parameter);
        }
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        &mut self.rendered.sql
    }
}

impl Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.rendered.sql.write_str(text)
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rendered.sql)
    }
}

#[cfg(test)]
mod tests {
    use sea_query::{Expr, ExprTrait, SelectStatement};

    use super::*;

    #[test]
    fn each_place_says_its_type_and_equal_values_share_one() {
        let mut query = SelectStatement::new();
        query
            .expr(Expr::val(7_i64).add(Expr::col("a")))
            .expr(Expr::val("x"))
            .expr(Expr::val(7_i64));
        let rendered = statement(query.into());
        assert_eq!(
            r#"SELECT $1::bigint + "a", $2::text, $1::bigint"#,
            rendered.sql
        );
        let expected = [
            Parameter::Integer(Some(7)),
            Parameter::Text(Some("x".to_owned())),
        ];
        assert_eq!(expected, *rendered.parameters);
    }
}
