use std::borrow::Cow;

use sea_query::Value as Sql;

use crate::quoted::quote;

/// A statement that makes one row of a table, of values and nothing else.
///
/// Most of what a server writes are new rows: guests, sessions, records. Their statements are written down
/// at once instead of as a tree of expressions, which costs several times what the rest of a guest's
/// login does before it reaches the database.
#[derive(Clone, Debug)]
pub struct NewRow {
    table: Cow<'static, str>,
    cells: Vec<(Cow<'static, str>, Sql)>,
}

impl NewRow {
    /// A row of this table without any value yet.
    pub(crate) fn of(table: impl Into<Cow<'static, str>>) -> Self {
        Self {
            table: table.into(),
            cells: Vec::with_capacity(16),
        }
    }

    /// The row with this value in this column, which must not have one yet.
    pub(crate) fn with(
        mut self,
        column: impl Into<Cow<'static, str>>,
        value: impl Into<Sql>,
    ) -> Self {
        self.cells.push((column.into(), value.into()));
        self
    }

    /// Writes the statement into `sql`. `place` writes down the place of a value, and keeps the value;
    /// it is called for each of them in their order.
    pub fn write(self, sql: &mut String, mut place: impl FnMut(&mut String, Sql)) {
        sql.push_str("INSERT INTO ");
        quote(&self.table, sql);
        let mut before = " (";
        for (column, _) in &self.cells {
            sql.push_str(before);
            quote(column, sql);
            before = ", ";
        }
        before = ") VALUES (";
        for (_, value) in self.cells {
            sql.push_str(before);
            place(sql, value);
            before = ", ";
        }
        sql.push(')');
    }
}

#[cfg(test)]
mod tests {
    use sea_query::{InsertStatement, SqliteQueryBuilder, Values};

    use super::*;

    #[test]
    fn a_new_row_is_what_a_tree_would_make_of_it() {
        let (table, columns) = ("Ta\"ble", ["a", "b\"", "c"]);
        let values = [Sql::from(1_i64), Sql::from("text"), Sql::String(None)];
        let mut row = NewRow::of(table);
        for (column, value) in columns.into_iter().zip(values.clone()) {
            row = row.with(column, value);
        }
        let (mut sql, mut bound) = (String::new(), Vec::new());
        row.write(&mut sql, |sql, value| {
            sql.push('?');
            bound.push(value);
        });
        let tree = InsertStatement::new()
            .into_table(table)
            .columns(columns)
            .values_panic(values.map(Into::into))
            .build(SqliteQueryBuilder);
        assert_eq!(tree, (sql, Values(bound)));
    }
}
