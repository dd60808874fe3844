//! Changes of the schema: the statements that make them, and the catalogue after them.
//!
//! Each function appends steps and changes the catalogue alike, so that the changes which follow in
//! the same list are compiled against the schema that they will find.

use sea_query::{
    ColumnDef, Expr, ExprTrait, ForeignKey, ForeignKeyAction, Index, IntoIden, SelectStatement,
    Table as Schema, TableCreateStatement, UnionType, UpdateStatement,
};
use vestibule_model::{
    COLUMNS_AT_MOST, Cardinality, Column, ColumnType, Relation, TABLES_AT_MOST, Table,
};
use vestibule_storage::{Constraint, StorageError};

use crate::{
    Dialect, SqlCatalogue, Step, Then, catalogue_rows,
    names::{self, column, link, made, record, relation, table},
    permissions, record_permissions, typed,
};

/// Makes a table.
pub(crate) fn create_table(
    catalogue: &mut SqlCatalogue,
    name: &str,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let dialect = catalogue.dialect();
    if !is_name(name) {
        return Err(unknown_table(name));
    }
    if catalogue.tables.len() >= TABLES_AT_MOST {
        // There was room for it when the caller looked.
        return Err(StorageError::SchemaChanged);
    }
    let new = Table::new(name);
    let taken = Constraint::TableName(name.to_owned());
    steps.push(Step::new(table_called(dialect, name), Then::IsFree(taken)));
    let mut create = Schema::create();
    create.table(name.to_owned());
    for column in &new.columns {
        create.col(definition_in_new_table(dialect, column));
    }
    dialect.order_by_key(&mut create);
    steps.push(changes_schema(create));
    for column in &new.columns {
        // The primary key finds the ids.
        if column.name != record::OBJECT_ID {
            steps.extend(index(name, column));
        }
    }
    steps.push(changes_schema(catalogue_rows::table(&new)));
    let rows = new.columns.iter();
    steps.extend(rows.map(|column| changes_schema(catalogue_rows::column(name, column))));
    // Where the name is taken, the first step says so.
    catalogue
        .tables
        .retain(|table| !table.name.eq_ignore_ascii_case(name));
    catalogue.tables.push(new);
    Ok(())
}

/// Removes a table with its rows, and their links with them.
pub(crate) fn drop_table(
    catalogue: &mut SqlCatalogue,
    name: &str,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let others_relate = catalogue
        .tables
        .iter()
        .filter(|other| other.name != name)
        .flat_map(|other| &other.relations)
        .any(|relation| relation.to_table == name);
    if others_relate {
        // There was no such relation when the caller looked.
        return Err(StorageError::SchemaChanged);
    }
    let Some(at) = catalogue.tables.iter().position(|table| table.name == name) else {
        return Ok(());
    };
    let old = catalogue.tables.remove(at);
    for relation in &old.relations {
        steps.push(drop_links(name, relation));
    }
    steps.extend(record_permissions::drop_of(&old));
    steps.push(Step::new(permissions::remove_all_on(name), Then::GoOn));
    let drop = Schema::drop().table(old.name).to_owned();
    steps.push(changes_schema(drop));
    let forget = catalogue_rows::forget_table(name);
    steps.extend(forget.map(changes_schema));
    Ok(())
}

/// Makes a column, with its default in the rows that are there.
pub(crate) fn add_column(
    catalogue: &mut SqlCatalogue,
    table: &str,
    column: Column,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let dialect = catalogue.dialect();
    let owner = find(catalogue, table)?;
    if !is_name(&column.name) {
        return Err(unknown_column(table, &column.name));
    }
    require_room(owner)?;
    steps.push(is_free(dialect, table, &column.name));
    let alter = Schema::alter()
        .table(table.to_owned())
        .add_column(definition(dialect, &column))
        .to_owned();
    steps.push(changes_schema(alter));
    if let Some(default) = column.default.as_ref().filter(|default| !default.is_null()) {
        let mut fill = UpdateStatement::new();
        // Not a default of the database: that would be a text in the statement, not a bound value.
        fill.table(table.to_owned())
            .value(column.name.clone(), typed::bind(table, &column, default)?);
        steps.push(Step::new(fill, Then::GoOn));
    }
    steps.extend(index(table, &column));
    steps.push(changes_schema(catalogue_rows::column(table, &column)));
    owner
        .columns
        .retain(|other| !other.name.eq_ignore_ascii_case(&column.name));
    owner.columns.push(column);
    Ok(())
}

