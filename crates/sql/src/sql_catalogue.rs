use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use vestibule_model::Catalogue;

use crate::Dialect;

/// The tables and columns that statements are made for, and the dialect that they are made in.
///
/// ```
/// use vestibule_model::Catalogue;
/// use vestibule_sql::{Dialect, SqlCatalogue};
///
/// let catalogue = SqlCatalogue::new(Catalogue::default(), Dialect::Postgres);
/// assert!(catalogue.tables.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SqlCatalogue {
    catalogue: Arc<Catalogue>,
    dialect: Dialect,
}

impl SqlCatalogue {
    /// These tables and columns, in this dialect.
    pub fn new(catalogue: Catalogue, dialect: Dialect) -> Self {
        Self {
            catalogue: Arc::new(catalogue),
            dialect,
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
}

impl Deref for SqlCatalogue {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.catalogue
    }
}

impl DerefMut for SqlCatalogue {
    fn deref_mut(&mut self) -> &mut Catalogue {
        Arc::make_mut(&mut self.catalogue)
    }
}
