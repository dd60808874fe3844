use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash as Phc, PasswordHasher as _, PasswordVerifier as _,
    Version,
};
use tokio::sync::Semaphore;
use vestibule_model::{PasswordHash, Randomness};

use crate::{Error, Result};

/// Memory in KiB, passes and lanes of Argon2id: the first choice of the OWASP password storage
/// cheat sheet.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Calls that may wait for a hash; more are turned away at once, since each waits some 12 ms for
/// every one before it.
const WAITING_AT_MOST: usize = 256;

/// The hash of nobody's password, so that an unknown login costs as much as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords, on few threads at once, so that a storm of logins leaves
/// processors for everybody else.
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    computed: AtomicU64,
}

impl Passwords {
    /// With room for `at_once` computations at the same time.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            computed: AtomicU64::new(0),
        }
    }

    /// Hashes computed so far.
    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    pub(crate) async fn hash(
        &self,
        password: &str,
        randomness: &dyn Randomness,
    ) -> Result<PasswordHash> {
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        let password = password.to_owned();
        self.compute(move || {
            let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
            Ok(PasswordHash::from_phc(hash.map_err(broken)?.to_string()))
        })
        .await
    }

    /// Whether this is the password; without a hash it never is, and takes as long to say so.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool> {
        let known = hash.is_some();
        let phc = hash.map_or(NOBODY, PasswordHash::as_phc).to_owned();
        let password = password.to_owned();
        self.compute(move || {
            let phc = Phc::new(&phc).map_err(broken)?;
            Ok(argon2()?.verify_password(password.as_bytes(), &phc).is_ok() && known)
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = Place::take(&self.waiting)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await?
    }
}

/// A place among the calls that wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Place(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) >= WAITING_AT_MOST {
            return Err(Error::unavailable(
                "too many passwords are waiting to be checked",
            ));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use vestibule_model::SeededRandomness;

    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let passwords = Passwords::new(1);
        let hash = passwords
            .hash("correct", &SeededRandomness::new(1))
            .await
            .unwrap();
        assert!(
            hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.as_phc()
        );
        assert!(passwords.verify("correct", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("wrong", Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_password_takes_a_hash_and_never_fits() {
        let passwords = Passwords::new(1);
        assert!(!passwords.verify("anything", None).await.unwrap());
        assert_eq!(1, passwords.computed());
    }
}
