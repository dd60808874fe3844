//! Passwords of a bare server: as many hashes at once as Vestibule computes.

use std::thread;

use argon2::{PasswordHash, PasswordVerifier as _};
use rand::Rng;
use tokio::sync::Semaphore;

use crate::{Result, known};

pub(super) struct Passwords(Semaphore);

/// How many hashes Vestibule computes at once: one core is left for everybody else.
pub(crate) fn at_once() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (cores - 1).max(1)
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(at_once()))
    }

    pub(super) async fn hash(&self, password: String) -> Result<String> {
        let mut salt = [0; 16];
        rand::rng().fill_bytes(&mut salt);
        self.compute(move || known::hash(&password, &salt)).await
    }

    pub(super) async fn verify(&self, password: String, hash: String) -> Result<bool> {
        self.compute(move || verify(&password, &hash)).await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.0.acquire().await?;
        tokio::task::spawn_blocking(work).await?
    }
}

/// Whether this is the password.
pub(crate) fn verify(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(|error| error.to_string())?;
    Ok(known::argon2()?
        .verify_password(password.as_bytes(), &hash)
        .is_ok())
}
