use vestibule_model::Catalogue;

use super::{Registry, RegistryError, place};

impl Registry {
    /// Whether there is a table for each handler that is for one table. Where clients make tables as
    /// they go, it may come later; so that is told to the operator alone.
    ///
    /// # Errors
    /// Names every handler whose table there is not.
    pub(crate) fn check_tables(
        &self,
        catalogue: &Catalogue,
        tables_may_come: bool,
    ) -> Result<(), RegistryError> {
        let mut without: Vec<_> = self.listed.iter().map(|listed| listed.meta).collect();
        without.sort_by_key(|meta| meta.path);
        without.dedup_by_key(|meta| meta.path);
        let missing = without.into_iter().filter_map(|meta| {
            let table = meta
                .table
                .filter(|table| catalogue.table(table).is_none())?;
            Some(RegistryError::UnknownTable {
                path: meta.path,
                place: place(&meta),
                table,
                advice: advice(table, catalogue),
            })
        });
        let missing: Vec<_> = missing.collect();
        if tables_may_come {
            for error in &missing {
                let why = error.to_string();
                tracing::warn!(why, "a handler waits for a table that may come");
            }
            return Ok(());
        }
        RegistryError::all_of(missing).map_or(Ok(()), Err)
    }
}

/// A table whose name looks like the one that was meant; or else how there will be one.
fn advice(table: &str, catalogue: &Catalogue) -> String {
    let alike = |other: &&str| strsim::jaro_winkler(&table.to_lowercase(), &other.to_lowercase());
    let names = catalogue.tables.iter().map(|table| table.name.as_str());
    let nearest = names.max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match nearest.filter(|nearest| alike(nearest) > 0.9) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => format!(
            "declare it beside the handler: `table! {{ {table} {{ .. }} }}`, or start with the handler in \
             handlers.disable until the operator has made the table"
        ),
    }
}
