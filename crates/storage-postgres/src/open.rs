use std::sync::Arc;

use rand::Rng;
use vestibule_model::Clock;

use crate::{
    OpenError, Postgres, PostgresOptions, catalogue::SharedCatalogue, connect::Way,
    listener::Listener, migrations, pool::Pool,
};

impl Postgres {
    /// Opens the database, makes its tables if they are not there, and brings them to the version of
    /// this build. If another server is just doing that, it is waited for.
    ///
    /// `clock` is this machine's; deadlines and the heartbeat go by it.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do. A database that a newer build has worked with is
    /// refused and left as it is.
    pub async fn open(options: PostgresOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let way = Way::of(&options)?;
        migrations::run(&way).await?;
        let pool = Pool::new(&way, options)?;
        let catalogue = pool.catalogue().await;
        let catalogue = catalogue.map_err(|source| OpenError::Unreadable {
            place: way.place(),
            source,
        })?;
        let catalogue = SharedCatalogue::new(catalogue);
        let server = name();
        let listener = Listener::start(way, server, clock, catalogue.clone(), pool.clone());
        Ok(Self {
            catalogue,
            pool,
            listener,
        })
    }
}

/// What a server calls itself among the others.
#[expect(
    clippy::disallowed_methods,
    reason = "a server must not have the name of another, not even in a test with seeds"
)]
fn name() -> String {
    format!("{:016x}", rand::rng().next_u64())
}
