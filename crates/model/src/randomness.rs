use std::{fmt, sync::Mutex, sync::PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// A source of random bytes. There are two: the system's, and a seeded one for tests.
///
/// Ids and tokens are made from it and from nothing else, so that a test can repeat them.
pub trait Randomness: Send + Sync + 'static {
    /// Fills `bytes` with random bytes, good enough for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// The randomness of a running server: a generator per thread, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where randomness comes from"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Bytes that repeat themselves from run to run. For tests: whoever knows the seed knows all tokens.
pub struct SeededRandomness {
    generator: Mutex<StdRng>,
}

impl SeededRandomness {
    /// Starts over from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            generator: Mutex::new(StdRng::seed_from_u64(seed)),
        }
    }
}

impl fmt::Debug for SeededRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededRandomness").finish_non_exhaustive()
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        // The generator cannot panic half-way, so a poisoned lock holds a sound one.
        self.generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(bytes);
    }
}
