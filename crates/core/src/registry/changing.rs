use super::{ListedHandler, Registry, advice};
use crate::{Error, Result, handlers_for_operator::HandlerChange, registration::Phase};

impl Registry {
    /// Whether the operator may change this of this handler.
    ///
    /// # Errors
    /// 8008 if not, and what to do instead.
    pub(crate) fn check_change(&self, path: &str, change: HandlerChange) -> Result<()> {
        let config = &self.config;
        if config.disable.iter().any(|disabled| disabled == path) {
            return Err(Error::invalid(format!(
                "the configuration of the server disables the handler {path}; take it out of \
                 handlers.disable and restart"
            )));
        }
        if !self.switches.contains_key(path) {
            let known: Vec<_> = self.switches.keys().copied().collect();
            let advice = advice(path, &known);
            return Err(Error::invalid(format!(
                "there is no handler {path}; {advice}"
            )));
        }
        let phases = || self.phases_of(path);
        if phases().any(|phase| phase == Phase::Timer) {
            return Err(Error::invalid(format!(
                "{path} is a timer; PATCH /admin/api/timers/{path} switches it on and off"
            )));
        }
        let service = self.service_of(path);
        let names = |expected: &String| expected == path || Some(expected.as_str()) == service;
        if let Some(expected) = config.expect.iter().find(|expected| names(expected))
            && change != HandlerChange::default()
        {
            return Err(Error::invalid(format!(
                "expect_handlers in the configuration of the server names {expected}, so {path} stays \
                 as it is; take it out of there and restart"
            )));
        }
        let in_line = |phase| matches!(phase, Phase::Before | Phase::After | Phase::Observe);
        if change.order.is_some() && !phases().any(in_line) {
            return Err(Error::invalid(format!(
                "{path} stands alone, so it has no order; leave the key order away"
            )));
        }
        Ok(())
    }

    /// The handler of this path, once for each of its events; of a service, its methods.
    pub(crate) fn handlers_at(&self, path: &str) -> Vec<ListedHandler> {
        let is_meant = |listed: &ListedHandler| {
            listed.meta.path == path || self.service_of(listed.meta.path) == Some(path)
        };
        let mut listed = self.handlers();
        listed.retain(is_meant);
        listed
    }

    /// When this handler runs; of a service nothing, since that runs by its methods.
    fn phases_of(&self, path: &str) -> impl Iterator<Item = Phase> {
        let listed = self.listed.iter();
        listed
            .filter(move |listed| listed.meta.path == path)
            .map(|listed| listed.meta.phase)
    }

    /// The path of the service whose method this is.
    fn service_of(&self, method: &str) -> Option<&'static str> {
        let service = |service: &&crate::services::Service| service.has_method(method);
        self.services
            .values()
            .find(service)
            .map(|service| service.meta.path)
    }
}
