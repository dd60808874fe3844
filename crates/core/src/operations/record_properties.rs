//! What every save of a record has in common: what is dropped on the way, and what must be there.

use serde_json::Value as Json;
use vestibule_model::{Column, ErrorCode, ObjectId, Properties, Table, Value};

use super::json_operations::JsonOperation;
use crate::{Error, Result, call::Call, schema, values};

/// What belongs to the server, whoever sends it (design, rule 10): clients echo whole records. So
/// does everything that begins with two underscores, `___class` for example.
const SERVERS_OWN: [&str; 3] = ["created", "updated", "user-token"];

/// What was sent for one record, sorted out.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    /// The id that the record brings along.
    pub(super) id: Option<ObjectId>,
    /// Who is to own it; only server code is asked.
    pub(super) owner: Option<Option<ObjectId>>,
    /// The columns with a value. Relations are still among them.
    pub(super) values: Properties,
    /// The columns with a calculation, and its text.
    pub(super) expressions: Vec<(String, String)>,
    /// The JSON columns of which a part changes.
    pub(super) operations: Vec<(String, JsonOperation)>,
}

impl Sent {
    /// Sorts out what a caller sent.
    ///
    /// # Errors
    /// 8008 for an impossible `objectId` or `ownerId`, and for an operation that cannot be read.
    pub(super) fn sort_out(properties: Properties, call: &Call) -> Result<Self> {
        let mut sent = Self::default();
        for (name, value) in properties {
            match name.as_str() {
                "objectId" => sent.id = id_of(&value)?,
                "ownerId" if call.is_server_code() => sent.owner = Some(id_of(&value)?),
                "ownerId" => {}
                _ if is_servers_own(&name) => {}
                _ => sent.take(name, value)?,
            }
        }
        Ok(sent)
    }

    fn take(&mut self, name: String, value: Value) -> Result<()> {
        if let Value::Json(Json::Object(object)) = &value {
            if let Some(text) = expression_in(object) {
                self.expressions.push((name, text?));
                return Ok(());
            }
            if let Some(operation) = JsonOperation::parse(&name, object) {
                self.operations.push((name, operation?));
                return Ok(());
            }
        }
        self.values.insert(name, value);
        Ok(())
    }

    /// The first column that changes in a way that needs a record that is there.
    pub(super) fn needs_record(&self) -> Option<&str> {
        let expressions = self.expressions.iter().map(|(name, _)| name);
        let operations = self.operations.iter().map(|(name, _)| name);
        expressions.chain(operations).map(String::as_str).next()
    }

    /// Refuses calculations and JSON operations: a new record has nothing to calculate with.
    pub(super) fn refuse_calculations(&self) -> Result<()> {
        match self.needs_record() {
            None => Ok(()),
            Some(name) => Err(Error::invalid(format!(
                "the column '{}' of a new record needs a value: calculations and JSON \
                 operations change records that are there",
                schema::shown(name)
            ))),
        }
    }

    /// The value of every column that has one, as the column holds it.
    ///
    /// Names without a column are passed over: a relation, or a null that says nothing about a type.
    pub(super) fn converted(&self, table: &Table) -> Result<Properties> {
        let mut converted = Properties::new();
        for (name, value) in &self.values {
            if let Some(column) = table.column(name) {
                let value = values::convert(column, value.clone())
                    .map_err(|misfit| misfit.of_record(column))?;
                converted.insert(name.clone(), value);
            }
        }
        Ok(converted)
    }
}

/// Whether a property belongs to the server, whoever sends it.
pub(super) fn is_servers_own(name: &str) -> bool {
    name.starts_with("__") || SERVERS_OWN.contains(&name)
}

/// The id that stands in a property; null is none.
pub(super) fn id_of(value: &Value) -> Result<Option<ObjectId>> {
    if value.is_null() {
        return Ok(None);
    }
    let id = value.as_text().map(ObjectId::parse);
    match id {
        Some(Ok(id)) => Ok(Some(id)),
        _ => Err(impossible_id()),
    }
}

/// An `objectId` that cannot be one.
pub(super) fn impossible_id() -> Error {
    Error::invalid("an objectId is a text of 1 to 64 bytes without control characters")
}

/// The calculation that an object stands for, if it is one (wire contract, section 9.4).
fn expression_in(object: &serde_json::Map<String, Json>) -> Option<Result<String>> {
    let class = object.get("___class").and_then(Json::as_str);
    (class == Some("BackendlessExpression")).then(|| {
        let text = object.get("value").and_then(Json::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| Error::invalid("a BackendlessExpression has a text as its 'value'"))
    })
}

/// Gives a new record its defaults, and refuses it if a required column is missing or empty.
pub(super) fn complete(properties: &mut Properties, table: &Table) -> Result<()> {
    for column in own_columns(table) {
        if !properties.contains_key(&column.name)
            && let Some(default) = &column.default
        {
            properties.insert(column.name.clone(), default.clone());
        }
        match properties.get(&column.name) {
            None if column.required => {
                let message = format!("the column '{}' is required", column.name);
                return Err(Error::new(ErrorCode::ColumnRequired, message));
            }
            None => {}
            Some(value) => refuse_empty(column, value)?,
        }
    }
    Ok(())
}

/// Refuses to empty a required column.
pub(super) fn refuse_empty(column: &Column, value: &Value) -> Result<()> {
    if !column.required {
        return Ok(());
    }
    let name = &column.name;
    if value.is_null() {
        let message = format!("the property '{name}' cannot be null");
        return Err(Error::new(ErrorCode::PropertyNotNull, message));
    }
    if value.as_text() == Some("") {
        let message = format!("the column '{name}' cannot be empty");
        return Err(Error::new(ErrorCode::PropertyEmptyText, message));
    }
    Ok(())
}

/// The columns that do not belong to Vestibule.
pub(super) fn own_columns(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.iter().filter(|column| !column.system)
}

/// The column of that name, for an operation that needs one that exists.
pub(super) fn column<'t>(table: &'t Table, name: &str) -> Result<&'t Column> {
    let column = table.readable_column(name);
    column.filter(|column| !column.system).ok_or_else(|| {
        let message = format!(
            "column '{}' does not exist in table '{}'",
            schema::shown(name),
            table.name
        );
        Error::new(ErrorCode::ColumnMissing, message)
    })
}
