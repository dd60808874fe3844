use std::sync::Arc;

use arc_swap::ArcSwap;
use vestibule_model::{Actor, AuditRecord, Profile, SettingError, Settings, Timestamp, Value};
use vestibule_storage::{Change, Storage};

use crate::{Error, Result, outdated::Outdated};

/// The app's settings: read without a lock, changed one caller at a time, stored before they count.
pub(crate) struct SettingsStore {
    current: ArcSwap<Settings>,
    outdated: Outdated,
}

impl SettingsStore {
    /// Reads the stored settings. A key that this version does not know is left alone: a newer
    /// server may have written it.
    pub(crate) async fn load(storage: &dyn Storage) -> Result<Self> {
        let (settings, unknown) = read(storage).await?;
        for setting in unknown {
            tracing::warn!(setting, "a stored setting is unknown to this version");
        }
        Ok(Self {
            current: ArcSwap::from_pointee(settings),
            outdated: Outdated::new("the settings"),
        })
    }

    pub(crate) fn current(&self) -> Arc<Settings> {
        self.current.load_full()
    }

    pub(crate) fn outdated(&self) -> &Outdated {
        &self.outdated
    }

    /// Reads the stored settings again, if that is to be done; says whether they are others.
    pub(crate) async fn read_again(&self, storage: &dyn Storage) -> bool {
        let mut are_others = false;
        let keep = |(settings, _)| {
            are_others = !changed(&self.current.load(), &settings).is_empty();
            if are_others {
                self.current.store(Arc::new(settings));
            }
        };
        self.outdated.read_again(read(storage), keep).await;
        are_others
    }

    /// Changes all of these settings or none.
    pub(crate) async fn change(
        &self,
        changes: &[(String, Value)],
        at: Timestamp,
        storage: &dyn Storage,
    ) -> Result<Arc<Settings>> {
        let _one_at_a_time = self.outdated.turn().await;
        if storage.has_neighbours() || self.outdated.is_noted() {
            // What another server has just changed must not seem to be so still.
            let (stored, _) = read(storage).await?;
            self.current.store(Arc::new(stored));
        }
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
        if let Err(error) = storage.apply(changes).await {
            // Perhaps it was done after all.
            self.outdated.note();
            return Err(error.into());
        }
        // What others change at the same moment is heard of, and read when it is nobody's turn.
        let settings = Arc::new(settings);
        self.current.store(Arc::clone(&settings));
        Ok(settings)
    }
}

/// The settings as they are stored, and the keys among them that this version does not know.
async fn read(storage: &dyn Storage) -> Result<(Settings, Vec<String>)> {
    let mut settings = Settings::of(Profile::Strict);
    let mut unknown = Vec::new();
    for (key, value) in storage.settings().await? {
        match settings.set(&key, &value) {
            Ok(()) => {}
            Err(SettingError::Unknown { .. }) => unknown.push(key),
            Err(error) => return Err(Error::internal(format!("a stored setting: {error}"))),
        }
    }
    Ok((settings, unknown))
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
