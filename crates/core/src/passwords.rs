mod hashing_threads;
mod memory;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash as Phc, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use subtle::ConstantTimeEq as _;
use vestibule_model::{PasswordHash, Randomness};

use self::{hashing_threads::HashingThreads, memory::Memory};
use crate::{Error, Result};

/// Memory in KiB, passes and lanes of Argon2id: the first choice of the OWASP password storage
/// cheat sheet.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of nobody's password, so that an unknown login costs as much as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords, on few threads at once, so that a storm of logins leaves
/// processors for everybody else. More calls than may wait are turned away with 503, and a caller
/// who goes away while it waits costs no hash.
pub(crate) struct Passwords {
    threads: HashingThreads,
}

impl Passwords {
    /// With room for `at_once` computations at the same time.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            threads: HashingThreads::new(at_once),
        }
    }

    /// Hashes computed so far.
    pub(crate) fn computed(&self) -> u64 {
        self.threads.begun()
    }

    pub(crate) async fn hash(
        &self,
        password: &str,
        randomness: &dyn Randomness,
    ) -> Result<PasswordHash> {
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        let password = password.to_owned();
        let work = move |memory: &mut Memory| hash(memory, &password, &salt);
        self.threads.run(work).await?
    }

    /// Whether this is the password; without a hash it never is, and takes as long to say so.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool> {
        let known = hash.is_some();
        let phc = hash.map_or(NOBODY, PasswordHash::as_phc).to_owned();
        let password = password.to_owned();
        let work = move |memory: &mut Memory| Ok(fits(memory, &password, &phc)? && known);
        self.threads.run(work).await?
    }
}

fn hash(memory: &mut Memory, password: &str, salt: &[u8]) -> Result<PasswordHash> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(broken)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    compute(memory, &argon2, password, salt, &mut output).map_err(broken)?;
    let phc = Phc {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).map_err(broken)?,
        salt: Some(Salt::new(salt).map_err(broken)?),
        hash: Some(Output::new(&output).map_err(broken)?),
    };
    Ok(PasswordHash::from_phc(phc.to_string()))
}

/// Whether the password has this hash, whatever the parameters that it was made with.
fn fits(memory: &mut Memory, password: &str, phc: &str) -> Result<bool> {
    let phc = Phc::new(phc).map_err(broken)?;
    // No password fits what is no hash of Argon2.
    let (Some(salt), Some(expected), Some(argon2)) = (&phc.salt, &phc.hash, as_made(&phc)) else {
        return Ok(false);
    };
    let mut output = [0; Output::MAX_LENGTH];
    let output = &mut output[..expected.len()];
    match compute(memory, &argon2, password, salt, output) {
        Ok(()) => Ok(output.ct_eq(expected.as_bytes()).into()),
        // The password may be right.
        Err(error @ argon2::Error::OutOfMemory) => Err(broken(error)),
        Err(_) => Ok(false),
    }
}

/// The Argon2 that has made this hash.
fn as_made(phc: &Phc) -> Option<Argon2<'static>> {
    let algorithm = Algorithm::try_from(phc.algorithm.as_str()).ok()?;
    let version = phc
        .version
        .map_or(Ok(Version::default()), Version::try_from);
    let params = Params::try_from(phc).ok()?;
    Some(Argon2::new(algorithm, version.ok()?, params))
}

fn compute(
    memory: &mut Memory,
    argon2: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    output: &mut [u8],
) -> argon2::Result<()> {
    let password = password.as_bytes();
    match memory.lend(argon2.params().block_count()) {
        Some(blocks) => argon2.hash_password_into_with_memory(password, salt, output, blocks),
        None => argon2.hash_password_into(password, salt, output),
    }
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher as _;
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

    #[tokio::test]
    async fn a_hash_in_memory_that_was_used_before_is_the_one_that_the_crate_makes() {
        let passwords = Passwords::new(1);
        let before = passwords.hash("before", &SeededRandomness::new(1)).await;
        assert!(before.is_ok());
        let hash = passwords.hash("correct", &SeededRandomness::new(2)).await;
        let mut salt = [0; 16];
        SeededRandomness::new(2).fill(&mut salt);
        assert_eq!(
            made_with("correct", Algorithm::Argon2id, (19_456, 2, 1), &salt).as_phc(),
            hash.unwrap().as_phc()
        );
    }

    #[tokio::test]
    async fn a_hash_made_with_other_parameters_verifies() {
        let passwords = Passwords::new(1);
        for (algorithm, parameters) in [
            (Algorithm::Argon2id, (19_456, 1, 1)),
            (Algorithm::Argon2id, (64, 3, 4)),
            (Algorithm::Argon2id, (20_000, 1, 1)),
            (Algorithm::Argon2i, (256, 2, 1)),
            (Algorithm::Argon2d, (256, 2, 2)),
        ] {
            let hash = made_with("correct", algorithm, parameters, b"a salt of 16 B..");
            let right = passwords.verify("correct", Some(&hash)).await;
            let wrong = passwords.verify("wrong", Some(&hash)).await;
            let made = hash.as_phc();
            assert_eq!((true, false), (right.unwrap(), wrong.unwrap()), "{made}");
        }
    }

    #[tokio::test]
    async fn no_password_fits_what_argon2_has_not_made() {
        let passwords = Passwords::new(1);
        for phc in [
            "$scrypt$ln=16,r=8,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=99$m=64,t=1,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=64,t=1,p=1$bm9ib2R5J3Mgc2FsdA",
        ] {
            let hash = PasswordHash::from_phc(phc.to_owned());
            let fits = passwords.verify("anything", Some(&hash)).await;
            assert!(!fits.unwrap(), "{phc}");
        }
    }

    /// As the crate itself hashes, in memory of its own.
    fn made_with(
        password: &str,
        algorithm: Algorithm,
        (memory, passes, lanes): (u32, u32, u32),
        salt: &[u8],
    ) -> PasswordHash {
        let params = Params::new(memory, passes, lanes, None).unwrap();
        let hash = Argon2::new(algorithm, Version::V0x13, params)
            .hash_password_with_salt(password.as_bytes(), salt)
            .unwrap();
        PasswordHash::from_phc(hash.to_string())
    }
}
