use std::borrow::Cow;

use vestibule_model::{
    COLUMNS_AT_MOST, Catalogue, Column, ColumnType, ErrorCode, Relation, TABLES_AT_MOST, Table,
    USERS,
};
use vestibule_storage::{Change, Constraint, StorageError};

use super::names;
use crate::{Error, Result};

/// How often an operation tries when somebody else changes the schema at the same time.
pub(crate) const ATTEMPTS: usize = 3;

/// The schema as it is to become, and the changes that lead there. Every change is checked before it
/// goes in, so whatever a draft holds can be stored, unless somebody is faster.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    catalogue: Cow<'a, Catalogue>,
    changes: Vec<Change>,
}

impl<'a> Draft<'a> {
    /// Begins with the schema as it is.
    pub(crate) fn of(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue: Cow::Borrowed(catalogue),
            changes: Vec::new(),
        }
    }

    /// The schema with the changes so far.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The changes so far.
    pub(super) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The schema with all changes, and the changes in the order in which they must be made.
    pub(crate) fn into_parts(self) -> (Cow<'a, Catalogue>, Vec<Change>) {
        (self.catalogue, self.changes)
    }

    /// Makes a table.
    ///
    /// # Errors
    /// 1154 for a name that no table may have, 1161 if there is one whose name differs in case at
    /// most, 1151 if there are as many as there may be.
    pub(crate) fn create_table(&mut self, name: &str) -> Result<()> {
        names::check_table(name)?;
        let tables = &self.catalogue.tables;
        if let Some(table) = tables.iter().find(|table| same(&table.name, name)) {
            let message = format!(
                "there is a table '{}' already{}",
                table.name,
                names_in_other_case(&table.name, name)
            );
            return Err(Error::new(ErrorCode::TableExists, message));
        }
        if tables.len() >= TABLES_AT_MOST {
            let message = format!("an app has at most {TABLES_AT_MOST} tables; remove one first");
            return Err(Error::new(ErrorCode::TooManyTables, message));
        }
        self.catalogue.to_mut().tables.push(Table::new(name));
        let name = name.to_owned();
        self.changes.push(Change::CreateTable { name });
        Ok(())
    }

    /// Makes a column. Whether its default and its validator fit it is the caller's business.
    ///
    /// # Errors
    /// 1154 for a name that no column may have, 1152 if the table has a column or a relation whose
    /// name differs in case at most, 1149 if it has as many as it may have, 1009 if there is no such
    /// table.
    pub(crate) fn add_column(&mut self, table: &str, column: Column) -> Result<()> {
        self.check_new_column(table, &column.name)?;
        if let Some(table) = self.table_mut(table) {
            table.columns.push(column.clone());
        }
        let table = table.to_owned();
        self.changes.push(Change::AddColumn { table, column });
        Ok(())
    }

    /// Makes a relation.
    ///
    /// # Errors
    /// As [`add_column`](Draft::add_column), and 1150 if there is no table that it leads to.
    pub(crate) fn add_relation(&mut self, table: &str, relation: Relation) -> Result<()> {
        self.check_new_column(table, &relation.name)?;
        if self.catalogue.table(&relation.to_table).is_none() {
            let message = format!(
                "the relation '{}' cannot lead to the table '{}': make that table first",
                relation.name,
                names::shown(&relation.to_table)
            );
            return Err(Error::new(ErrorCode::RelatedTableMissing, message));
        }
        if let Some(table) = self.table_mut(table) {
            table.relations.push(relation.clone());
        }
        let table = table.to_owned();
        self.changes.push(Change::AddRelation { table, relation });
        Ok(())
    }

    /// Removes a table.
    ///
    /// # Errors
    /// 1009 if there is no such table, 1148 for `Users`, 1162 for the other tables of Vestibule's own,
    /// 1167 while other tables relate to it.
    pub(super) fn drop_table(&mut self, name: &str) -> Result<()> {
        let table = self.table(name)?;
        if name == USERS {
            let message = "the table 'Users' cannot be removed: users live in it";
            return Err(Error::new(ErrorCode::UsersTableProhibited, message));
        }
        if table.system {
            let message = format!("the table '{name}' belongs to Vestibule and cannot be removed");
            return Err(Error::new(ErrorCode::SystemColumnProhibited, message));
        }
        let related: Vec<_> = self
            .catalogue
            .tables
            .iter()
            .filter(|table| table.name != name)
            .flat_map(|table| {
                table
                    .relations
                    .iter()
                    .map(move |relation| (table, relation))
            })
            .filter(|(_, relation)| relation.to_table == name)
            .map(|(table, relation)| format!("'{}.{}'", table.name, relation.name))
            .collect();
        if !related.is_empty() {
            let message = format!(
                "the table '{name}' cannot be removed while relations lead to it; remove {} first",
                related.join(", ")
            );
            return Err(Error::new(ErrorCode::TableInUse, message));
        }
        self.catalogue
            .to_mut()
            .tables
            .retain(|table| table.name != name);
        let name = name.to_owned();
        self.changes.push(Change::DropTable { name });
        Ok(())
    }

    /// Removes a column or a relation.
    ///
    /// # Errors
    /// 1009 and 1126 if there is no such table or column, 1162 for the columns of Vestibule's own and
    /// for the one that users log in with.
    pub(super) fn drop_column(&mut self, table: &str, name: &str) -> Result<()> {
        let found = self.table(table)?;
        let column = found.column(name);
        if column.is_none() && found.relation(name).is_none() {
            let message = format!(
                "there is no column or relation '{}' in table '{table}'{}",
                names::shown(name),
                meant(alike(found, name))
            );
            return Err(Error::new(ErrorCode::ColumnMissing, message));
        }
        let prohibited = column.and_then(|column| {
            if column.system {
                Some("it belongs to Vestibule")
            } else {
                column.identity.then_some("users log in with it")
            }
        });
        if let Some(reason) = prohibited {
            let message =
                format!("the column '{name}' of table '{table}' cannot be removed: {reason}");
            return Err(Error::new(ErrorCode::SystemColumnProhibited, message));
        }
        if let Some(found) = self.table_mut(table) {
            found.columns.retain(|column| column.name != name);
            found.relations.retain(|relation| relation.name != name);
        }
        self.changes.push(Change::DropColumn {
            table: table.to_owned(),
            column: name.to_owned(),
        });
        Ok(())
    }

    /// Makes an INT column a DOUBLE one.
    pub(super) fn widen_column(&mut self, table: &str, column: &str) {
        let found = self.table_mut(table).and_then(|table| {
            let mut columns = table.columns.iter_mut();
            columns.find(|candidate| candidate.name == column)
        });
        if let Some(found) = found {
            found.column_type = ColumnType::Double;
        }
        self.changes.push(Change::WidenColumn {
            table: table.to_owned(),
            column: column.to_owned(),
        });
    }

    fn check_new_column(&self, table: &str, name: &str) -> Result<()> {
        names::check_column(name)?;
        let table = self.table(table)?;
        if let Some(existing) = alike(table, name) {
            let message = format!(
                "there is a column or relation '{existing}' in table '{}' already{}",
                table.name,
                names_in_other_case(existing, name)
            );
            return Err(Error::new(ErrorCode::ColumnExists, message));
        }
        if table.columns.len() + table.relations.len() >= COLUMNS_AT_MOST {
            let message = format!(
                "a table has at most {COLUMNS_AT_MOST} columns and relations, and table '{}' has \
                 them; remove one first",
                table.name
            );
            return Err(Error::new(ErrorCode::TooManyColumns, message));
        }
        Ok(())
    }

    fn table(&self, name: &str) -> Result<&Table> {
        let table = self.catalogue.table(name);
        table.ok_or_else(|| {
            let mut tables = self.catalogue.tables.iter();
            let alike = tables.find(|table| same(&table.name, name));
            let message = format!(
                "there is no table '{}'{}",
                names::shown(name),
                meant(alike.map(|table| table.name.as_str()))
            );
            Error::new(ErrorCode::TableNotFound, message)
        })
    }

    fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        let mut tables = self.catalogue.to_mut().tables.iter_mut();
        tables.find(|table| table.name == name)
    }
}

