use std::fmt;

use crate::Value;

/// A password as somebody sent it: it can be read on purpose, and never printed by accident.
///
/// ```
/// use vestibule_model::Password;
///
/// let password = Password::new("correct horse");
/// assert_eq!(Some("correct horse"), password.text());
/// assert_eq!("Password(..)", format!("{password:?}"));
/// ```
///
/// Clients may send anything, so a password need not be a text; the operation that takes it
/// refuses what is not.
#[derive(Clone, PartialEq)]
pub struct Password(Value);

impl Password {
    /// A password that is a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Value::Text(text.into()))
    }

    /// Whatever was sent in the place of a password.
    pub fn from_value(value: Value) -> Self {
        Self(value)
    }

    /// The password in the clear, if it is a text.
    pub fn text(&self) -> Option<&str> {
        self.0.as_text()
    }

    /// Whether null was sent.
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A password as it is stored: an Argon2id hash in the PHC string format.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash in the PHC string format, as made by the hasher or read from a row.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// The hash in the PHC string format.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}
