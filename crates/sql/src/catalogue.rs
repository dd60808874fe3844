//! The catalogue: which tables, columns and relations there are.

use sea_query::{Expr, ExprTrait, Order, SelectStatement};
use vestibule_model::{Cardinality, Catalogue, Column, ColumnType, Relation, Table, Value};
use vestibule_storage::StorageError;

use crate::{
    Query, Row,
    decode::Cells,
    names::{column, relation, table},
};

/// A table, once for every column, which goes with it.
#[derive(Debug)]
pub struct CatalogueRow {
    table: String,
    system: bool,
    record_permissions: bool,
    column: Option<Column>,
}

/// All tables and columns. Put together by [`assemble`].
pub fn tables_and_columns() -> Query<CatalogueRow> {
    let mut select = SelectStatement::new();
    select
        .columns(
            [table::NAME, table::SYSTEM, table::RECORD_PERMISSIONS]
                .map(|name| (table::TABLE, name)),
        )
        .columns(
            [
                column::NAME,
                column::TYPE,
                column::SIZE,
                column::REQUIRED,
                column::UNIQUE,
                column::INDEXED,
                column::DEFAULT,
                column::VALIDATOR,
                column::SYSTEM,
                column::IDENTITY,
            ]
            .map(|name| (column::TABLE, name)),
        )
        .from(table::TABLE)
        .left_join(
            column::TABLE,
            Expr::col((column::TABLE, column::TABLE_NAME)).equals((table::TABLE, table::NAME)),
        )
        .order_by((table::TABLE, table::NAME), Order::Asc)
        .order_by((column::TABLE, column::POSITION), Order::Asc);
    Query::new(select, decode)
}

/// A relation, with the table that it belongs to.
#[derive(Debug)]
pub struct RelationRow {
    table: String,
    relation: Relation,
}

/// All relations. To be read from the same snapshot as [`tables_and_columns`].
pub fn relations() -> Query<RelationRow> {
    let mut select = SelectStatement::new();
    select
        .columns(
            [
                relation::TABLE_NAME,
                relation::NAME,
                relation::TO_TABLE,
                relation::CARDINALITY,
            ]
            .map(|name| (relation::TABLE, name)),
        )
        .from(relation::TABLE)
        .order_by((relation::TABLE, relation::TABLE_NAME), Order::Asc)
        .order_by((relation::TABLE, relation::POSITION), Order::Asc);
    Query::new(select, decode_relation)
}

/// Puts together what [`tables_and_columns`] and [`relations`] answered.
pub fn assemble(rows: Vec<CatalogueRow>, relations: Vec<RelationRow>) -> Catalogue {
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        if tables.last().is_none_or(|last| last.name != row.table) {
            tables.push(Table {
                name: row.table,
                system: row.system,
                columns: Vec::new(),
                relations: Vec::new(),
                record_permissions: row.record_permissions,
            });
        }
        if let Some(last) = tables.last_mut() {
            last.columns.extend(row.column);
        }
    }
    for row in relations {
        let table = tables.iter_mut().find(|table| table.name == row.table);
        if let Some(table) = table {
            table.relations.push(row.relation);
        }
    }
    Catalogue { tables }
}

fn decode(row: &dyn Row) -> Result<CatalogueRow, StorageError> {
    let mut cells = Cells::new(row, table::TABLE);
    let table = cells.text(table::NAME)?;
    cells.of_row(table);
    let system = cells.boolean(table::SYSTEM)?;
    let record_permissions = cells.boolean(table::RECORD_PERMISSIONS)?;
    cells.of_table(column::TABLE);
    let column = match cells.maybe_text(column::NAME)? {
        Some(name) => Some(decode_column(&mut cells, table, name)?),
        None => None,
    };
    Ok(CatalogueRow {
        table: table.to_owned(),
        system,
        record_permissions,
        column,
    })
}

fn decode_column(cells: &mut Cells<'_>, table: &str, name: &str) -> Result<Column, StorageError> {
    cells.of_row(format!("{table}.{name}"));
    let column_type = cells.text(column::TYPE)?;
    Ok(Column {
        name: name.to_owned(),
        column_type: ColumnType::from_name(column_type)
            .ok_or_else(|| cells.corrupt(column::TYPE))?,
        size: cells
            .cell(column::SIZE, Row::integer)?
            .map(u32::try_from)
            .transpose()
            .map_err(|_| cells.corrupt(column::SIZE))?,
        required: cells.boolean(column::REQUIRED)?,
        unique: cells.boolean(column::UNIQUE)?,
        indexed: cells.boolean(column::INDEXED)?,
        default: cells
            .cell(column::DEFAULT, Row::json)?
            .map(Value::from_json),
        validator: cells.maybe_text(column::VALIDATOR)?.map(str::to_owned),
        system: cells.boolean(column::SYSTEM)?,
        identity: cells.boolean(column::IDENTITY)?,
    })
}

fn decode_relation(row: &dyn Row) -> Result<RelationRow, StorageError> {
    let mut cells = Cells::new(row, relation::TABLE);
    let table = cells.text(relation::TABLE_NAME)?;
    let name = cells.text(relation::NAME)?;
    cells.of_row(format!("{table}.{name}"));
    let to_table = cells.text(relation::TO_TABLE)?.to_owned();
    let cardinality = cells.text(relation::CARDINALITY)?;
    Ok(RelationRow {
        table: table.to_owned(),
        relation: Relation {
            name: name.to_owned(),
            to_table,
            cardinality: Cardinality::from_name(cardinality)
                .ok_or_else(|| cells.corrupt(relation::CARDINALITY))?,
        },
    })
}