/// Why a name is taken by one that is not quite the same.
fn names_in_other_case(existing: &str, asked: &str) -> &'static str {
    if existing == asked {
        ""
    } else {
        ", and names that differ in case only are one: write it as it is there, or take another"
    }
}

/// What somebody may have meant who asked for a name that does not exist.
fn meant(alike: Option<&str>) -> String {
    alike.map_or_else(
        || "; `vestibule schema` lists what there is".to_owned(),
        |name| format!(", but there is '{name}': write it like that"),
    )
}

/// The column or relation of a table whose name differs from this one in case at most.
pub(super) fn alike<'t>(table: &'t Table, name: &str) -> Option<&'t str> {
    let columns = table.columns.iter().map(|column| &column.name);
    let relations = table.relations.iter().map(|relation| &relation.name);
    columns
        .chain(relations)
        .find(|existing| same(existing, name))
        .map(String::as_str)
}

/// Whether an error of the storage means that the catalogue, by which the changes were made, is out
/// of date: reading it again and trying again helps.
pub(crate) fn is_outdated(error: &StorageError) -> bool {
    matches!(
        error,
        StorageError::SchemaChanged
            | StorageError::UnknownTable { .. }
            | StorageError::UnknownColumn { .. }
            | StorageError::Conflict {
                constraint: Constraint::TableName(_) | Constraint::ColumnName { .. },
            }
    )
}

