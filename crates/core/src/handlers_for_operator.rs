//! What the operator does to handlers. These are no events: no handler sees them.

use std::sync::Arc;

use vestibule_model::{Actor, AuditRecord, HandlerSetting};
use vestibule_storage::Change;

use crate::{
    Result,
    engine::{Engine, EngineInner},
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
    /// Answers the handler as it stands now, once for each of its events; of a service, its methods. Other
    /// servers on the same database follow at their next start.
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
            let _one_at_a_time = engine.changing_handlers.lock().await;
            let before = stored(&engine, &path).await?;
            let after = changed(before.clone(), change);
            if before != after {
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
                engine.apply(changes).await?;
            }
            registry.switch(&after, change.enabled == Some(true));
            registry.arrange();
            Ok(registry.handlers_at(&path))
        })
        .await
    }
}

impl EngineInner {
    /// Has handlers run as the operator wanted it of earlier servers.
    pub(crate) async fn take_up_handler_settings(self: &Arc<Self>) -> Result<()> {
        for setting in self.storage.handler_settings().await? {
            let refused = self
                .registry
                .check_change(&setting.path, as_change(&setting));
            if let Err(error) = refused {
                // Somebody took the handler away, or expects it by now: no reason not to start.
                let (path, why) = (setting.path, error.log());
                tracing::warn!(
                    handler.name = path,
                    why,
                    "what is stored of a handler does not count"
                );
                continue;
            }
            self.registry.switch(&setting, true);
        }
        self.registry.arrange();
        Ok(())
    }
}

impl Registry {
    /// Does what the operator wants, as far as it is about this server. A handler that was switched off
    /// for its failures stays off until somebody wants it on.
    fn switch(&self, setting: &HandlerSetting, wants_it_on: bool) {
        let Some(switch) = self.switches.get(setting.path.as_str()) else {
            return;
        };
        switch.follow(setting.order);
        match setting.enabled {
            Some(false) => switch.set_disabled(Some(Disabled::ByOperator)),
            Some(true) | None if wants_it_on => {
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
