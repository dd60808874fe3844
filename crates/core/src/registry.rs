mod arrangement;
mod chain;
mod changing;
mod config;
mod error;
mod line;
mod switch;
mod tables;

use std::{
    any::TypeId,
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use vestibule_model::USERS;

use self::chain::AnyChain;
use self::config::advice;
pub(crate) use self::{
    chain::Chain,
    line::{Line, Running, entries},
};
pub use self::{
    config::HandlerConfig,
    error::RegistryError,
    switch::{Disabled, Switch},
};
use crate::{
    custom_event::{Answers, CallableBy, CustomEvent, CustomEvents, Door},
    engine::EngineInner,
    event::Event,
    handler::{After, Before, Observer, ObserverOfAll},
    handler_stats::{FailureKind, HandlerStats, LastFailure},
    operations::EVENT_NAMES,
    registration::{Meta, OnFailure, Phase, Registration},
    services::{Service, ServiceMethods, Services},
    timers::{RunTimer, Schedule, Ticks, Timer, Timers},
};

/// A handler and what is known about it.
pub(crate) struct Entry<H: ?Sized> {
    /// Its place in [`Registry::paths`], for the watchdog.
    pub(crate) number: u32,
    pub(crate) meta: Meta,
    pub(crate) stats: Arc<HandlerStats>,
    pub(crate) switch: Arc<Switch>,
    pub(crate) handler: Arc<H>,
}

impl<H: ?Sized> Entry<H> {
    /// Writes down that the handler failed. Whoever fails too often in a row is switched off, if its
    /// author wanted that.
    pub(crate) fn failed(&self, kind: FailureKind, error: &str, engine: &EngineInner) {
        let failure = LastFailure::new(engine.clock.now(), kind, error);
        count_failure(&self.meta, &self.stats, &self.switch, failure, engine);
    }

    /// Writes down that the handler did what it should.
    pub(crate) fn succeeded(&self) {
        if self.meta.disable_after.is_some() {
            self.stats.count_success();
        }
    }

    /// Whether the handler is for this event: for all of its kind, or for those of its table.
    pub(crate) fn is_for<E: Event>(&self, event: &E) -> bool {
        self.meta
            .table
            .is_none_or(|table| event.table() == Some(table))
    }
}

impl<H: ?Sized> Clone for Entry<H> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            meta: self.meta,
            stats: Arc::clone(&self.stats),
            switch: Arc::clone(&self.switch),
            handler: Arc::clone(&self.handler),
        }
    }
}

/// All handlers of an engine.
///
/// ```
/// use vestibule_core::{HandlerConfig, Registry};
///
/// let registry = Registry::collected(&HandlerConfig::default())?;
/// for handler in registry.handlers() {
///     println!("{} runs {} {}", handler.meta.path, handler.meta.phase.as_str(), handler.event);
/// }
/// # Ok::<(), vestibule_core::RegistryError>(())
/// ```
///
/// The trap: a handler crate that nothing names is not linked, and its handlers are silently
/// missing. Name it in one place (`use guest_limits as _;`), and pin what must be there with
/// [`HandlerConfig::expect`].
#[derive(Default)]
pub struct Registry {
    chains: BTreeMap<TypeId, (&'static str, Box<dyn AnyChain>)>,
    observers_of_all: Line<dyn ObserverOfAll>,
    listed: Vec<ListedHandler>,
    paths: Vec<&'static str>,
    pub(crate) switches: BTreeMap<&'static str, Arc<Switch>>,
    /// What the configuration says of handlers.
    config: HandlerConfig,
    /// Whoever arranges handlers does it alone, lest what was seen earlier is written later.
    arranging: Mutex<()>,
    custom_events: CustomEvents,
    services: Services,
    timers: Timers,
    /// What does not fit together, in the order of the handlers' paths.
    misplaced: Vec<RegistryError>,
    /// Whether the handler that is being added is one that the configuration disables: of it nothing is
    /// kept but its place between the others.
    adds_disabled: bool,
}

/// One handler in the chain of one event.
#[derive(Clone, Debug)]
pub struct ListedHandler {
    /// The event, or `*` for an observer of all.
    pub event: &'static str,
    /// What is known about the handler.
    pub meta: Meta,
    /// Who may run the event from outside, if this is the handler that answers it.
    pub access: Option<CallableBy>,
    /// How it fared so far.
    pub stats: Arc<HandlerStats>,
    /// Whether it runs, and at which place.
    pub switch: Arc<Switch>,
}

impl Registry {
    /// Everything that is linked into this program. The order of linking never matters.
    ///
    /// # Errors
    /// Refuses two handlers of one name, and a configuration that names what is not there.
    pub fn collected(config: &HandlerConfig) -> Result<Self, RegistryError> {
        Self::of(inventory::iter::<Registration>.into_iter().copied(), config)
    }

