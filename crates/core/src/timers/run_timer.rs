use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::Timestamp;

use crate::{
    Error, Result,
    context::Context,
    event::{
        Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    pipeline::run_answer,
    settlement::Performed,
};

/// A timer runs: its tick has come, or an operator wants it.
///
/// Backendless: a timer, event 800. Nobody outside can ask for it; before handlers may refuse it (while
/// the app is being looked after, say), and observers see it.
#[derive(Clone, Debug)]
pub struct RunTimer {
    timer: &'static str,
    due: Option<Timestamp>,
    missed: u64,
}

impl RunTimer {
    pub(crate) fn new(timer: &'static str, due: Option<Timestamp>, missed: u64) -> Self {
        Self { timer, due, missed }
    }

    /// The name of the timer: `crate::module::function`.
    pub fn timer(&self) -> &'static str {
        self.timer
    }

    /// The tick, which may have been a while ago; none if somebody runs the timer by hand.
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// How many earlier ticks this run stands for as well, since no server ran when they came, or the
    /// timer still did. Those of a crontab are counted up to ten thousand.
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Event for RunTimer {
    const NAME: &'static str = "runTimer";
    type Output = ();

    fn instance(&self) -> Option<&str> {
        Some(self.timer)
    }

    fn describe(&self) -> impl Serialize {
        json!({
            "timer": self.timer,
            "due": self.due.map(Timestamp::as_millis),
            "missed": self.missed,
        })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for RunTimer {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let name = input.text("timer")?;
        let timers = input.engine().registry.timers();
        let Some((timer, _)) = timers.get_key_value(name.as_str()) else {
            return Err(input.unfit("timer", "there is no such timer"));
        };
        let missed = input.fitting("missed", "a whole number", Json::as_u64)?;
        Ok(Self {
            timer,
            due: input.number("due")?.map(Timestamp::from_millis),
            missed: missed.unwrap_or_default(),
        })
    }
}

impl Sealed for RunTimer {}

impl Operation for RunTimer {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Only the engine makes one.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let timers = ctx.shared.engine.registry.timers();
        let Some(timer) = timers.get(self.timer) else {
            let log = format!("there is no timer {}", self.timer);
            return Err(Error::internal(log));
        };
        run_answer(&timer.entry, self, ctx)
            .await
            .map(Performed::done)
    }
}
