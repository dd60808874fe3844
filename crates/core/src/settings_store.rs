use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;
use vestibule_model::{Actor, AuditRecord, Profile, SettingError, Settings, Timestamp, Value};
use vestibule_storage::{Change, Storage};

use crate::{Error, Result};

/// The app's settings: read without a lock, changed one caller at a time, stored before they count.
pub(crate) struct SettingsStore {
    current: ArcSwap<Settings>,
    changing: Mutex<()>,
}

impl SettingsStore {
    /// Reads the stored settings. A key that this version does not know is left alone: a newer
    /// server may have written it.
    pub(crate) async fn load(storage: &dyn Storage) -> Result<Self> {
        let mut settings = Settings::of(Profile::Strict);
        for (key, value) in storage.settings().await? {
            match settings.set(&key, &value) {
                Ok(()) => {}
                Err(SettingError::Unknown { .. }) => {
                    tracing::warn!(setting = key, "a stored setting is unknown to this version");
                }
                Err(error) => return Err(Error::internal(format!("a stored setting: {error}"))),
            }
        }
        Ok(Self {
            current: ArcSwap::from_pointee(settings),
            changing: Mutex::new(()),
        })
    }

    pub(crate) fn current(&self) -> Arc<Settings> {
        self.current.load_full()
    }

    /// Changes all of these settings or none.
    pub(crate) async fn change(
        &self,
        changes: &[(String, Value)],
        at: Timestamp,
        storage: &dyn Storage,
    ) -> Result<Arc<Settings>> {
        let _one_at_a_time = self.changing.lock().await;
        let mut settings = Settings::clone(&self.current.load());
        for (key, value) in changes {
            settings
                .set(key, value)
                .map_err(|error| Error::invalid(error.to_string()))?;
        }
        let changed = changed(&self.current.load(), &settings);
        // Whoever sends back what was told changes nothing, and the trail tells of changes.
        if changed.is_empty() {
            return Ok(self.current());
        }
        let audit = AuditRecord {
            at,
            actor: Actor::Admin,
            action: format!("changeSettings {}", names(&changed)),
            subject: None,
            caller: None,
        };
        let changes = vec![Change::PutSettings(changed), Change::Audit(audit)];
        storage.apply(changes).await?;
        let settings = Arc::new(settings);
        self.current.store(Arc::clone(&settings));
        Ok(settings)
    }
}

/// The settings that are not what they were.
fn changed(before: &Settings, after: &Settings) -> Vec<(String, Value)> {
    let entries = before.entries().into_iter().zip(after.entries());
    entries
        .filter(|((_, before), (_, after))| before != after)
        .map(|(_, (key, value))| (key.to_owned(), value))
        .collect()
}

/// Their keys, for the audit trail.
fn names(settings: &[(String, Value)]) -> String {
    let keys: Vec<_> = settings.iter().map(|(key, _)| key.as_str()).collect();
    keys.join(", ")
}
