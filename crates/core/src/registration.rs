use std::time::Duration;

use crate::registry::Registry;

/// Time a handler has, unless it says otherwise; the limit of the platform whose API we speak.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time that one run of a timer has, unless it says otherwise: nobody waits for it.
pub const DEFAULT_TIMER_TIMEOUT: Duration = Duration::from_secs(60);

/// One handler as the attributes submit it: what is known about it, and how to install it.
///
/// The item itself is not generic, so that `inventory` can collect all of them in one list; the
/// function in it knows the event.
#[derive(Clone, Copy)]
pub struct Registration {
    pub(crate) meta: Meta,
    pub(crate) install: fn(&mut Registry, Meta),
}

inventory::collect!(Registration);

impl Registration {
    /// Describes a handler. Called by the attributes; there is no need to call it by hand.
    pub const fn new(meta: Meta, install: fn(&mut Registry, Meta)) -> Self {
        Self { meta, install }
    }
}

/// What is known about a handler before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its name everywhere: `crate::module::function`.
    pub path: &'static str,
    /// When it runs.
    pub phase: Phase,
    /// The only table it is for, if its event is about records of a table; none for all.
    pub table: Option<&'static str>,
    /// Handlers of one phase run in ascending order, those of the same order by path.
    pub order: i32,
    /// Handlers of the same events and phase that are to run later, whatever the orders say.
    pub runs_before: &'static [&'static str],
    /// Handlers of the same events and phase that are to run earlier, whatever the orders say.
    pub runs_after: &'static [&'static str],
    /// How long one call of it may take.
    pub timeout: Duration,
    /// What its failure means for the call.
    pub on_failure: OnFailure,
    /// After how many failures in a row the server switches it off; never, if there is none. A handler
    /// that fails closed guards something, and is never switched off by its failures.
    pub disable_after: Option<u32>,
    /// The file that it stands in.
    pub file: &'static str,
    /// The line that it stands on.
    pub line: u32,
}

impl Meta {
    /// The crate that the handler comes from.
    pub fn crate_name(&self) -> &'static str {
        self.path.split("::").next().unwrap_or(self.path)
    }
}

/// When a handler runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Before the operation.
    Before,
    /// In the operation's place, of an event of the app's own.
    Answer,
    /// In the operation's place, of a call of an API service.
    Service,
    /// When its time has come.
    Timer,
    /// After the operation.
    After,
    /// When the call has ended.
    Observe,
}

impl Phase {
    /// The phase as the attribute is called.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Answer => "answer",
            Self::Service => "service",
            Self::Timer => "timer",
            Self::After => "after",
            Self::Observe => "observe",
        }
    }
}

/// What the failure of a handler (a panic, its deadline, an internal error) means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// The call fails too. Right for whatever guards something; the default.
    Closed,
    /// The call goes on as if the handler had not run.
    Open,
}

impl OnFailure {
    /// The policy as it is written in the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}