    /// These handlers and no others.
    ///
    /// # Errors
    /// Refuses two handlers of one name, a configuration that names what is not there, wishes that cannot
    /// be granted, and whatever else does not fit together: all of it at once.
    pub fn of(
        registrations: impl IntoIterator<Item = Registration>,
        config: &HandlerConfig,
    ) -> Result<Self, RegistryError> {
        let mut registry = Self {
            config: config.clone(),
            ..Self::default()
        };
        let mut by_path: BTreeMap<&'static str, Registration> = BTreeMap::new();
        for registration in registrations {
            if let Some(other) = by_path.insert(registration.meta.path, registration) {
                registry.misplaced.push(RegistryError::Duplicate {
                    path: registration.meta.path,
                    first: place(&other.meta),
                    second: place(&registration.meta),
                });
            }
        }
        let linked: Vec<_> = by_path.keys().copied().collect();
        registry.misplaced.extend(config.mistakes(&linked));
        for (path, registration) in by_path {
            registry.adds_disabled = config.disable.iter().any(|disabled| disabled == path);
            let mut meta = registration.meta;
            if let Some(order) = config.order.get(path) {
                meta.order = *order;
            }
            (registration.install)(&mut registry, meta);
        }
        let mut misplaced = std::mem::take(&mut registry.misplaced);
        misplaced.extend(registry.impossible_wishes(&linked));
        registry.arrange();
        RegistryError::all_of(misplaced).map_or(Ok(registry), Err)
    }

    /// Every handler in the chain of every event, switched off or not, in the order in which they run
    /// now.
    pub fn handlers(&self) -> Vec<ListedHandler> {
        let places = self.places();
        let mut listed = self.listed.clone();
        listed.sort_by_key(|listed| {
            let (event, phase, path) = (listed.event, listed.meta.phase, listed.meta.path);
            let place = places.get(&(event, phase, path)).copied();
            (event, phase, place.unwrap_or_default(), path)
        });
        listed
    }

    /// Adds a before handler. Called by what the attributes expand to.
    pub fn before<E: Event>(&mut self, meta: Meta, handler: impl Before<E>) {
        if self.adds_disabled {
            return self.chain_mut::<E>().before.push_disabled(meta);
        }
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        self.chain_mut::<E>().before.push(entry);
    }

    /// Adds an after handler. Called by what the attributes expand to.
    pub fn after<E: Event>(&mut self, meta: Meta, handler: impl After<E>) {
        if self.adds_disabled {
            return self.chain_mut::<E>().after.push_disabled(meta);
        }
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        self.chain_mut::<E>().after.push(entry);
    }

    /// Adds an observer of one event. Called by what the attributes expand to.
    pub fn observer<E: Event>(&mut self, meta: Meta, handler: impl Observer<E>) {
        if self.adds_disabled {
            return self.chain_mut::<E>().observers.push_disabled(meta);
        }
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        self.chain_mut::<E>().observers.push(entry);
    }

    /// Adds an observer of all events. Called by what the attributes expand to.
    pub fn observer_of_all(&mut self, meta: Meta, handler: impl ObserverOfAll) {
        if self.adds_disabled {
            return self.observers_of_all.push_disabled(meta);
        }
        let entry = self.entry("*", meta, Arc::new(handler) as _);
        self.observers_of_all.push(entry);
    }

    /// Adds the handler that answers a custom event. Called by what the attributes expand to.
    pub fn answer<E: CustomEvent>(&mut self, meta: Meta, handler: impl Answers<E>) {
        if self.adds_disabled {
            return;
        }
        if EVENT_NAMES.contains(&E::NAME) {
            self.misplaced.push(RegistryError::ReservedEventName {
                event: E::NAME,
                place: place(&meta),
            });
            return;
        }
        let door = Door::of::<E>(meta);
        if let Some(other) = self.custom_events.insert(E::NAME, door) {
            self.misplaced.push(RegistryError::AnsweredTwice {
                event: E::NAME,
                first: place(&other.meta),
                second: place(&meta),
            });
        }
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        if let Some(listed) = self.listed.last_mut() {
            listed.access = Some(E::ACCESS);
        }
        self.chain_mut::<E>().answer = Some(entry);
    }

    /// Adds a timer. Called by what the attribute expands to.
    pub fn timer(&mut self, meta: Meta, schedule: Schedule, handler: impl Answers<RunTimer>) {
        if self.adds_disabled {
            return;
        }
        let ticks = match Ticks::of(schedule) {
            Ok(ticks) => ticks,
            Err(why) => {
                self.misplaced.push(RegistryError::ImpossibleTimer {
                    path: meta.path,
                    place: place(&meta),
                    why,
                });
                return;
            }
        };
        let entry = self.entry_of::<RunTimer, _>(meta, Arc::new(handler) as _);
        let timer = Timer {
            schedule,
            ticks,
            entry,
        };
        self.timers.insert(meta.path, timer);
    }

    /// The timers, by path.
    pub(crate) fn timers(&self) -> &Timers {
        &self.timers
    }