/// Makes a column of whole numbers one of numbers with a fraction.
pub(crate) fn widen_column(
    catalogue: &mut SqlCatalogue,
    table: &str,
    name: &str,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let dialect = catalogue.dialect();
    let owner = find(catalogue, table)?;
    let Some(widened) = owner.columns.iter_mut().find(|column| column.name == name) else {
        return Err(unknown_column(table, name));
    };
    if widened.column_type != ColumnType::Int {
        return Ok(());
    }
    widened.column_type = ColumnType::Double;
    steps.extend(dialect.widen(table, name).map(changes_schema));
    let mut update = UpdateStatement::new();
    update
        .table(column::TABLE)
        .value(column::TYPE, ColumnType::Double.as_str())
        .and_where(Expr::col((column::TABLE, column::TABLE_NAME)).eq(table))
        .and_where(Expr::col((column::TABLE, column::NAME)).eq(name));
    steps.push(changes_schema(update));
    Ok(())
}

/// Removes a column with its values, or a relation with its links.
pub(crate) fn drop_column(
    catalogue: &mut SqlCatalogue,
    table: &str,
    name: &str,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let owner = find(catalogue, table)?;
    if let Some(at) = owner.columns.iter().position(|column| column.name == name) {
        if owner.columns[at].identity {
            // It was not the identity when the caller looked.
            return Err(StorageError::SchemaChanged);
        }
        let old = owner.columns.remove(at);
        // Some databases remove no column that an index is on.
        let drop = Index::drop()
            .name(made::index(table, name))
            .if_exists()
            .to_owned();
        steps.push(changes_schema(drop));
        let alter = Schema::alter()
            .table(table.to_owned())
            .drop_column(old.name)
            .to_owned();
        steps.push(changes_schema(alter));
        steps.push(changes_schema(catalogue_rows::forget_column(table, name)));
    } else if let Some(at) = owner
        .relations
        .iter()
        .position(|relation| relation.name == name)
    {
        let old = owner.relations.remove(at);
        steps.push(drop_links(table, &old));
        steps.push(changes_schema(catalogue_rows::forget_relation(table, name)));
    }
    Ok(())
}

/// Makes a relation, without links yet.
pub(crate) fn add_relation(
    catalogue: &mut SqlCatalogue,
    table: &str,
    new: Relation,
    steps: &mut Vec<Step>,
) -> Result<(), StorageError> {
    let dialect = catalogue.dialect();
    find(catalogue, &new.to_table)?;
    let owner = find(catalogue, table)?;
    if !is_name(&new.name) {
        return Err(unknown_column(table, &new.name));
    }
    require_room(owner)?;
    steps.push(is_free(dialect, table, &new.name));
    let links = names::link_table(table, &new.name);
    steps.push(changes_schema(create_links(dialect, &links, table, &new)));
    // The other way round: who refers to a record is asked by inverted relations, and when it goes.
    let by_child = Index::create()
        .name(made::index(&links, link::CHILD))
        .table(links.clone())
        .col(link::CHILD)
        .col(link::PARENT)
        .to_owned();
    steps.push(changes_schema(by_child));
    if new.cardinality == Cardinality::OneToOne {
        let one_child = Index::create()
            .name(made::index(&links, link::PARENT))
            .table(links)
            .col(link::PARENT)
            .unique()
            .to_owned();
        steps.push(changes_schema(one_child));
    }
    steps.push(changes_schema(catalogue_rows::relation(table, &new)));
    owner
        .relations
        .retain(|other| !other.name.eq_ignore_ascii_case(&new.name));
    owner.relations.push(new);
    Ok(())
}

/// Refuses one more column or relation where others have taken the room since the caller looked.
fn require_room(table: &Table) -> Result<(), StorageError> {
    if table.columns.len() + table.relations.len() < COLUMNS_AT_MOST {
        return Ok(());
    }
    Err(StorageError::SchemaChanged)
}

