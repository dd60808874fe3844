use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use vestibule_model::USERS;

use crate::{
    custom_event::{Answers, CallableBy, CustomEvent, CustomEvents, Door},
    event::Event,
    handler::{After, Before, Observer, ObserverOfAll},
    handler_stats::HandlerStats,
    operations::EVENT_NAMES,
    registration::{Meta, Phase, Registration},
};

/// A handler and what is known about it.
pub(crate) struct Entry<H: ?Sized> {
    /// Its place in [`Registry::paths`], for the watchdog.
    pub(crate) number: u32,
    pub(crate) meta: Meta,
    pub(crate) stats: Arc<HandlerStats>,
    pub(crate) handler: Arc<H>,
}

impl<H: ?Sized> Entry<H> {
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
            handler: Arc::clone(&self.handler),
        }
    }
}

/// The handlers of one event, in the order in which they run.
pub(crate) struct Chain<E: Event> {
    pub(crate) before: Vec<Entry<dyn Before<E>>>,
    pub(crate) after: Vec<Entry<dyn After<E>>>,
    pub(crate) observers: Vec<Entry<dyn Observer<E>>>,
    /// Who does the work, if the event is the app's own.
    pub(crate) answer: Option<Entry<dyn Answers<E>>>,
}

impl<E: Event> Default for Chain<E> {
    fn default() -> Self {
        Self {
            before: Vec::new(),
            after: Vec::new(),
            observers: Vec::new(),
            answer: None,
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
    chains: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    observers_of_all: Vec<Entry<dyn ObserverOfAll>>,
    listed: Vec<ListedHandler>,
    paths: Vec<&'static str>,
    custom_events: CustomEvents,
    misplaced: Option<RegistryError>,
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
}

/// What the configuration says about handlers, by their path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandlerConfig {
    /// Handlers that do not run.
    pub disable: Vec<String>,
    /// Handlers that run in another order than their own.
    pub order: BTreeMap<String, i32>,
    /// Handlers without which the engine must not start.
    pub expect: Vec<String>,
}

/// Why the handlers do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two handlers have one name, so that configuration and metrics could not tell them apart.
    #[error(
        "two handlers are called {path}: one at {first}, one at {second}; {}",
        if first == second { "it is named twice" } else { "rename one of them" }
    )]
    Duplicate {
        /// The name.
        path: &'static str,
        /// Where the first one stands.
        first: String,
        /// Where the second one stands.
        second: String,
    },
    /// The configuration names a handler that is not linked.
    #[error(
        "the configuration ({setting}) names the handler {path}, which is not linked into this \
         server; {advice}. linked are: {linked}"
    )]
    Unknown {
        /// The part of the configuration.
        setting: &'static str,
        /// The name.
        path: String,
        /// What to do about it.
        advice: String,
        /// The names that would do.
        linked: String,
    },
    /// A handler asks for rows of `Users` under the name of an event that they never are.
    #[error(
        "the handler {path} at {place} waits for {event} of the table Users, which never comes: \
         users have events of their own; make it a handler of {instead}"
    )]
    UsersHaveEventsOfTheirOwn {
        /// The handler's name.
        path: &'static str,
        /// Where it stands.
        place: String,
        /// The event that it asks for.
        event: &'static str,
        /// What to ask for instead.
        instead: &'static str,
    },
    /// Two handlers answer one event, so that nobody could say who does.
    #[error(
        "the event {event} is answered twice: at {first} and at {second}; take one of them away"
    )]
    AnsweredTwice {
        /// The event.
        event: &'static str,
        /// Where the first one stands.
        first: String,
        /// Where the second one stands.
        second: String,
    },
    /// A custom event has the name of one that every app has.
    #[error(
        "the event {event}, answered at {place}, has the name of an event that every app has; give it another one"
    )]
    ReservedEventName {
        /// The event.
        event: &'static str,
        /// Where it is answered.
        place: String,
    },
    /// The configuration both expects and disables a handler.
    #[error(
        "the configuration both expects and disables the handler {path}; take one of them away"
    )]
    ExpectedAndDisabled {
        /// The name.
        path: String,
    },
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
    /// Refuses two handlers of one name, and a configuration that names what is not there.
    pub fn of(
        registrations: impl IntoIterator<Item = Registration>,
        config: &HandlerConfig,
    ) -> Result<Self, RegistryError> {
        let mut by_path: BTreeMap<&'static str, Registration> = BTreeMap::new();
        for registration in registrations {
            if let Some(other) = by_path.insert(registration.meta.path, registration) {
                return Err(RegistryError::Duplicate {
                    path: registration.meta.path,
                    first: place(&other.meta),
                    second: place(&registration.meta),
                });
            }
        }
        config.check(&by_path.keys().copied().collect::<Vec<_>>())?;
        let mut registry = Self::default();
        for (path, registration) in by_path {
            if config.disable.iter().any(|disabled| disabled == path) {
                continue;
            }
            let mut meta = registration.meta;
            if let Some(order) = config.order.get(path) {
                meta.order = *order;
            }
            (registration.install)(&mut registry, meta);
        }
        if let Some(misplaced) = registry.misplaced {
            return Err(misplaced);
        }
        registry.listed.sort_by_key(|listed| {
            (
                listed.event,
                listed.meta.phase,
                listed.meta.order,
                listed.meta.path,
            )
        });
        Ok(registry)
    }

    /// Every handler in the chain of every event, in the order in which they run.
    pub fn handlers(&self) -> &[ListedHandler] {
        &self.listed
    }

    /// Adds a before handler. Called by what the attributes expand to.
    pub fn before<E: Event>(&mut self, meta: Meta, handler: impl Before<E>) {
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        insert(&mut self.chain_mut::<E>().before, entry);
    }

    /// Adds an after handler. Called by what the attributes expand to.
    pub fn after<E: Event>(&mut self, meta: Meta, handler: impl After<E>) {
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        insert(&mut self.chain_mut::<E>().after, entry);
    }

    /// Adds an observer of one event. Called by what the attributes expand to.
    pub fn observer<E: Event>(&mut self, meta: Meta, handler: impl Observer<E>) {
        let entry = self.entry_of::<E, _>(meta, Arc::new(handler) as _);
        insert(&mut self.chain_mut::<E>().observers, entry);
    }

    /// Adds an observer of all events. Called by what the attributes expand to.
    pub fn observer_of_all(&mut self, meta: Meta, handler: impl ObserverOfAll) {
        let entry = self.entry("*", meta, Arc::new(handler) as _);
        insert(&mut self.observers_of_all, entry);
    }

    /// Adds the handler that answers a custom event. Called by what the attributes expand to.
    pub fn answer<E: CustomEvent>(&mut self, meta: Meta, handler: impl Answers<E>) {
        if EVENT_NAMES.contains(&E::NAME) {
            self.misplaced = Some(RegistryError::ReservedEventName {
                event: E::NAME,
                place: place(&meta),
            });
            return;
        }
        let door = Door::of::<E>(meta);
        if let Some(other) = self.custom_events.insert(E::NAME, door) {
            self.misplaced = Some(RegistryError::AnsweredTwice {
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

    /// How to run the custom event of this name, if somebody answers it.
    pub(crate) fn custom_event(&self, name: &str) -> Option<Door> {
        self.custom_events.get(name).copied()
    }

    /// The names of the custom events that somebody answers.
    pub fn custom_events(&self) -> impl Iterator<Item = &'static str> {
        self.custom_events.keys().copied()
    }

    /// The handlers of an event; `None` is the one branch that an event without handlers costs.
    pub(crate) fn chain<E: Event>(&self) -> Option<&Chain<E>> {
        self.chains
            .get(&TypeId::of::<E>())
            .and_then(|chain| chain.downcast_ref())
    }

    /// The path of each entry, by its number.
    pub(crate) fn paths(&self) -> &[&'static str] {
        &self.paths
    }

    pub(crate) fn observers_of_all(&self) -> &[Entry<dyn ObserverOfAll>] {
        &self.observers_of_all
    }

    fn chain_mut<E: Event>(&mut self) -> &mut Chain<E> {
        self.chains
            .entry(TypeId::of::<E>())
            .or_insert_with(|| Box::new(Chain::<E>::default()))
            .downcast_mut()
            .expect("the reason it is a chain of `E`: it was put under the type id of `E`")
    }

    fn entry_of<E: Event, H: ?Sized>(&mut self, meta: Meta, handler: Arc<H>) -> Entry<H> {
        if let (Some(instead), Some(USERS)) = (E::OF_USERS, meta.table) {
            self.misplaced = Some(RegistryError::UsersHaveEventsOfTheirOwn {
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
        self.listed.push(ListedHandler {
            event,
            meta,
            access: None,
            stats: Arc::clone(&stats),
        });
        let number = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(meta.path);
        Entry {
            number,
            meta,
            stats,
            handler,
        }
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.listed.iter().map(|listed| listed.meta.path))
            .finish()
    }
}

impl HandlerConfig {
    fn check(&self, linked: &[&'static str]) -> Result<(), RegistryError> {
        let named = [
            ("handlers.disable", &self.disable),
            ("expect_handlers", &self.expect),
        ]
        .into_iter()
        .flat_map(|(setting, paths)| paths.iter().map(move |path| (setting, path)))
        .chain(self.order.keys().map(|path| ("handlers.order", path)));
        for (setting, path) in named {
            if !linked.contains(&path.as_str()) {
                return Err(RegistryError::Unknown {
                    setting,
                    path: path.clone(),
                    advice: advice(path, linked),
                    linked: if linked.is_empty() {
                        "none".to_owned()
                    } else {
                        linked.join(", ")
                    },
                });
            }
        }
        match self.expect.iter().find(|path| self.disable.contains(path)) {
            Some(path) => Err(RegistryError::ExpectedAndDisabled { path: path.clone() }),
            None => Ok(()),
        }
    }
}

/// A name that looks like the one that was meant; or else the crate that may be missing.
fn advice(path: &str, linked: &[&'static str]) -> String {
    let last = |path: &str| path.rsplit("::").next().unwrap_or_default().to_owned();
    let alike = |other: &str| {
        strsim::jaro_winkler(path, other).max(strsim::jaro_winkler(&last(path), &last(other)))
    };
    let nearest = linked
        .iter()
        .max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match (
        nearest.filter(|nearest| alike(nearest) > 0.9),
        path.split_once("::"),
    ) {
        (Some(nearest), _) => format!("did you mean {nearest}?"),
        (None, Some((name, _))) => {
            format!("name its crate in the server (`use {name} as _;`) or mend the name")
        }
        (None, None) => "a handler's name is `crate::module::function`".to_owned(),
    }
}

fn insert<H: ?Sized>(entries: &mut Vec<Entry<H>>, entry: Entry<H>) {
    let key = |meta: &Meta| (meta.order, meta.path);
    let at = entries.partition_point(|other| key(&other.meta) <= key(&entry.meta));
    entries.insert(at, entry);
}

fn place(meta: &Meta) -> String {
    format!("{}:{}", meta.file, meta.line)
}

/// The phases in the order in which they run, for listings.
pub const PHASES: [Phase; 4] = [Phase::Before, Phase::Answer, Phase::After, Phase::Observe];
