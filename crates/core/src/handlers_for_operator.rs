//! What the operator does to handlers. These are no events: no handler sees them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use vestibule_model::{Actor, AuditRecord, HandlerSetting};
use vestibule_storage::Change;

use crate::{
    Result,
    engine::{Engine, EngineInner},
    outdated::Outdated,
    registry::{Disabled, ListedHandler, Registry},
};

/// What the operator wants changed of a handler; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandlerChange {
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// Its place among the others; `Some(None)` goes back to the one that it had at the start.
    pub order: Option<Option<i32>>,
}

impl Engine {
    /// Switches a handler on or off, or gives it another place among the others, for good and for every
    /// server of the app. Wishes of handlers to run before or after others count all the same. Calls
    /// that have begun go on as they began. Leaves an audit record. For the operator.
    ///
    /// Answers the handler as it stands now, once for each of its events; of a service, its methods.
    ///
    /// # Errors
    /// 8008 if there is no such handler, if the configuration disables it, if `expect_handlers` names it
    /// (that one neither goes nor moves), if it is a timer (those have an API of their own), or if it has
    /// no place to change; fails when the database does not answer, and nothing has changed then.
    pub async fn change_handler(
        &self,
        path: &str,
        change: HandlerChange,
    ) -> Result<Vec<ListedHandler>> {
        let path = path.to_owned();
        self.as_operator(async move |engine| {
            let registry = &engine.registry;
            registry.check_change(&path, change)?;
            let _one_at_a_time = engine.handler_settings.outdated.turn().await;
            let before = stored(&engine, &path).await?;
            let after = changed(before.clone(), change);
            // It may be wanted on by what is stored, and be off for its failures.
            let revives = change.enabled == Some(true) && registry.is_given_up(&path);
            if before != after || revives {
                let audit = AuditRecord {
                    at: engine.clock.now(),
                    actor: Actor::Admin,
                    action: action(&path, change),
                    subject: None,
                    caller: None,
                };
                let changes = vec![
                    Change::PutHandlerSetting(after.clone()),
                    Change::Audit(audit),
                ];
                if let Err(error) = engine.storage.apply(changes).await {
                    // Perhaps it was done after all.
                    engine.handler_settings.outdated.note();
                    return Err(error.into());
                }
            }
            registry.switch(&after, change.enabled == Some(true));
            registry.arrange();
            engine.handler_settings.note(after);
            Ok(registry.handlers_at(&path))
        })
        .await
    }
}

/// What the operator wants of handlers, as far as it was taken up.
pub(crate) struct HandlerSettingsStore {
    taken_up: Mutex<TakenUp>,
    pub(crate) outdated: Outdated,
}

/// What was taken up, by the path of the handler.
type TakenUp = BTreeMap<String, HandlerSetting>;

impl Default for HandlerSettingsStore {
    fn default() -> Self {
        Self {
            taken_up: Mutex::default(),
            outdated: Outdated::new("what is stored of handlers"),
        }
    }
}

impl HandlerSettingsStore {
    /// Notes that this was taken up.
    fn note(&self, setting: HandlerSetting) {
        let mut taken_up = self.taken_up.lock().unwrap_or_else(PoisonError::into_inner);
        taken_up.insert(setting.path.clone(), setting);
    }

    /// What is to be taken up when this is what is stored: the settings that are others, each with
    /// whether somebody wants the handler on who did not before.
    fn take_up(&self, stored: Vec<HandlerSetting>) -> Vec<(HandlerSetting, bool)> {
        let stored: TakenUp = stored
            .into_iter()
            .map(|setting| (setting.path.clone(), setting))
            .collect();
        let mut taken_up = self.taken_up.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *taken_up, stored);
        let was_wanted_on = |path: &str| before.get(path).and_then(|setting| setting.enabled);
        let gone = before.keys().filter(|path| !taken_up.contains_key(*path));
        let gone = gone.map(|path| HandlerSetting {
            path: path.clone(),
            ..HandlerSetting::default()
        });
        let others = taken_up
            .values()
            .filter(|setting| before.get(&setting.path) != Some(*setting));
        let others = others.cloned().chain(gone).map(|setting| {
            let wanted_on = setting.enabled == Some(true);
            let is_new = was_wanted_on(&setting.path) != Some(true);
            (setting, wanted_on && is_new)
        });
        others.collect()
    }
}

impl EngineInner {
    /// Has handlers run as the operator wanted it of earlier servers.
    pub(crate) async fn take_up_handler_settings(&self) -> Result<()> {
        let stored = self.storage.handler_settings().await?;
        self.take_up(stored);
        Ok(())
    }