    /// Adds an API service. Called by what the attribute expands to.
    pub fn service(
        &mut self,
        meta: Meta,
        name: &'static str,
        methods: fn(&mut ServiceMethods<'_>),
    ) {
        if self.adds_disabled {
            return;
        }
        let service = Service::install(self, meta, name, methods);
        let clashes = service.clashes();
        self.misplaced.extend(
            clashes.map(|(method, first, second)| RegistryError::MethodTwice {
                service: name,
                method: method.to_owned(),
                first: place(first),
                second: place(second),
            }),
        );
        if let Some(other) = self.services.insert(name, service) {
            self.misplaced.push(RegistryError::ServiceTwice {
                service: name,
                first: place(&other.meta),
                second: place(&meta),
            });
        }
    }

    /// The API services, by name.
    pub(crate) fn services(&self) -> &Services {
        &self.services
    }

    /// How to run the custom event of this name, if somebody answers it now.
    pub(crate) fn custom_event(&self, name: &str) -> Option<Door> {
        let door = self.custom_events.get(name).copied()?;
        let switch = self.switches.get(door.meta.path)?;
        switch.is_on().then_some(door)
    }

    /// The names of the custom events that somebody answers.
    pub fn custom_events(&self) -> impl Iterator<Item = &'static str> {
        self.custom_events.keys().copied()
    }

    /// The handlers of an event; `None` is the one branch that an event without handlers costs.
    pub(crate) fn chain<E: Event>(&self) -> Option<&Chain<E>> {
        self.chains
            .get(&TypeId::of::<E>())
            .and_then(|(_, chain)| chain.as_any().downcast_ref())
    }

    /// The path of each entry, by its number.
    pub(crate) fn paths(&self) -> &[&'static str] {
        &self.paths
    }

    pub(crate) fn observers_of_all(&self) -> &Line<dyn ObserverOfAll> {
        &self.observers_of_all
    }

    fn chain_mut<E: Event>(&mut self) -> &mut Chain<E> {
        self.chains
            .entry(TypeId::of::<E>())
            .or_insert_with(|| (E::NAME, Box::new(Chain::<E>::default())))
            .1
            .as_any_mut()
            .downcast_mut()
            .expect("the reason it is a chain of `E`: it was put under the type id of `E`")
    }

    pub(crate) fn entry_of<E: Event, H: ?Sized>(
        &mut self,
        meta: Meta,
        handler: Arc<H>,
    ) -> Entry<H> {
        if let (Some(instead), Some(USERS)) = (E::OF_USERS, meta.table) {
            self.misplaced
                .push(RegistryError::UsersHaveEventsOfTheirOwn {
                    path: meta.path,
                    place: place(&meta),
                    event: E::NAME,
                    instead,
                });
        }
        self.entry(E::NAME, meta, handler)
    }

    fn entry<H: ?Sized>(&mut self, event: &'static str, meta: Meta, handler: Arc<H>) -> Entry<H> {
        let stats = Arc::new(HandlerStats::default());
        let switch = self.switch_of(&meta);
        self.listed.push(ListedHandler {
            event,
            meta,
            access: None,
            stats: Arc::clone(&stats),
            switch: Arc::clone(&switch),
        });
        let number = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(meta.path);
        Entry {
            number,
            meta,
            stats,
            switch,
            handler,
        }
    }

    /// One switch a handler, however many events it is for.
    pub(crate) fn switch_of(&mut self, meta: &Meta) -> Arc<Switch> {
        let switch = self.switches.entry(meta.path);
        let switch = switch.or_insert_with(|| Arc::new(Switch::new(meta.order)));
        Arc::clone(switch)
    }
}

/// Counts a failure of a handler, of whatever kind it is: the program has this once.
fn count_failure(
    meta: &Meta,
    stats: &HandlerStats,
    switch: &Switch,
    failure: LastFailure,
    engine: &EngineInner,
) {
    let error = failure.error.clone();
    let failures = stats.count_failure(failure);
    // Whoever makes a guard fail would be rid of it.
    let guards = meta.phase != Phase::Observe && meta.on_failure == OnFailure::Closed;
    if guards || meta.disable_after.is_none_or(|most| failures < most) {
        return;
    }
    if switch.disable_after_failures(failures, &error) {
        engine.registry.arrange();
        let path = meta.path;
        tracing::error!(
            handler.name = path,
            failures,
            error,
            "a handler failed so often in a row that it is switched off; mend it, and switch it on \
             again by PATCH /admin/api/handlers/{path} or a restart"
        );
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.listed.iter().map(|listed| listed.meta.path))
            .finish()
    }
}

fn place(meta: &Meta) -> String {
    format!("{}:{}", meta.file, meta.line)
}

/// The phases in the order in which they run, for listings.
pub const PHASES: [Phase; 6] = [
    Phase::Before,
    Phase::Answer,
    Phase::Service,
    Phase::Timer,
    Phase::After,
    Phase::Observe,
];
