//! The statements that change which records refer to which.

use std::collections::HashSet;

use sea_query::{
    DeleteStatement, Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, SelectStatement,
};
use vestibule_model::{ObjectId, Relation, Table};
use vestibule_storage::{StorageError, Visibility};

use crate::{
    SqlCatalogue,
    conditions::{Scope, find_table},
    names::{self, link, record},
    record_changes::{has_one_of, in_portions},
    statement::insert_selected,
};

/// Relates a record to those of `children` that exist and may be seen.
pub(crate) fn add(
    catalogue: &SqlCatalogue,
    (table, relation): (&str, &str),
    parent: &ObjectId,
    children: &[ObjectId],
    visibility: &Visibility,
) -> Result<Vec<InsertStatement>, StorageError> {
    let (links, relation) = find(catalogue, table, relation)?;
    let scope = Scope::of_table(catalogue, &relation.to_table, visibility)?;
    let seen = scope.visible()?;
    let statements = in_portions(children).into_iter().map(|children| {
        let mut visible = SelectStatement::new();
        visible
            .from(scope.table.name.clone())
            .and_where(has_one_of(&scope, &children))
            .and_where_option(seen.clone());
        let child = Expr::col((scope.alias.clone(), record::OBJECT_ID));
        let mut insert = insert_selected(
            links.clone(),
            [(link::PARENT, parent.as_str().into()), (link::CHILD, child)],
            visible,
        );
        insert.on_conflict(
            OnConflict::columns([link::PARENT, link::CHILD])
                .do_nothing()
                .to_owned(),
        );
        insert
    });
    Ok(statements.collect())
}

/// Takes links away: those to `children`, or all, but none to `except`.
pub(crate) fn remove(
    catalogue: &SqlCatalogue,
    (table, relation): (&str, &str),
    parent: &ObjectId,
    children: Option<&[ObjectId]>,
    except: &[ObjectId],
) -> Result<Vec<DeleteStatement>, StorageError> {
    let (links, _) = find(catalogue, table, relation)?;
    let column = |name| Expr::col((links.clone().into_iden(), name));
    let texts =
        |ids: &[ObjectId]| -> Vec<String> { ids.iter().map(|id| id.as_str().to_owned()).collect() };
    let of_parent = || {
        let mut delete = DeleteStatement::new();
        delete
            .from_table(links.clone())
            .and_where(column(link::PARENT).eq(parent.as_str()));
        delete
    };
    let Some(children) = children else {
        let mut delete = of_parent();
        if !except.is_empty() {
            delete.and_where(column(link::CHILD).is_not_in(texts(except)));
        }
        return Ok(vec![delete]);
    };
    let except: HashSet<_> = except.iter().collect();
    let mut children = children.to_vec();
    children.retain(|child| !except.contains(child));
    let statements = in_portions(&children).into_iter().map(|children| {
        let mut delete = of_parent();
        delete.and_where(column(link::CHILD).is_in(texts(&children)));
        delete
    });
    Ok(statements.collect())
}

/// The table of the links of a relation, and the relation.
pub(crate) fn find<'c>(
    catalogue: &'c SqlCatalogue,
    table: &str,
    relation: &str,
) -> Result<(String, &'c Relation), StorageError> {
    let table: &Table = find_table(catalogue, table)?;
    let found = table
        .relation(relation)
        .ok_or_else(|| StorageError::UnknownColumn {
            table: table.name.clone(),
            column: relation.to_owned(),
        })?;
    Ok((names::link_table(&table.name, &found.name), found))
}