    /// Has handlers run as the operator wants it by now, if that is to be read again.
    pub(crate) async fn read_handler_settings_again(&self) {
        let read = self.storage.handler_settings();
        let outdated = &self.handler_settings.outdated;
        outdated
            .read_again(read, |stored| self.take_up(stored))
            .await;
    }

    fn take_up(&self, stored: Vec<HandlerSetting>) {
        for (setting, wants_it_on) in self.handler_settings.take_up(stored) {
            let change = as_change(&setting);
            if let Err(error) = self.registry.check_change(&setting.path, change) {
                // Somebody took the handler away, or expects it by now: no reason not to start.
                let (path, why) = (setting.path, error.log());
                tracing::warn!(
                    handler.name = path,
                    why,
                    "what is stored of a handler does not count"
                );
                continue;
            }
            self.registry.switch(&setting, wants_it_on);
        }
        self.registry.arrange();
    }
}

impl Registry {
    /// Whether the server switched this handler off for its failures.
    fn is_given_up(&self, path: &str) -> bool {
        let disabled = self.switches.get(path).and_then(|one| one.disabled());
        disabled.is_some_and(|why| matches!(*why, Disabled::AfterFailures { .. }))
    }

    /// Does what the operator wants, as far as it is about this server. A handler that was switched off
    /// for its failures stays off until somebody wants it on.
    fn switch(&self, setting: &HandlerSetting, wants_it_on: bool) {
        let Some(switch) = self.switches.get(setting.path.as_str()) else {
            return;
        };
        switch.follow(setting.order);
        let is_off_by_operator = switch
            .disabled()
            .is_some_and(|why| *why == Disabled::ByOperator);
        match setting.enabled {
            Some(false) => switch.set_disabled(Some(Disabled::ByOperator)),
            Some(true) | None if wants_it_on || is_off_by_operator => {
                // It has as many attempts again as it had at first.
                for handler in self.handlers_at(&setting.path) {
                    handler.stats.count_success();
                }
                switch.set_disabled(None);
            }
            Some(true) | None => {}
        }
    }
}

async fn stored(engine: &EngineInner, path: &str) -> Result<HandlerSetting> {
    let settings = engine.storage.handler_settings().await?;
    let stored = settings.into_iter().find(|setting| setting.path == path);
    Ok(stored.unwrap_or_else(|| HandlerSetting {
        path: path.to_owned(),
        ..HandlerSetting::default()
    }))
}

/// What is stored of a handler after this change.
fn changed(before: HandlerSetting, change: HandlerChange) -> HandlerSetting {
    HandlerSetting {
        enabled: change.enabled.or(before.enabled),
        order: change.order.unwrap_or(before.order),
        ..before
    }
}

fn as_change(setting: &HandlerSetting) -> HandlerChange {
    HandlerChange {
        enabled: setting.enabled,
        order: setting.order.map(Some),
    }
}

/// What the audit trail says: `changeHandler carts::open enabled=false order=5`.
fn action(path: &str, change: HandlerChange) -> String {
    let enabled = change.enabled.map(|enabled| format!(" enabled={enabled}"));
    let order = change.order.map(|order| match order {
        Some(order) => format!(" order={order}"),
        None => " order=its own".to_owned(),
    });
    let changes = [enabled, order].into_iter().flatten().collect::<String>();
    format!("changeHandler {path}{changes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(enabled: Option<bool>, order: Option<i32>) -> HandlerSetting {
        HandlerSetting {
            path: "shop::guard".to_owned(),
            enabled,
            order,
        }
    }

    #[test]
    fn what_was_taken_up_is_not_taken_up_again_and_what_is_gone_is_taken_back() {
        let store = HandlerSettingsStore::default();
        let moved = setting(None, Some(5));
        let take_up = |stored: Option<&HandlerSetting>| {
            let taken = store.take_up(stored.into_iter().cloned().collect());
            taken.into_iter().next()
        };
        assert_eq!(Some((moved.clone(), false)), take_up(Some(&moved)));
        assert_eq!(None, take_up(Some(&moved)));
        assert_eq!(Some((setting(None, None), false)), take_up(None));
        assert_eq!(None, take_up(None));
    }

    #[test]
    fn a_handler_that_failed_is_wanted_on_when_somebody_says_so_and_not_whenever_something_changes()
    {
        let store = HandlerSettingsStore::default();
        let wants_it_on = |stored: HandlerSetting| {
            let taken = store.take_up(vec![stored]);
            taken.into_iter().next().map(|(_, wants_it_on)| wants_it_on)
        };
        assert_eq!(Some(true), wants_it_on(setting(Some(true), None)));
        assert_eq!(Some(false), wants_it_on(setting(Some(true), Some(5))));
        assert_eq!(Some(false), wants_it_on(setting(Some(false), Some(5))));
        assert_eq!(Some(true), wants_it_on(setting(Some(true), Some(5))));
    }
}
