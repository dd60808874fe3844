use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use vestibule_model::{KeyKind, ObjectId, Profile, Randomness, Settings, Timestamp};
use vestibule_storage::{App, Change, Precondition, Storage, StorageError};

use crate::{Error, Result, engine::Engine, request::same};

/// What the operator says about the app itself.
///
/// Ids, keys and the admin token live in the database. What is given here replaces what is stored;
/// what is neither given nor stored is made on the first start.
#[derive(Clone)]
pub struct AppConfig {
    /// The app's id.
    pub id: Option<String>,
    /// API keys by kind. The CodeRunner (BL) key is never made, only given; given as the empty
    /// text it is switched off.
    pub keys: Vec<(KeyKind, String)>,
    /// The admin token.
    pub admin_token: Option<String>,
    /// The settings of a new app; later starts do not look at it.
    pub profile: Profile,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            id: None,
            keys: Vec::new(),
            admin_token: None,
            profile: Profile::Strict,
        }
    }
}

impl std::fmt::Debug for AppConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppConfig")
            .field("id", &self.id)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// What a start changed about the app, to be told to the operator.
#[derive(Clone, Default)]
pub struct Prepared {
    /// Whether this was the first start.
    pub first_start: bool,
    /// The admin token, if one was made: the only time that its text is known.
    pub made_admin_token: Option<String>,
    /// What was stored and has been replaced by what was given.
    pub replaced: Vec<&'static str>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("first_start", &self.first_start)
            .field("replaced", &self.replaced)
            .finish_non_exhaustive()
    }
}

/// Reads the app, makes what is missing, and replaces what was given anew. Of several servers that start
/// for the first time at once, one makes the app and the others adopt it.
pub(crate) async fn prepare(
    storage: &dyn Storage,
    config: &AppConfig,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<(App, Prepared)> {
    loop {
        let stored = storage.app().await?;
        let (app, prepared, changes) = plan(stored, config, now, randomness)?;
        if changes.is_empty() {
            return Ok((app, prepared));
        }
        match storage.apply(changes).await {
            Ok(_) => return Ok((app, prepared)),
            // An app is never unmade, so this happens once.
            Err(StorageError::Refused {
                precondition: Precondition::AppIsNew,
            }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The app as this start wants it, and how to get there from what is stored.
fn plan(
    stored: Option<App>,
    config: &AppConfig,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<(App, Prepared, Vec<Change>)> {
    let mut prepared = Prepared {
        first_start: stored.is_none(),
        ..Prepared::default()
    };
    let mut changes = Vec::new();
    let mut app = stored.unwrap_or_else(|| {
        changes.push(Change::Require(Precondition::AppIsNew));
        // The settings of the profile are stored whole, so that later versions with other
        // profiles change nothing for this app.
        let entries = Settings::of(config.profile).entries();
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        changes.push(Change::PutSettings(entries));
        let id = config.id.clone();
        let id = id.unwrap_or_else(|| ObjectId::generate(now, randomness).to_string());
        changes.push(Change::PutAppId(id.clone()));
        App {
            id,
            keys: Vec::new(),
            admin_token_hash: [0; 32],
        }
    });
    if let Some(id) = config.id.as_ref().filter(|id| **id != app.id) {
        app.id = id.clone();
        changes.push(Change::PutAppId(id.clone()));
        prepared.replaced.push("app id");
    }
    for kind in KeyKind::ALL {
        let given = config
            .keys
            .iter()
            .find(|(other, _)| *other == kind)
            .map(|(_, key)| key);
        let key = match (given, app.key(kind)) {
            (Some(given), Some(stored)) if given == stored => continue,
            (Some(given), stored) => {
                prepared.replaced.extend(stored.map(|_| kind.as_str()));
                given.clone()
            }
            (None, None) if kind != KeyKind::Bl => ObjectId::generate(now, randomness).to_string(),
            (None, _) => continue,
        };
        app.keys.retain(|(other, _)| *other != kind);
        app.keys.push((kind, key.clone()));
        changes.push(Change::PutKey { kind, key });
    }
    refuse_equal_keys(&app)?;
    let token = match &config.admin_token {
        Some(given) => Some(given.clone()),
        None if prepared.first_start => {
            let mut bytes = [0; 32];
            randomness.fill(&mut bytes);
            prepared.made_admin_token = Some(URL_SAFE_NO_PAD.encode(bytes));
            prepared.made_admin_token.clone()
        }
        None => None,
    };
    if let Some(token) = token {
        let hash = hash(&token);
        if hash != app.admin_token_hash {
            if !prepared.first_start {
                prepared.replaced.push("admin token");
            }
            app.admin_token_hash = hash;
            changes.push(Change::PutAdminTokenHash(hash));
        }
    }
    Ok((app, prepared, changes))
}

/// Two kinds of one key would make a client key as strong as the stronger of the two.
fn refuse_equal_keys(app: &App) -> Result<()> {
    for (at, (kind, key)) in app.keys.iter().enumerate() {
        let twin = app.keys[at + 1..]
            .iter()
            .find(|(_, other)| !key.is_empty() && same(key, other));
        if let Some((other, _)) = twin {
            let (one, other) = (kind.as_str(), other.as_str());
            let log = format!("the {one} key and the {other} key are the same; choose another one");
            return Err(Error::internal(log));
        }
    }
    Ok(())
}

fn hash(token: &str) -> [u8; 32] {
    #[cfg(test)]
    tests::HASHED.with(|hashed| hashed.set(hashed.get() + 1));
    Sha256::digest(token).into()
}

/// Whether this is the token with that hash: one hash and one comparison, whatever is presented.
fn fits(stored: &[u8; 32], presented: &str) -> bool {
    hash(presented).ct_eq(stored).into()
}

impl Engine {
    /// The app's id and keys, for the operator.
    pub fn app(&self) -> App {
        App::clone(&self.inner.app.load())
    }

    /// Whether this is the admin token. Compared as hashes, so that the time taken says nothing.
    pub fn is_admin_token(&self, presented: &str) -> bool {
        fits(&self.inner.app.load().admin_token_hash, presented)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// Tokens that were hashed in this test.
        pub(super) static HASHED: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn an_admin_token_of_any_length_costs_one_hash_right_or_wrong() {
        let stored = hash("the-admin-token");
        let long = "x".repeat(10_000);
        let wrong = [
            "",
            "t",
            "the-admin-toke",
            "the-admin-tokem",
            "THE-ADMIN-TOKEN",
            &long,
        ];
        for presented in wrong.into_iter().chain(["the-admin-token"]) {
            HASHED.with(|hashed| hashed.set(0));
            assert_eq!(presented == "the-admin-token", fits(&stored, presented));
            assert_eq!(1, HASHED.with(Cell::get), "{presented:?}");
        }
    }
}
