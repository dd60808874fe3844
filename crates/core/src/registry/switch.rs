use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use arc_swap::ArcSwapOption;

/// Whether a handler runs, and at which place: what may change while the server runs.
#[derive(Debug)]
pub struct Switch {
    order: AtomicI32,
    /// The place that it had at the start.
    own_order: i32,
    disabled: ArcSwapOption<Disabled>,
    /// The service whose method this is, if it is one: its switch counts as well.
    service: Option<(&'static str, Arc<Switch>)>,
}

/// Why a handler does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disabled {
    /// The operator switched it off.
    ByOperator,
    /// It failed so often in a row that the server switched it off.
    AfterFailures {
        /// How often.
        failures: u32,
        /// What it failed with in the end, in the words of the log.
        last: String,
    },
    /// It is a method, and its service does not run.
    WithItsService {
        /// The path of the service.
        service: &'static str,
    },
}

impl fmt::Display for Disabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByOperator => f.write_str("the operator switched it off"),
            Self::AfterFailures { failures, last } => {
                write!(
                    f,
                    "it failed {failures} times in a row, at last with: {last}"
                )
            }
            Self::WithItsService { service } => {
                write!(f, "the operator switched its service {service} off")
            }
        }
    }
}

impl Switch {
    /// One that is on.
    pub fn new(order: i32) -> Self {
        Self {
            order: AtomicI32::new(order),
            own_order: order,
            disabled: ArcSwapOption::empty(),
            service: None,
        }
    }

    /// One of a method, which runs as long as its service does.
    pub(crate) fn in_service(order: i32, service: &'static str, switch: Arc<Self>) -> Self {
        Self {
            service: Some((service, switch)),
            ..Self::new(order)
        }
    }

    /// Whether the handler runs.
    pub fn is_on(&self) -> bool {
        let service = self.service.as_ref();
        self.disabled.load().is_none() && service.is_none_or(|(_, service)| service.is_on())
    }

    /// Why it does not run, if it does not.
    pub fn disabled(&self) -> Option<Arc<Disabled>> {
        let with_its_service = || {
            let (path, switch) = self.service.as_ref()?;
            let disabled = Disabled::WithItsService { service: path };
            (!switch.is_on()).then(|| Arc::new(disabled))
        };
        self.disabled.load_full().or_else(with_its_service)
    }

    /// Its place among the others, as it counts now.
    pub fn order(&self) -> i32 {
        self.order.load(Ordering::Acquire)
    }

    /// The place that its author or the configuration gave it.
    pub fn own_order(&self) -> i32 {
        self.own_order
    }

    /// Switches it off, or on again. What it has an effect on is to be arranged anew.
    pub(crate) fn set_disabled(&self, disabled: Option<Disabled>) {
        self.disabled.store(disabled.map(Arc::new));
    }

    /// Switches it off for its failures; says whether it ran until now. What it has an effect on is to be
    /// arranged anew.
    pub(crate) fn disable_after_failures(&self, failures: u32, last: &str) -> bool {
        let disabled = Disabled::AfterFailures {
            failures,
            last: last.to_owned(),
        };
        // What somebody else said at the same time stays said.
        let before = self
            .disabled
            .compare_and_swap(&None::<Arc<Disabled>>, Some(Arc::new(disabled)));
        before.is_none()
    }

    /// Gives it another place, or its own one back. What it stands in is to be arranged anew.
    pub(crate) fn follow(&self, order: Option<i32>) {
        self.order
            .store(order.unwrap_or(self.own_order), Ordering::Release);
    }
}
