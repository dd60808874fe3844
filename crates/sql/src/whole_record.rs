//! How whole records are asked for, put together once for each table of a catalogue: most records are
//! read whole, and to write down their columns takes longer than the database needs to find one.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use sea_query::{Expr, SelectStatement};
use vestibule_model::{Column, Table};
use vestibule_storage::Visibility;

use crate::{
    SqlCatalogue, conditions::Scope, names::record, one_record::OneRecordText, outputs::Outputs,
};

/// What a statement answers of each row, and how it is read.
#[derive(Clone, Debug)]
pub(crate) struct WholeRecord {
    /// The `objectId` and all columns that may be read.
    pub(crate) columns: Vec<Expr>,
    /// What comes after the `objectId`.
    pub(crate) outputs: Arc<Outputs>,
    /// How one of them is asked for.
    pub(crate) one: Arc<OneRecordText>,
}

/// The whole records of the tables of a catalogue, once somebody has read one.
#[derive(Clone, Debug, Default)]
pub(crate) struct WholeRecords(OnceLock<Arc<BTreeMap<String, WholeRecord>>>);

impl WholeRecords {
    /// How the records of a table of this catalogue are read, where it is called by its own name.
    pub(crate) fn of(&self, catalogue: &SqlCatalogue, table: &Table) -> Cow<'_, WholeRecord> {
        let tables = self.0.get_or_init(|| {
            let tables = catalogue.tables.iter();
            let whole = tables.map(|table| (table.name.clone(), put_together(catalogue, table)));
            Arc::new(whole.collect())
        });
        match tables.get(&table.name) {
            Some(whole) => Cow::Borrowed(whole),
            None => Cow::Owned(put_together(catalogue, table)),
        }
    }
}

fn put_together(catalogue: &SqlCatalogue, table: &Table) -> WholeRecord {
    let scope = Scope::of(catalogue, table, &Visibility::Everything);
    let columns = scope.whole();
    let mut all = SelectStatement::new();
    all.exprs(columns.clone()).from(scope.alias);
    let all = catalogue.dialect().written(&all);
    WholeRecord {
        columns,
        one: Arc::new(OneRecordText::of(table, &all)),
        outputs: Arc::new(Outputs::of_columns(columns_of_record(table))),
    }
}

/// All columns that may be read, but the `objectId`, which every record has anyway.
pub(crate) fn columns_of_record(table: &Table) -> impl Iterator<Item = &Column> {
    let columns = table.readable_columns();
    columns.filter(|column| column.name != record::OBJECT_ID)
}
