//! The relation of a call, as its text names it: `items`, or `items:Item:n` for one that may have to
//! be made.

use vestibule_model::{Cardinality, Catalogue, ErrorCode, Relation, Table};

use crate::{Error, Result, clauses};

/// A relation as a call names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RelationText<'t> {
    /// It is there: `items`.
    Named(&'t str),
    /// It is there or is to be made, like this: `items:Item:n`.
    Declared(Relation),
}

impl<'t> RelationText<'t> {
    /// Reads the text.
    ///
    /// # Errors
    /// 8008 for a text of another form.
    pub(super) fn parse(text: &'t str) -> Result<Self> {
        let mut parts = text.split(':');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(name), None, ..) => Ok(Self::Named(name)),
            (Some(name), Some(to_table), Some(cardinality), None) => {
                let cardinality = match cardinality {
                    "1" => Cardinality::OneToOne,
                    "n" | "N" => Cardinality::OneToMany,
                    _ => return Err(misspelt()),
                };
                Ok(Self::Declared(Relation {
                    name: name.to_owned(),
                    to_table: to_table.to_owned(),
                    cardinality,
                }))
            }
            _ => Err(misspelt()),
        }
    }

    /// The relation that is meant: the one that is there, or none if it has to be made.
    ///
    /// # Errors
    /// 1127 if it is not there and the text does not say what to make, 1152 if there is another one
    /// of that name.
    pub(super) fn find(&self, table: &Table) -> Result<Option<Relation>> {
        match self {
            Self::Named(name) => match table.relation(name) {
                Some(relation) => Ok(Some(relation.clone())),
                None => Err(no_such_relation(table, name)),
            },
            Self::Declared(declared) => match table.relation(&declared.name) {
                Some(relation) if relation == declared => Ok(Some(relation.clone())),
                Some(relation) => Err(differs(table, relation)),
                None => Ok(None),
            },
        }
    }
}

/// The table that a relation of this name leads to.
///
/// # Errors
/// 1009 for an unknown table, 1127 for an unknown relation.
pub(super) fn related_table<'c>(
    catalogue: &'c Catalogue,
    table: &str,
    relation: &str,
) -> Result<&'c Table> {
    let table = clauses::table(catalogue, table)?;
    let relation = table
        .relation(relation)
        .ok_or_else(|| no_such_relation(table, relation))?;
    clauses::table(catalogue, &relation.to_table)
}

/// There is no such relation.
pub(super) fn no_such_relation(table: &Table, name: &str) -> Error {
    let shown: String = name.chars().take(64).collect();
    let message = format!(
        "relation column '{}' does not exist in table '{}'",
        shown.escape_debug(),
        table.name
    );
    Error::new(ErrorCode::RelationMissing, message)
}

fn differs(table: &Table, relation: &Relation) -> Error {
    let many = match relation.cardinality {
        Cardinality::OneToOne => "1",
        Cardinality::OneToMany => "n",
    };
    let message = format!(
        "table '{}' has another relation of this name already: '{}:{}:{many}'; name it without a table",
        table.name, relation.name, relation.to_table
    );
    Error::new(ErrorCode::ColumnExists, message)
}

fn misspelt() -> Error {
    Error::invalid("a relation is named as 'items', 'items:Item:1' or 'items:Item:n'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(cardinality: Cardinality) -> RelationText<'static> {
        RelationText::Declared(Relation {
            name: "items".to_owned(),
            to_table: "Item".to_owned(),
            cardinality,
        })
    }

    #[test]
    fn a_text_names_a_relation_or_says_what_to_make() {
        for (text, expected) in [
            ("items", RelationText::Named("items")),
            ("items:Item:1", declared(Cardinality::OneToOne)),
            ("items:Item:n", declared(Cardinality::OneToMany)),
            ("items:Item:N", declared(Cardinality::OneToMany)),
        ] {
            assert_eq!(expected, RelationText::parse(text).unwrap());
        }
    }

    #[test]
    fn a_text_of_another_form_is_8008() {
        for text in ["items:Item", "items:Item:2", "items:Item:", "a:b:1:2", ":"] {
            let error = RelationText::parse(text).unwrap_err();
            assert_eq!(8008, error.code().number(), "{text}");
        }
    }
}
