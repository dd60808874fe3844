use std::{collections::BTreeMap, sync::Arc};

use super::{
    ArgumentReader, InvokeService, MethodInfo, ServiceMethod, ServiceRequest,
    invoke_service::{Bound, BoundArguments},
};
use crate::{
    Result,
    call::Call,
    custom_event::Answers,
    engine::{Engine, EngineInner},
    permissions::{Callable, permit_call},
    registration::Meta,
    registry::{Entry, Registry, Switch},
};

/// The services of an engine, by name.
pub(crate) type Services = BTreeMap<&'static str, Service>;

/// A service that is linked into this program.
pub(crate) struct Service {
    pub(super) name: &'static str,
    pub(crate) meta: Meta,
    /// Whether it is there for those who call it.
    pub(super) switch: Arc<Switch>,
    /// In the order in which they are tried: of two that a path reaches, the one with a fixed part
    /// further to the left comes first.
    pub(super) methods: Vec<Arc<Method>>,
}

/// A method of a service.
pub(crate) struct Method {
    pub(super) service: &'static str,
    pub(super) info: MethodInfo,
    pub(super) segments: Vec<Segment>,
    /// The service, the verb and the path: `magic-link POST /links/{id}`.
    pub(super) instance: String,
    read: fn(&mut ArgumentReader<'_>) -> Result<Arc<dyn BoundArguments>>,
    pub(super) entry: Entry<dyn Answers<InvokeService>>,
}

/// A part of a method's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// It is there, letter by letter.
    Fixed(&'static str),
    /// Something stands there, which the method gets under this name.
    Parameter(&'static str),
}

impl Service {
    /// The service of this name, whose methods are installed as it says.
    pub(crate) fn install(
        registry: &mut Registry,
        meta: Meta,
        name: &'static str,
        install: fn(&mut ServiceMethods<'_>),
    ) -> Self {
        let switch = registry.switch_of(&meta);
        let mut service = ServiceMethods {
            name,
            path: meta.path,
            switch: Arc::clone(&switch),
            registry,
            methods: Vec::new(),
        };
        install(&mut service);
        let mut methods = service.methods;
        methods.sort_by(|one, other| one.key().cmp(&other.key()));
        Self {
            name,
            meta,
            switch,
            methods,
        }
    }

    /// Whether the function of this path is one of its methods.
    pub(crate) fn has_method(&self, path: &str) -> bool {
        let mut methods = self.methods.iter();
        methods.any(|method| method.entry.meta.path == path)
    }

    /// The methods that are switched on, in the order in which they are tried.
    pub(super) fn running(&self) -> impl Iterator<Item = &Arc<Method>> {
        let methods = self.methods.iter();
        methods.filter(|method| method.entry.switch.is_on())
    }

    /// Methods that no call could tell apart, in pairs, with what both are called by.
    pub(crate) fn clashes(&self) -> impl Iterator<Item = (&str, &Meta, &Meta)> {
        let pairs = self.methods.windows(2).filter_map(|pair| match pair {
            [one, other] if one.key() == other.key() => Some((one, other)),
            _ => None,
        });
        pairs.map(|(one, other)| (one.label(), &one.entry.meta, &other.entry.meta))
    }
}

impl Method {
    /// Its verb and path: `POST /links/{id}`.
    pub(super) fn label(&self) -> &str {
        &self.instance[self.service.len() + 1..]
    }

    /// As permissions and refusals know it.
    pub(super) fn callable(&self) -> Callable<'_> {
        Callable::Method {
            service: self.service,
            method: self.label(),
        }
    }

    /// Whether it is there for this caller.
    pub(super) fn permits(&self, engine: &EngineInner, caller: &Call) -> bool {
        self.entry.switch.is_on()
            && permit_call(engine, caller, self.callable(), self.info.access).is_ok()
    }

    /// Makes sense of a call that reaches it.
    ///
    /// # Errors
    /// 14009 for an argument that is missing or unknown, 8008 for one that does not fit.
    pub(super) fn event(self: &Arc<Self>, call: ServiceRequest) -> Result<InvokeService> {
        let mut reader = ArgumentReader::of(self, call)?;
        let arguments = (self.read)(&mut reader)?;
        Ok(InvokeService::new(Arc::clone(self), arguments))
    }

    /// Two methods of one shape are reached by the same paths.
    pub(super) fn shape(&self) -> Vec<(bool, &'static str)> {
        let segments = self.segments.iter();
        let shape = segments.map(|segment| match segment {
            Segment::Fixed(text) => (false, *text),
            Segment::Parameter(_) => (true, ""),
        });
        shape.collect()
    }

    fn listed(&self) -> ListedMethod {
        ListedMethod {
            info: self.info,
            meta: self.entry.meta,
        }
    }

    fn key(&self) -> (Vec<(bool, &'static str)>, super::Verb) {
        (self.shape(), self.info.verb)
    }
}

/// The parts of a path as the attributes have it: `/links/{id}`.
fn segments(path: &'static str) -> Vec<Segment> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let parse = |segment: &'static str| {
        let inner = segment.strip_prefix('{');
        match inner.and_then(|inner| inner.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name),
            None => Segment::Fixed(segment),
        }
    };
    segments.map(parse).collect()
}

/// The methods of a service that is being installed. Not for people: it may change with any release.
#[doc(hidden)]
pub struct ServiceMethods<'a> {
    name: &'static str,
    path: &'static str,
    switch: Arc<Switch>,
    registry: &'a mut Registry,
    methods: Vec<Arc<Method>>,
}

impl ServiceMethods<'_> {
    /// Adds a method; `meta` is what is known about its function.
    pub fn method<M: ServiceMethod>(&mut self, meta: Meta) {
        let handler: Arc<dyn Answers<InvokeService>> = Arc::new(M::default());
        let switch = Switch::in_service(meta.order, self.path, Arc::clone(&self.switch));
        self.registry.switches.insert(meta.path, Arc::new(switch));
        self.methods.push(Arc::new(Method {
            service: self.name,
            info: M::INFO,
            segments: segments(M::INFO.path),
            instance: format!("{} {} {}", self.name, M::INFO.verb, M::INFO.path),
            read: |reader| Ok(Arc::new(Bound::<M>(M::read(reader)?))),
            entry: self.registry.entry_of::<InvokeService, _>(meta, handler),
        }));
    }
}

