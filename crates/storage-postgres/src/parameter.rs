use std::error::Error;

use bytes::BytesMut;
use sea_query::Value;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A value to bind. There are five types of them, and a place in a statement says which it takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parameter {
    Boolean(Option<bool>),
    Integer(Option<i64>),
    Double(Option<f64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Parameter {
    /// What PostgreSQL calls the type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "bigint",
            Self::Double(_) => "double precision",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytea",
        }
    }
}

impl From<Value> for Parameter {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(boolean) => Self::Boolean(boolean),
            Value::TinyInt(integer) => Self::Integer(integer.map(i64::from)),
            Value::SmallInt(integer) => Self::Integer(integer.map(i64::from)),
            Value::Int(integer) => Self::Integer(integer.map(i64::from)),
            Value::BigInt(integer) => Self::Integer(integer),
            Value::TinyUnsigned(integer) => Self::Integer(integer.map(i64::from)),
            Value::SmallUnsigned(integer) => Self::Integer(integer.map(i64::from)),
            Value::Unsigned(integer) => Self::Integer(integer.map(i64::from)),
            // Limits and offsets, of which none is larger than a table can be.
            Value::BigUnsigned(integer) => {
                Self::Integer(integer.map(|integer| i64::try_from(integer).unwrap_or(i64::MAX)))
            }
            Value::Float(number) => Self::Double(number.map(f64::from)),
            Value::Double(number) => Self::Double(number),
            Value::String(text) => Self::Text(text),
            Value::Char(character) => Self::Text(character.map(String::from)),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            // Its text: no number of it loses a digit.
            Value::Json(json) => Self::Text(json.map(|json| json.to_string())),
            // A type of the database's own; no statement of ours has one.
            Value::Enum(_) => Self::Text(None),
        }
    }
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        as_type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Boolean(boolean) => boolean.to_sql(as_type, out),
            Self::Integer(integer) => integer.to_sql(as_type, out),
            Self::Double(number) => number.to_sql(as_type, out),
            Self::Text(text) => text.to_sql(as_type, out),
            Self::Bytes(bytes) => bytes.to_sql(as_type, out),
        }
    }

    fn accepts(as_type: &Type) -> bool {
        matches!(
            *as_type,
            Type::BOOL | Type::INT8 | Type::FLOAT8 | Type::TEXT | Type::BYTEA
        )
    }

    to_sql_checked!();
}
