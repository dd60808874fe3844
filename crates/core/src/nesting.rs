use std::{fmt, sync::Arc};

use crate::{Error, Result, event::Event, explanation::Explanation};

/// Calls within calls that are allowed; deeper ones are taken for a loop.
const MAX_DEPTH: usize = 8;

/// The events that led to this call, outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nesting {
    chain: Arc<[Link]>,
    /// Where all of them write down what they do, if somebody wants that.
    explanation: Option<Explanation>,
    /// Whether the outermost call is only tried: nobody is to hear of it.
    rehearsed: bool,
}

/// One call on the chain: its event, and the table, the method or the timer that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    event: &'static str,
    instance: Option<Arc<str>>,
}

impl Link {
    fn of<E: Event>(event: &E) -> Self {
        Self {
            event: E::NAME,
            instance: event.instance().map(Arc::from),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instance {
            None => f.write_str(self.event),
            Some(instance) => write!(f, "{} of {instance}", self.event),
        }
    }
}

impl Nesting {
    /// The nesting of a call of `event` that nobody else's call led to.
    pub(crate) fn outermost<E: Event>(event: &E) -> Self {
        Self {
            chain: Arc::new([Link::of(event)]),
            explanation: None,
            rehearsed: false,
        }
    }

    /// The same, of a call that is only tried.
    pub(crate) fn rehearsed(mut self) -> Self {
        self.rehearsed = true;
        self
    }

    /// Whether the outermost call is only tried: neither observers nor effects run.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.rehearsed
    }

    /// The same, with everything written down.
    pub(crate) fn explained_by(mut self, explanation: Option<Explanation>) -> Self {
        self.explanation = explanation;
        self
    }

    /// Where to write down what is done, if somebody wants that.
    pub(crate) fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }

    /// How many calls led to this one.
    pub(crate) fn depth(&self) -> usize {
        self.chain.len().saturating_sub(1)
    }

    /// The nesting of a call of `event` made from within this one.
    ///
    /// `quietly` calls run no handlers, so they cannot loop by entering an event again. A data event
    /// of another table is another event.
    pub(crate) fn enter<E: Event>(&self, event: &E, quietly: bool) -> Result<Self> {
        let advice = "`ctx.cloud().quietly()` runs the bare operation, without handlers";
        self.extended(event, quietly, advice)
    }

    /// The nesting of an effect of this call. It runs with its handlers, always.
    pub(crate) fn enter_as_effect<E: Event>(&self, event: &E) -> Result<Self> {
        let advice = "an effect that leads to itself would never end: do all of it in one event, or \
                      a part of it at each tick of a `#[timer]`";
        self.extended(event, false, advice)
    }

    fn extended<E: Event>(&self, event: &E, quietly: bool, advice: &str) -> Result<Self> {
        let link = Link::of(event);
        let chain: Arc<[Link]> = self.chain.iter().chain([&link]).cloned().collect();
        if !quietly && self.chain.contains(&link) {
            let shown = show(&chain);
            return Err(Error::internal(format!(
                "a handler entered {link} again from within itself: {shown}; \
                 {advice}"
            )));
        }
        if chain.len() > MAX_DEPTH {
            let (depth, shown) = (chain.len(), show(&chain));
            return Err(Error::internal(format!(
                "calls within calls are {depth} deep, {MAX_DEPTH} are allowed: {shown}"
            )));
        }
        Ok(Self {
            chain,
            explanation: self.explanation.clone(),
            rehearsed: self.rehearsed,
        })
    }
}

fn show(chain: &[Link]) -> String {
    let links: Vec<_> = chain.iter().map(Link::to_string).collect();
    links.join(" > ")
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::Value as Json;

    use super::*;

    /// An event about a table, or about none.
    #[derive(Clone)]
    struct Asked(Option<&'static str>);

    impl Event for Asked {
        const NAME: &'static str = "ask";
        type Output = ();

        fn table(&self) -> Option<&str> {
            self.0
        }

        fn describe(&self) -> impl Serialize {
            Json::Null
        }

        fn describe_output((): &()) -> impl Serialize {
            Json::Null
        }
    }

    const PLAIN: Asked = Asked(None);

    #[test]
    fn the_same_event_of_the_same_table_twice_is_refused_with_its_chain() {
        let nesting = Nesting::outermost(&Asked(Some("Order")))
            .enter(&Asked(Some("Item")), false)
            .unwrap();
        let error = nesting.enter(&Asked(Some("Order")), false).unwrap_err();
        assert!(
            error
                .log()
                .contains("ask of Order > ask of Item > ask of Order"),
            "{}",
            error.log()
        );
    }

    #[test]
    fn a_quiet_call_may_enter_the_same_event() {
        assert!(Nesting::outermost(&PLAIN).enter(&PLAIN, true).is_ok());
    }

    #[test]
    fn depth_is_capped_even_for_quiet_calls() {
        let mut nesting = Nesting::outermost(&PLAIN);
        for _ in 1..MAX_DEPTH {
            nesting = nesting.enter(&PLAIN, true).unwrap();
        }
        let error = nesting.enter(&PLAIN, true).unwrap_err();
        assert!(error.log().contains("9 deep"), "{}", error.log());
    }
}