/// What an operation answers when the schema changed under it [`ATTEMPTS`] times (1138).
pub(crate) fn changed_too_often() -> Error {
    let message = "tables or columns were changed at the same time; try again";
    Error::new(ErrorCode::SchemaChanged, message)
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use vestibule_model::Cardinality;

    use super::*;

    fn relation(name: &str, to_table: &str) -> Relation {
        Relation {
            name: name.to_owned(),
            to_table: to_table.to_owned(),
            cardinality: Cardinality::OneToMany,
        }
    }

    fn column(name: &str) -> Column {
        Column::new(name, ColumnType::Int)
    }

    fn with_order() -> Catalogue {
        Catalogue {
            tables: vec![Table::new("Order")],
        }
    }

    #[test]
    fn a_name_that_differs_in_case_only_is_taken_and_the_text_names_the_taker() {
        let catalogue = with_order();
        let mut draft = Draft::of(&catalogue);
        draft.add_column("Order", column("total")).unwrap();
        let error = draft.create_table("ORDER").unwrap_err();
        assert_eq!(1161, error.code().number());
        assert!(error.message().contains("'Order'"), "{error}");
        for error in [
            draft.add_column("Order", column("Total")).unwrap_err(),
            draft
                .add_relation("Order", relation("TOTAL", "Order"))
                .unwrap_err(),
        ] {
            assert_eq!(1152, error.code().number());
            assert!(error.message().contains("'total'"), "{error}");
        }
    }

    #[test]
    fn system_columns_exist_already() {
        let catalogue = with_order();
        let mut draft = Draft::of(&catalogue);
        let error = draft.add_column("Order", column("objectid")).unwrap_err();
        assert_eq!(1152, error.code().number());
    }

    #[test]
    fn a_relation_leads_to_a_table_that_exists_be_it_its_own() {
        let catalogue = with_order();
        let mut draft = Draft::of(&catalogue);
        let error = draft
            .add_relation("Order", relation("items", "Item"))
            .unwrap_err();
        assert_eq!(1150, error.code().number());
        draft.create_table("Item").unwrap();
        draft
            .add_relation("Order", relation("items", "Item"))
            .unwrap();
        draft
            .add_relation("Order", relation("parts", "Order"))
            .unwrap();
        assert_eq!(3, draft.into_parts().1.len());
    }

    #[test]
    fn a_table_stays_while_others_relate_to_it_but_its_own_relations_go_with_it() {
        let catalogue = with_order();
        let mut draft = Draft::of(&catalogue);
        draft.create_table("Item").unwrap();
        draft
            .add_relation("Order", relation("items", "Item"))
            .unwrap();
        draft
            .add_relation("Item", relation("parts", "Item"))
            .unwrap();
        let error = draft.drop_table("Item").unwrap_err();
        assert_eq!(1167, error.code().number());
        assert!(error.message().contains("'Order.items'"), "{error}");
        draft.drop_column("Order", "items").unwrap();
        draft.drop_table("Item").unwrap();
        assert_eq!(&catalogue, draft.catalogue());
    }

    #[test]
    fn what_belongs_to_vestibule_cannot_be_removed() {
        let catalogue = Catalogue {
            tables: vec![Table {
                system: true,
                ..Table::new(USERS)
            }],
        };
        let mut draft = Draft::of(&catalogue);
        let code = |refused: Result<()>| refused.unwrap_err().code().number();
        assert_eq!(1148, code(draft.drop_table(USERS)));
        assert_eq!(1162, code(draft.drop_column(USERS, "created")));
        assert_eq!(1126, code(draft.drop_column(USERS, "nothing")));
        assert_eq!(1009, code(draft.drop_column("Nothing", "created")));
        assert_eq!(1009, code(draft.drop_table("Nothing")));
    }

    #[test]
    fn columns_of_a_table_and_tables_of_an_app_are_bounded() {
        let catalogue = with_order();
        let mut draft = Draft::of(&catalogue);
        let error = (0..)
            .find_map(|number| {
                draft
                    .add_column("Order", column(&format!("c{number}")))
                    .err()
            })
            .unwrap();
        assert_eq!(1149, error.code().number());
        assert_eq!(COLUMNS_AT_MOST, draft.catalogue().tables[0].columns.len());
        let error = (0..)
            .find_map(|number| draft.create_table(&format!("T{number}")).err())
            .unwrap();
        assert_eq!(1151, error.code().number());
        assert_eq!(TABLES_AT_MOST, draft.catalogue().tables.len());
    }
}
