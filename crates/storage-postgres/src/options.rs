use std::{fmt, path::PathBuf, time::Duration};

/// Where the database lives and how it is used.
///
/// ```
/// use vestibule_storage_postgres::PostgresOptions;
///
/// let options = PostgresOptions {
///     connections: 32,
///     ..PostgresOptions::at("postgres://vestibule@db.example.com/vestibule?sslmode=require")
/// };
/// assert_eq!(4096, options.queue_capacity);
/// ```
///
/// `Debug` tells neither the URL nor the password.
#[derive(Clone)]
pub struct PostgresOptions {
    /// Where it is, as `postgres://user@host:port/database`. The parameters are those of `libpq`;
    /// `sslmode` is `disable`, `prefer` or `require`. Without one, a database on this machine is spoken to
    /// plainly and any other by TLS only. A certificate is always checked, unlike in `libpq`.
    pub url: String,
    /// The password, if it is not in the URL.
    pub password: Option<String>,
    /// A file of certificates (PEM) of those who vouch for the database; without it, the well-known
    /// ones count.
    pub ca_file: Option<PathBuf>,
    /// How many connections there are at most, beside one that listens; one at least.
    pub connections: usize,
    /// How many calls may be in the database or wait for a connection. Further ones are turned away as
    /// busy.
    pub queue_capacity: usize,
    /// How long one statement may take; one that takes longer is broken off.
    pub statement_timeout: Duration,
    /// How long a statement waits for the lock of somebody else.
    pub lock_timeout: Duration,
    /// How long connecting may take, and waiting for a connection.
    pub connect_timeout: Duration,
    /// How much one read may answer, in bytes of texts and JSON; a read that answers more is broken
    /// off.
    pub read_bytes: usize,
}

impl PostgresOptions {
    /// What a server uses, with its database there.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password: None,
            ca_file: None,
            connections: 16,
            queue_capacity: 4096,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            read_bytes: 64 * 1024 * 1024,
        }
    }

    /// How long a call waits for the database altogether, once it has a connection: a network that
    /// swallows everything says nothing at all.
    pub(crate) fn answer_timeout(&self) -> Duration {
        self.statement_timeout + self.lock_timeout
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
