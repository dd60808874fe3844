use std::any::Any;

use super::{Entry, Line};
use crate::{
    custom_event::Answers,
    event::Event,
    handler::{After, Before, Observer},
    registration::{Meta, Phase},
};

/// The handlers of one event.
pub(crate) struct Chain<E: Event> {
    pub(crate) before: Line<dyn Before<E>>,
    pub(crate) after: Line<dyn After<E>>,
    pub(crate) observers: Line<dyn Observer<E>>,
    /// Who does the work, if the event is the app's own.
    pub(crate) answer: Option<Entry<dyn Answers<E>>>,
}

impl<E: Event> Default for Chain<E> {
    fn default() -> Self {
        Self {
            before: Line::default(),
            after: Line::default(),
            observers: Line::default(),
            answer: None,
        }
    }
}

impl<E: Event> Chain<E> {
    /// Whether anybody has a say in what becomes of a call, or could be switched on to have it.
    pub(crate) fn has_a_say(&self) -> bool {
        !self.before.has_nobody() || !self.after.has_nobody()
    }
}

/// A chain, whatever its event.
pub(super) trait AnyChain: Any + Send + Sync {
    /// Lets those run that are switched on, in their order.
    fn arrange(&self);

    /// The handlers of each phase, switched off or not, in the order in which they would run.
    ///
    /// # Errors
    /// Those who wait for each other.
    fn phases(&self) -> Result<Vec<(Phase, Vec<&'static str>)>, Vec<Meta>>;

    /// What is known about the handlers of each phase.
    fn metas(&self) -> [Vec<Meta>; 3];

    fn as_any(&self) -> &dyn Any;

    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<E: Event> AnyChain for Chain<E> {
    fn arrange(&self) {
        self.before.arrange();
        self.after.arrange();
        self.observers.arrange();
    }

    fn phases(&self) -> Result<Vec<(Phase, Vec<&'static str>)>, Vec<Meta>> {
        fn paths<H: ?Sized>(line: &Line<H>) -> Result<Vec<&'static str>, Vec<Meta>> {
            let sorted = line.sorted()?.into_iter();
            Ok(sorted.map(|entry| entry.meta.path).collect())
        }
        Ok(vec![
            (Phase::Before, paths(&self.before)?),
            (Phase::After, paths(&self.after)?),
            (Phase::Observe, paths(&self.observers)?),
        ])
    }

    fn metas(&self) -> [Vec<Meta>; 3] {
        [
            self.before.metas().copied().collect(),
            self.after.metas().copied().collect(),
            self.observers.metas().copied().collect(),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
