use async_trait::async_trait;
use vestibule_model::{KeyKind, Value};

use crate::StorageError;

/// Reads of what belongs to the app itself.
#[async_trait]
pub trait Apps {
    /// The app's id, keys and admin token; `None` before the first start has made id and token.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn app(&self) -> Result<Option<App>, StorageError>;

    /// The stored settings by their key in the admin API; empty before the first start.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn settings(&self) -> Result<Vec<(String, Value)>, StorageError>;
}

/// How clients and the operator prove that they mean this app.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    /// The app's id, part of every URL.
    pub id: String,
    /// The API keys that exist.
    pub keys: Vec<(KeyKind, String)>,
    /// The SHA-256 of the admin token.
    pub admin_token_hash: [u8; 32],
}

impl App {
    /// The key of this kind, if it exists.
    pub fn key(&self, kind: KeyKind) -> Option<&str> {
        self.keys
            .iter()
            .find(|(other, _)| *other == kind)
            .map(|(_, key)| key.as_str())
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds: Vec<_> = self.keys.iter().map(|(kind, _)| kind).collect();
        f.debug_struct("App")
            .field("id", &self.id)
            .field("keys", &kinds)
            .finish_non_exhaustive()
    }
}
