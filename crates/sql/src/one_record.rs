use std::sync::Arc;

use sea_query::Value as Sql;
use vestibule_model::{Table, Value};
use vestibule_storage::{Comparison, Condition, FindQuery, Operand, Rows, Select};

use crate::{names::record, quoted::quote};

/// A statement that answers a whole record by its id, perhaps only if it has this owner.
///
/// Many reads of a server are these. What stands in each of them is written down once for a table; to make
/// a tree of expressions each time takes longer than the database needs to find the row.
#[derive(Clone, Debug)]
pub struct OneRecord {
    text: Arc<OneRecordText>,
    id: String,
    owner: Option<String>,
}

/// What stands before the values.
#[derive(Debug)]
pub(crate) struct OneRecordText {
    before_id: String,
    before_owner: String,
}

impl OneRecordText {
    /// For a table of which this select answers all records.
    pub(crate) fn of(table: &Table, select: &str) -> Self {
        let before_value_of = |column| {
            let mut text = String::new();
            quote(&table.name, &mut text);
            text.push('.');
            quote(column, &mut text);
            text + " = "
        };
        Self {
            before_id: format!("{select} WHERE {}", before_value_of(record::OBJECT_ID)),
            before_owner: format!(" AND {}", before_value_of(record::OWNER_ID)),
        }
    }
}

impl OneRecord {
    /// The statement for a query, if it is about one whole record, and whether its caller may see that
    /// depends on nothing but who owns it.
    pub(crate) fn of(query: &FindQuery, table: &Table, text: &Arc<OneRecordText>) -> Option<Self> {
        let FindQuery {
            table: _,
            select: Select::WholeRecords,
            condition: Some(condition),
            group_by,
            having: None,
            sort,
            offset: 0,
            limit: 1..,
            visibility,
        } = query
        else {
            return None;
        };
        let owner = match visibility.of(&table.name) {
            Rows::All => None,
            Rows::Where(condition) => Some(text_of(condition, record::OWNER_ID)?),
            Rows::Nothing => return None,
        };
        let id = text_of(condition, record::OBJECT_ID)?;
        (group_by.is_empty() && sort.is_empty()).then(|| Self {
            text: Arc::clone(text),
            id: id.to_owned(),
            owner: owner.map(str::to_owned),
        })
    }

    /// Writes the statement into `sql`. `place` writes down the place of a value, and keeps the value;
    /// it is called for each of them in their order.
    pub fn write(self, sql: &mut String, mut place: impl FnMut(&mut String, Sql)) {
        sql.push_str(&self.text.before_id);
        place(sql, self.id.into());
        if let Some(owner) = self.owner {
            sql.push_str(&self.text.before_owner);
            place(sql, owner.into());
        }
    }
}

/// The text that a column is to be equal to, if that is the whole condition.
fn text_of<'c>(condition: &'c Condition, column: &str) -> Option<&'c str> {
    match condition {
        Condition::Compare(
            Operand::Column(name),
            Comparison::Equal,
            Operand::Value(Value::Text(text)),
        ) if name == column => Some(text),
        _ => None,
    }
}
