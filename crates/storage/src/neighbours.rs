use async_trait::async_trait;

use crate::News;

/// What other servers do on the same database.
///
/// An engine that has its database for itself leaves everything as it is here.
#[async_trait]
pub trait Neighbours {
    /// Whether other servers may be at work on the database. Then a row may be newer than what this
    /// server remembers of it, by as much as the others write down late.
    fn has_neighbours(&self) -> bool {
        false
    }

    /// Whether everything that was changed up to a second ago has been heard of. A server that does not
    /// hear asks the database instead of its memory.
    ///
    /// It is asked in every call, and so answers from memory.
    fn hears(&self) -> bool {
        true
    }

    /// Waits for what others have changed; `None` once the storage is closed. News of this server's own
    /// changes do not come. One at a time may wait.
    ///
    /// After a time without hearing, [`News::missed`] comes first.
    async fn news(&self) -> Option<News> {
        std::future::pending().await
    }
}
