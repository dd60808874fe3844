//! Records as structs of the author's own, and back.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};
use vestibule_model::{Properties, Record, Related, Value};

use crate::{Error, Result};

/// Reads a record into a struct of yours.
///
/// ```
/// use vestibule_core::RecordAs;
/// use vestibule_model::{ObjectId, Record, Value};
///
/// # #[derive(serde::Deserialize)]
/// # #[serde(rename_all = "camelCase")]
/// // #[derive(Deserialize)] and #[serde(rename_all = "camelCase")]
/// struct Order {
///     object_id: String,
///     total: f64,
///     paid_at: Option<i64>, // a DATETIME, in milliseconds since 1970
/// }
///
/// let mut record = Record::new("Order", ObjectId::parse("A")?);
/// record.properties.insert("total".to_owned(), Value::from(7.5));
/// let order: Order = record.to().unwrap();
/// assert_eq!(("A", 7.5, None), (&*order.object_id, order.total, order.paid_at));
/// # Ok::<(), vestibule_model::InvalidObjectId>(())
/// ```
///
/// The fields are the columns, `objectId`, `ownerId`, `created` and `updated` among them, and the
/// relations that were loaded: a struct for a relation to one, a list for a relation to many. What
/// the struct has no field for is left out.
pub trait RecordAs {
    /// The record as a struct.
    ///
    /// # Errors
    /// Fails, and the log says which column does not fit which field.
    fn to<T: DeserializeOwned>(&self) -> Result<T>;
}

impl RecordAs for Record {
    fn to<T: DeserializeOwned>(&self) -> Result<T> {
        let json = record_json(self);
        serde_path_to_error::deserialize(json).map_err(|error| {
            let (table, id) = (self.table(), self.id());
            let column = error.path().to_string();
            let cause = error.into_inner();
            Error::internal(format!(
                "record {id} of table {table} does not fit at '{column}': {cause}"
            ))
        })
    }
}

/// The properties that a struct of yours has: its fields are the columns.
///
/// ```
/// use vestibule_core::properties_of;
/// use vestibule_model::Value;
///
/// # #[derive(serde::Serialize)]
/// // #[derive(Serialize)]
/// struct Line {
///     product: &'static str,
///     pieces: u32,
/// }
///
/// let line = properties_of(&Line { product: "tea", pieces: 2 }).unwrap();
/// assert_eq!(Some(&Value::from(2)), line.get("pieces"));
/// ```
///
/// # Errors
/// Fails for anything but a struct or a map with texts for keys.
pub fn properties_of(record: &impl Serialize) -> Result<Properties> {
    match serde_json::to_value(record)? {
        Json::Object(object) => Ok(Value::properties_from_json(object)),
        other => Err(Error::internal(format!(
            "a record is made of a struct or a map, not of {other}"
        ))),
    }
}

fn record_json(record: &Record) -> Json {
    let columns = record.properties.iter();
    let columns = columns.map(|(name, value)| (name.clone(), value.to_json()));
    let relations = record.related.iter().map(|(name, related)| {
        let json = match related {
            Related::One(one) => one.as_deref().map_or(Json::Null, record_json),
            Related::Many(many) => many.iter().map(record_json).collect(),
        };
        (name.clone(), json)
    });
    let mut object: Map<String, Json> = columns.chain(relations).collect();
    object.insert("objectId".to_owned(), Json::from(record.id().as_str()));
    Json::Object(object)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use vestibule_model::ObjectId;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Cart {
        name: String,
        owner: Option<Person>,
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Person {
        #[serde(rename = "objectId")]
        id: String,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Line {
        pieces: u32,
    }

    fn record(id: &str, properties: &[(&str, Value)]) -> Record {
        let mut record = Record::new("Any", ObjectId::parse(id).unwrap());
        for (name, value) in properties {
            record.properties.insert((*name).to_owned(), value.clone());
        }
        record
    }

    fn cart(pieces: Value) -> Record {
        let mut cart = record(
            "C",
            &[("name", Value::from("ünï")), ("more", Value::from(1))],
        );
        let person = Related::One(Some(Box::new(record("P", &[]))));
        let lines = Related::Many(vec![record("L", &[("pieces", pieces)])]);
        cart.related = [("owner".to_owned(), person), ("lines".to_owned(), lines)].into();
        cart
    }

    #[test]
    fn a_record_with_its_relations_becomes_a_struct() {
        let expected = Cart {
            name: "ünï".to_owned(),
            owner: Some(Person { id: "P".to_owned() }),
            lines: vec![Line { pieces: 2 }],
        };
        assert_eq!(expected, cart(Value::from(2)).to().unwrap());
    }

    #[test]
    fn what_does_not_fit_is_named_with_table_record_and_column() {
        let error = cart(Value::Null).to::<Cart>().unwrap_err();
        assert!(error.is_internal());
        let log = error.log();
        for part in ["record C of table Any", "'lines[0].pieces'", "u32"] {
            assert!(log.contains(part), "{log}");
        }
    }

    #[test]
    fn what_is_no_struct_has_no_properties() {
        assert!(properties_of(&vec![1, 2]).unwrap_err().is_internal());
    }
}
