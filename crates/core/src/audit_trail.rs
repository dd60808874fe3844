use vestibule_model::AuditRecord;

use crate::{Result, engine::Engine};

impl Engine {
    /// The audit trail: every use of power and every change of the operator's, newest first, from
    /// `offset` on, at most `limit` records. For the operator.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn audit_trail(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>> {
        Ok(self.inner.storage.audit(offset, limit).await?)
    }
}