impl std::fmt::Debug for ServiceMethods<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let methods = self.methods.iter().map(|method| &method.instance);
        f.debug_list().entries(methods).finish()
    }
}

/// A service and its methods, for listings and documents.
#[derive(Clone, Debug)]
pub struct ListedService {
    /// Its name.
    pub name: &'static str,
    /// What is known about it.
    pub meta: Meta,
    /// Its methods, by path and verb.
    pub methods: Vec<ListedMethod>,
}

/// A method of a service, for listings and documents.
#[derive(Clone, Copy, Debug)]
pub struct ListedMethod {
    /// How it is called, and what it takes.
    pub info: MethodInfo,
    /// What is known about its function.
    pub meta: Meta,
}

impl Registry {
    /// The API services, by name, as [`Engine::services`] lists them.
    pub fn listed_services(&self) -> Vec<ListedService> {
        let services = self.services().iter();
        let listed = services.map(|(name, service)| ListedService {
            name,
            meta: service.meta,
            methods: service
                .methods
                .iter()
                .map(|method| method.listed())
                .collect(),
        });
        listed.collect()
    }
}

impl Engine {
    /// The API services that are linked into this program, by name.
    ///
    /// ```
    /// # fn list(engine: &vestibule_core::Engine) {
    /// for service in engine.services() {
    ///     for method in service.methods {
    ///         println!("{} /services/{}{}", method.info.verb, service.name, method.info.path);
    ///     }
    /// }
    /// # }
    /// ```
    pub fn services(&self) -> Vec<ListedService> {
        self.inner.registry.listed_services()
    }
}
