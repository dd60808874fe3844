use vestibule_model::Catalogue;

use crate::{OpenError, Postgres, PostgresOptions, connect::Way, migrations, pool::Pool};

impl Postgres {
    /// The tables and columns of the database, read without changing anything, beside the servers that
    /// work on it; `None` if no server has worked on it yet.
    ///
    /// # Errors
    /// See [`OpenError`]. A database of an older version is [`OpenError::Outdated`]: only
    /// [`Postgres::open`] changes its version.
    pub async fn look(options: &PostgresOptions) -> Result<Option<Catalogue>, OpenError> {
        let way = Way::of(options)?;
        if !migrations::is_current(&way).await? {
            return Ok(None);
        }
        let options = PostgresOptions {
            connections: 1,
            ..options.clone()
        };
        let pool = Pool::new(&way, options)?;
        let loaded = pool.catalogue().await;
        pool.close().await;
        let loaded = loaded.map_err(|source| OpenError::Unreadable {
            place: way.place(),
            source,
        })?;
        Ok(Some(Catalogue::clone(loaded.catalogue())))
    }
}
