//! Clauses as data: a text, and what comes of it.

mod conditions;
mod hostile;
mod lists;
mod round_trip;

use vestibule_model::{
    Cardinality, Catalogue, Column, ColumnType, Query, Relation, Table, USERS, Value,
};
use vestibule_storage::{Comparison, Condition, Operand};

use crate::Error;

/// `Person` refers to `Address` (one) and to `Person` (many children); `PhoneBook` refers to
/// `Person`; `Users` has a password.
fn catalogue() -> Catalogue {
    let relation = |name: &str, to_table: &str, cardinality| Relation {
        name: name.to_owned(),
        to_table: to_table.to_owned(),
        cardinality,
    };
    let table = |name: &str, columns: &[(&str, ColumnType)], relations: Vec<Relation>| {
        let mut table = Table::new(name);
        for (name, column_type) in columns {
            table.columns.push(Column::new(*name, *column_type));
        }
        table.relations = relations;
        table
    };
    Catalogue {
        tables: vec![
            table(
                "Person",
                &[
                    ("name", ColumnType::String),
                    ("nick", ColumnType::Text),
                    ("age", ColumnType::Int),
                    ("score", ColumnType::Double),
                    ("delivered", ColumnType::Boolean),
                    ("born", ColumnType::DateTime),
                    ("tags", ColumnType::Json),
                    ("order", ColumnType::Int),
                    ("not", ColumnType::Int),
                    ("at", ColumnType::DateTime),
                    ("time", ColumnType::Int),
                ],
                vec![
                    relation("address", "Address", Cardinality::OneToOne),
                    relation("children", "Person", Cardinality::OneToMany),
                    relation("account", USERS, Cardinality::OneToOne),
                ],
            ),
            table("Address", &[("city", ColumnType::String)], Vec::new()),
            table(
                "PhoneBook",
                &[("title", ColumnType::String)],
                vec![relation("contacts", "Person", Cardinality::OneToMany)],
            ),
            table(
                USERS,
                &[
                    ("email", ColumnType::String),
                    ("password", ColumnType::String),
                ],
                Vec::new(),
            ),
        ],
    }
}

fn column(name: &str) -> Operand {
    Operand::Column(name.to_owned())
}

fn value(value: impl Into<Value>) -> Operand {
    Operand::Value(value.into())
}

fn compare(left: Operand, comparison: Comparison, right: Operand) -> Condition {
    Condition::Compare(left, comparison, right)
}

fn equal(name: &str, text: impl Into<Value>) -> Condition {
    compare(column(name), Comparison::Equal, value(text))
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn related(relation: &str, condition: Condition) -> Condition {
    Condition::Related {
        relation: relation.to_owned(),
        condition: Box::new(condition),
    }
}

fn referred(by_table: &str, relation: &str, condition: Condition) -> Condition {
    Condition::Referred {
        by_table: by_table.to_owned(),
        relation: relation.to_owned(),
        condition: Box::new(condition),
    }
}

/// The condition of a where-clause about `Person`.
fn condition(text: &str) -> Result<Option<Condition>, Error> {
    super::condition(&catalogue(), "Person", text)
}

/// An error as a client sees it.
fn seen<T: std::fmt::Debug>(result: Result<T, Error>) -> (i32, String) {
    let error = result.unwrap_err();
    (error.code().number(), error.message().to_owned())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn query(properties: &[&str]) -> Query {
    Query {
        properties: texts(properties),
        ..Query::default()
    }
}
