use std::sync::Arc;

use crate::{Error, Result};

/// Calls within calls that are allowed; deeper ones are taken for a loop.
const MAX_DEPTH: usize = 8;

/// The events that led to this call, outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nesting {
    chain: Arc<[&'static str]>,
}

impl Nesting {
    /// The nesting of a call of `event` that nobody else's call led to.
    pub(crate) fn outermost(event: &'static str) -> Self {
        Self {
            chain: Arc::new([event]),
        }
    }

    /// The nesting of a call of `event` made from within this one.
    ///
    /// `quietly` calls run no handlers, so they cannot loop by entering an event again.
    pub(crate) fn enter(&self, event: &'static str, quietly: bool) -> Result<Self> {
        let chain: Arc<[_]> = self.chain.iter().copied().chain([event]).collect();
        let shown = chain.join(" > ");
        if !quietly && self.chain.contains(&event) {
            return Err(Error::internal(format!(
                "a handler entered {event} again from within itself: {shown}; \
                 `ctx.cloud().quietly()` runs the bare operation, without handlers"
            )));
        }
        if chain.len() > MAX_DEPTH {
            return Err(Error::internal(format!(
                "calls within calls are {} deep, {MAX_DEPTH} are allowed: {shown}",
                chain.len()
            )));
        }
        Ok(Self { chain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_twice_is_refused_with_its_chain() {
        let nesting = Nesting::outermost("register")
            .enter("updateUser", false)
            .unwrap();
        let error = nesting.enter("register", false).unwrap_err();
        assert!(
            error.log().contains("register > updateUser > register"),
            "{}",
            error.log()
        );
    }

    #[test]
    fn a_quiet_call_may_enter_the_same_event() {
        assert!(
            Nesting::outermost("updateUser")
                .enter("updateUser", true)
                .is_ok()
        );
    }

    #[test]
    fn depth_is_capped_even_for_quiet_calls() {
        let mut nesting = Nesting::outermost("a");
        for _ in 1..MAX_DEPTH {
            nesting = nesting.enter("a", true).unwrap();
        }
        assert!(
            nesting
                .enter("a", true)
                .unwrap_err()
                .log()
                .contains("9 deep")
        );
    }
}
