use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Builder;
use vestibule_model::{Randomness, Selector, Timestamp, VerifierHash};

/// What a client holds to prove who it is: a time-ordered selector, and a secret of 256 bits.
///
/// The selector finds the session's row; only the SHA-256 of the secret is stored, and compared
/// in constant time. In a URL the token needs no escaping.
///
/// `Debug` prints the selector alone. The text is had on purpose, with [`Token::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    selector: Selector,
    verifier: [u8; 32],
}

impl Token {
    pub(crate) fn generate(now: Timestamp, randomness: &dyn Randomness) -> Self {
        let (mut random, mut verifier) = ([0; 10], [0; 32]);
        randomness.fill(&mut random);
        randomness.fill(&mut verifier);
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        let uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Self {
            selector: Selector::from_bytes(uuid.into_bytes()),
            verifier,
        }
    }

    /// Reads a token that somebody sent; `None` if it cannot be one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (selector, verifier) = text.split_once('.')?;
        Some(Self {
            selector: Selector::from_bytes(decode(selector)?),
            verifier: decode(verifier)?,
        })
    }

    pub(crate) fn selector(&self) -> Selector {
        self.selector
    }

    pub(crate) fn verifier_hash(&self) -> VerifierHash {
        VerifierHash::from_bytes(Sha256::digest(self.verifier).into())
    }

    /// The token as the client gets it. Nobody else may see it.
    pub fn reveal(&self) -> String {
        let mut text = URL_SAFE_NO_PAD.encode(self.selector.as_bytes());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(self.verifier, &mut text);
        text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("selector", &self.selector)
            .finish_non_exhaustive()
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use vestibule_model::SeededRandomness;

    use super::*;

    fn token() -> Token {
        Token::generate(
            Timestamp::from_millis(1_700_000_000_000),
            &SeededRandomness::new(1),
        )
    }

    #[test]
    fn a_token_survives_being_written_and_read() {
        let token = token();
        let text = token.reveal();
        assert_eq!(Some(token), Token::parse(&text));
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(text.chars().all(safe), "{text} needs escaping in a URL");
    }

    #[test]
    fn a_token_is_never_printed() {
        let token = token();
        let secret = token.reveal().split_once('.').unwrap().1.to_owned();
        assert!(!format!("{token:?}").contains(&secret));
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        let real = token().reveal();
        let no_tokens = [
            "",
            ".",
            "a.b",
            "null",
            real.trim_end_matches(|_| true),
            &real[1..],
        ];
        for text in no_tokens {
            assert_eq!(None, Token::parse(text), "{text:?}");
        }
    }
}
