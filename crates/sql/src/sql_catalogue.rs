use std::{
    borrow::Cow,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use vestibule_model::{Catalogue, Table};

use crate::{
    Dialect,
    whole_record::{WholeRecord, WholeRecords},
};

/// The tables and columns that statements are made for, and the dialect that they are made in.
///
/// ```
/// use vestibule_model::Catalogue;
/// use vestibule_sql::{Dialect, SqlCatalogue};
///
/// let catalogue = SqlCatalogue::new(Catalogue::default(), Dialect::Postgres);
/// assert!(catalogue.tables.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct SqlCatalogue {
    catalogue: Arc<Catalogue>,
    dialect: Dialect,
    whole_records: WholeRecords,
}

impl SqlCatalogue {
    /// These tables and columns, in this dialect.
    pub fn new(catalogue: Catalogue, dialect: Dialect) -> Self {
        Self {
            catalogue: Arc::new(catalogue),
            dialect,
            whole_records: WholeRecords::default(),
        }
    }

    /// The tables and columns, for whoever does not care for the dialect.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The dialect.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How whole records of one of the tables are read.
    pub(crate) fn whole_record(&self, table: &Table) -> Cow<'_, WholeRecord> {
        self.whole_records.of(self, table)
    }
}

impl PartialEq for SqlCatalogue {
    fn eq(&self, other: &Self) -> bool {
        self.catalogue == other.catalogue && self.dialect == other.dialect
    }
}

impl Deref for SqlCatalogue {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.catalogue
    }
}

impl DerefMut for SqlCatalogue {
    fn deref_mut(&mut self) -> &mut Catalogue {
        // What was put together for the tables as they were is not for those that they become.
        self.whole_records = WholeRecords::default();
        Arc::make_mut(&mut self.catalogue)
    }
}
