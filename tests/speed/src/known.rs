//! Users and sessions that follow from a number, so that nobody has to remember them.
//!
//! Registered users have the numbers from 0, guests those from [`FIRST_GUEST`]. Ids and selectors are
//! UUIDs of version 7 from the past: whatever a server makes comes after them.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Result;

/// The number of the first guest.
pub(crate) const FIRST_GUEST: u64 = 10_000_000;

/// When user 0 came, in milliseconds since 1970; the others came a millisecond after each other.
pub(crate) const BEGINNING: u64 = 1_700_000_000_000;

/// The password of every registered user.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The version and the variant of UUIDs, between time and number.
const VERSION_7: [u8; 4] = [0x70, 0x00, 0x80, 0x00];

/// The id of a user.
pub(crate) fn user_id(number: u64) -> String {
    let mut id = Uuid::from_bytes(selector(number)).hyphenated().to_string();
    id.make_ascii_uppercase();
    id
}

/// When a user came.
pub(crate) fn created(number: u64) -> i64 {
    i64::try_from(BEGINNING + number).unwrap_or_default()
}

/// What finds the session of a user.
pub(crate) fn selector(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&(BEGINNING + number).to_be_bytes()[2..]);
    bytes[6..10].copy_from_slice(&VERSION_7);
    bytes[10..].copy_from_slice(&number.to_be_bytes()[2..]);
    bytes
}

/// What is stored of the session's secret.
pub(crate) fn verifier_hash(number: u64) -> [u8; 32] {
    Sha256::digest(verifier(number)).into()
}

/// The token of a user's session.
pub(crate) fn token(number: u64) -> String {
    token_of(&selector(number), &verifier(number))
}

/// The email address of a registered user, whatever the number is made of.
pub(crate) fn email(digits: &str) -> String {
    format!("user{digits}@speed.example")
}

/// A token of these parts.
pub(crate) fn token_of(selector: &[u8; 16], verifier: &[u8; 32]) -> String {
    let mut text = URL_SAFE_NO_PAD.encode(selector);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(verifier, &mut text);
    text
}

/// Selector and hash of the secret in a token.
pub(crate) fn parts_of(token: &str) -> Option<([u8; 16], [u8; 32])> {
    let (selector, verifier) = token.split_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let verifier: [u8; 32] = decode(verifier)?.try_into().ok()?;
    let selector = decode(selector)?.try_into().ok()?;
    Some((selector, Sha256::digest(verifier).into()))
}

/// The hash that is stored of [`PASSWORD`], by the parameters that Vestibule has.
pub(crate) fn hash(password: &str, salt: &[u8]) -> Result<String> {
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), salt);
    Ok(hash.map_err(|error| error.to_string())?.to_string())
}

/// Argon2id as Vestibule has it (`crates/core/src/passwords.rs`).
pub(crate) fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn verifier(number: u64) -> [u8; 32] {
    Sha256::digest(format!("speed-{number}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_selectors_are_ordered_by_their_numbers() {
        assert!(user_id(9) < user_id(10));
        assert!(selector(FIRST_GUEST) < selector(FIRST_GUEST + 1));
        assert_eq!("018BCFE5-680A-7000-8000-00000000000A", user_id(10));
    }

    #[test]
    fn a_token_is_made_of_its_parts() {
        assert_eq!(Some((selector(7), verifier_hash(7))), parts_of(&token(7)));
    }
}
