use std::sync::Arc;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, PoolError, RecyclingMethod, Runtime,
    TimeoutType,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use vestibule_storage::StorageError;

use crate::{
    OpenError, PostgresOptions,
    connect::Way,
    error::{Closed, NoAnswer},
    waits,
};

/// The connections to the database, of which each call takes one for itself.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: deadpool_postgres::Pool,
    options: PostgresOptions,
    /// A place for each call that may be in the database or wait for a connection.
    places: Arc<Semaphore>,
}

/// A connection for one call. It goes back to the others only if whoever had it says that it is as it
/// was: else nobody knows what is still open in it, and it is closed.
pub(crate) struct Connection {
    object: Option<Object>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    /// Gives the connection back.
    pub(crate) fn give_back(mut self) {
        self.object = None;
    }
}

impl std::ops::Deref for Connection {
    type Target = deadpool_postgres::ClientWrapper;

    #[expect(
        clippy::expect_used,
        reason = "only `give_back` and `drop` take it, at the end"
    )]
    fn deref(&self) -> &Self::Target {
        self.object.as_ref().expect("a connection until the end")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

impl Pool {
    pub(crate) fn new(way: &Way, options: PostgresOptions) -> Result<Self, OpenError> {
        let manager = Manager::from_config(
            way.config.clone(),
            way.tls.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let settings = settings(&options);
        let prepare = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
            let settings = settings.clone();
            Box::pin(async move {
                let set = client.batch_execute(&settings).await;
                set.map_err(HookError::Backend)
            })
        });
        let connections = deadpool_postgres::Pool::builder(manager)
            .max_size(options.connections.max(1))
            .wait_timeout(Some(options.connect_timeout))
            .create_timeout(Some(options.connect_timeout))
            .recycle_timeout(Some(options.connect_timeout))
            .runtime(Runtime::Tokio1)
            .post_create(prepare)
            .build()
            .map_err(|error| OpenError::Tls(error.to_string()))?;
        Ok(Self {
            connections,
            places: Arc::new(Semaphore::new(options.queue_capacity)),
            options,
        })
    }

    pub(crate) fn options(&self) -> &PostgresOptions {
        &self.options
    }

    /// A connection for one call.
    pub(crate) async fn connection(&self) -> Result<Connection, StorageError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|error| match error {
            TryAcquireError::NoPermits => StorageError::Busy,
            TryAcquireError::Closed => StorageError::unavailable(Closed),
        })?;
        let object = self.connections.get().await.map_err(|error| match error {
            PoolError::Timeout(TimeoutType::Wait) => StorageError::Busy,
            PoolError::Timeout(_) => StorageError::unavailable(NoAnswer),
            PoolError::Closed => StorageError::unavailable(Closed),
            other => StorageError::unavailable(other),
        })?;
        Ok(Connection {
            object: Some(object),
            _place: place,
        })
    }

    /// What comes of `work`, which has so long.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        waits::within(self.options.answer_timeout(), work)
            .await
            .unwrap_or_else(|| Err(StorageError::unavailable(NoAnswer)))
    }

    /// Lends no more connections once those that are lent are back.
    pub(crate) async fn close(&self) {
        // No call takes longer.
        let longest = self.options.connect_timeout + self.options.answer_timeout() * 2;
        let all = u32::try_from(self.options.queue_capacity).unwrap_or(u32::MAX);
        waits::within(longest, self.places.acquire_many(all)).await;
        self.places.close();
        self.connections.close();
    }
}

/// What each connection is told first. Compiling a statement to machine code takes longer than our
/// statements run, cannot be broken off, and takes gigabytes for a clause of a few hundred terms.
fn settings(options: &PostgresOptions) -> String {
    let statement = options.statement_timeout.as_millis();
    let lock = options.lock_timeout.as_millis();
    let idle = (options.answer_timeout() * 2).as_millis();
    format!(
        "SET statement_timeout = {statement}; SET lock_timeout = {lock}; \
         SET idle_in_transaction_session_timeout = {idle}; SET TimeZone = 'UTC'; SET jit = off"
    )
}
