use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use vestibule::prelude::*;

use crate::proof::Proof;

/// Proofs remembered at most. Whoever fills this within two minutes has done more work than
/// anybody has time for, unless the work is far too little: then it is time for more of it.
const PROOFS_AT_MOST: usize = 100_000;

/// The proofs that have let somebody in, for as long as they would be fresh.
#[derive(Debug, Default)]
pub(crate) struct Spent(Mutex<HashSet<Proof>>);

impl Spent {
    /// Spends a proof, or says why not.
    pub(crate) fn spend(&self, proof: Proof, now: Timestamp) -> Result<(), &'static str> {
        // Each change is a single one, so a poisoned lock holds a sound set.
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() >= PROOFS_AT_MOST {
            spent.retain(|proof| proof.forgotten_at() > now);
        }
        if spent.len() >= PROOFS_AT_MOST {
            return Err("too many guests come in just now, try again in a minute");
        }
        if spent.insert(proof) {
            Ok(())
        } else {
            Err("the proof in 'x-guest-proof' has let somebody in already")
        }
    }
}