/// The table of links of a relation. When a record goes, its links go.
fn create_links(
    dialect: Dialect,
    links: &str,
    table: &str,
    relation: &Relation,
) -> TableCreateStatement {
    let end = |name: &'static str| {
        let mut end = dialect.column(name.into_iden(), ColumnType::StringId);
        end.not_null().to_owned()
    };
    let key_of = |name, table: &str| {
        ForeignKey::create()
            .from(links.to_owned(), name)
            .to(table.to_owned(), record::OBJECT_ID)
            .on_delete(ForeignKeyAction::Cascade)
            .to_owned()
    };
    let mut create = Schema::create();
    create
        .table(links.to_owned())
        .col(end(link::PARENT))
        .col(end(link::CHILD))
        .primary_key(Index::create().col(link::PARENT).col(link::CHILD))
        .foreign_key(&mut key_of(link::PARENT, table))
        .foreign_key(&mut key_of(link::CHILD, &relation.to_table));
    dialect.order_by_key(&mut create);
    create
}

fn drop_links(table: &str, relation: &Relation) -> Step {
    let links = names::link_table(table, &relation.name);
    changes_schema(Schema::drop().table(links).to_owned())
}

fn definition_in_new_table(dialect: Dialect, column: &Column) -> ColumnDef {
    let mut definition = definition(dialect, column);
    match column.name.as_str() {
        record::OBJECT_ID => {
            definition.not_null().primary_key();
        }
        record::CREATED => {
            definition.not_null();
        }
        _ => {}
    }
    definition
}

/// Required, validator, default and size are the business of those who write; nulls are allowed.
fn definition(dialect: Dialect, column: &Column) -> ColumnDef {
    dialect.column(column.name.clone().into_iden(), column.column_type)
}

/// The index on a column, if it is to have one.
fn index(table: &str, column: &Column) -> Option<Step> {
    if !column.unique && !column.indexed {
        return None;
    }
    let mut index = Index::create();
    index
        .name(made::index(table, &column.name))
        .table(table.to_owned())
        .col(column.name.clone());
    if column.unique {
        index.unique();
    }
    Some(changes_schema(index))
}

/// Tables of this name, whatever the case of its letters: the column of the catalogue sees to that.
fn table_called(dialect: Dialect, name: &str) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((table::TABLE, table::NAME))
        .from(table::TABLE)
        .and_where(same_name(
            dialect,
            Expr::col((table::TABLE, table::NAME)),
            name,
        ));
    select
}

/// Columns and relations share their names, and case makes no difference.
fn is_free(dialect: Dialect, table: &str, name: &str) -> Step {
    let called = |rows: &'static str, of_table: &'static str, called: &'static str| {
        let mut select = SelectStatement::new();
        select
            .column((rows, called))
            .from(rows)
            .and_where(Expr::col((rows, of_table)).eq(table))
            .and_where(same_name(dialect, Expr::col((rows, called)), name));
        select
    };
    let mut taken = called(column::TABLE, column::TABLE_NAME, column::NAME);
    let relations = called(relation::TABLE, relation::TABLE_NAME, relation::NAME);
    taken.union(UnionType::All, relations);
    let constraint = Constraint::ColumnName {
        table: table.to_owned(),
        column: name.to_owned(),
    };
    Step::new(taken, Then::IsFree(constraint))
}

/// Whether this column of the catalogue is that name, whatever the case of its letters.
fn same_name(dialect: Dialect, column: Expr, name: &str) -> Expr {
    dialect.folded(column).eq(dialect.folded(Expr::val(name)))
}

pub(crate) fn changes_schema(statement: impl Into<crate::Statement>) -> Step {
    Step::new(statement, Then::ChangesSchema)
}

fn find<'c>(catalogue: &'c mut SqlCatalogue, name: &str) -> Result<&'c mut Table, StorageError> {
    let tables = catalogue.tables.iter_mut();
    let mut found = tables.filter(|table| table.name == name);
    found.next().ok_or_else(|| unknown_table(name))
}

/// Whether this can be the name of a table or a column. Callers have seen to it, and names become
/// parts of statements: nothing else ever gets there.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

fn unknown_table(name: &str) -> StorageError {
    StorageError::UnknownTable {
        table: name.to_owned(),
    }
}

fn unknown_column(table: &str, name: &str) -> StorageError {
    StorageError::UnknownColumn {
        table: table.to_owned(),
        column: name.to_owned(),
    }
}
