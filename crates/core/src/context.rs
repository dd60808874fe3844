use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use vestibule_model::{Actor, AuditRecord, KeyKind, Monotonic, ObjectId, Settings, Timestamp};
use vestibule_storage::Change;

use crate::{
    Result,
    call::Call,
    cloud_code::CloudCode,
    effects::Effects,
    engine::EngineInner,
    event::Event,
    explanation::Note,
    extensions::Extensions,
    nesting::Nesting,
    observer::Ending,
    pipeline::Handlers,
    response::{Response, ResponseParts},
    secret::Secret,
};

/// What a handler may know and do during one call.
///
/// Handlers borrow it; it cannot be kept. All handlers of a call share its
/// [`extensions`](Context::extensions) and its [`response`](Context::response).
pub struct Context {
    pub(crate) shared: Arc<Shared>,
    /// The path of the handler that is running, for the audit trail; none while the operation runs.
    handler: Option<&'static str>,
    /// The path of the handler that answered in the operation's place, if one did.
    answered_by: Option<&'static str>,
    /// Whether neither before nor after handlers run.
    quiet: bool,
    /// Where the call writes down what it does, if somebody wants that.
    note: Option<Note>,
}

/// What the handlers and the operation of one call share.
pub(crate) struct Shared {
    pub(crate) engine: Arc<EngineInner>,
    pub(crate) call: Arc<Call>,
    pub(crate) nesting: Nesting,
    /// Whose power is used, if it is not the caller's own.
    pub(crate) actor: Option<Actor>,
    pub(crate) effects: Effects,
    /// How the call ends if the handler that does its work was terminated.
    pub(crate) terminated: OnceLock<Ending>,
    extensions: Extensions,
    response: Response,
}

/// What handlers wanted at one moment.
pub(crate) struct Wishes {
    response: ResponseParts,
    effects: usize,
}

impl Context {
    pub(crate) fn new(
        engine: Arc<EngineInner>,
        call: impl Into<Arc<Call>>,
        nesting: Nesting,
        actor: Option<Actor>,
    ) -> Self {
        let (extensions, response) = (Extensions::default(), Response::default());
        let shared = Shared {
            engine,
            call: call.into(),
            nesting,
            actor,
            effects: Effects::default(),
            terminated: OnceLock::new(),
            extensions,
            response,
        };
        Self {
            shared: Arc::new(shared),
            handler: None,
            answered_by: None,
            quiet: false,
            note: None,
        }
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.shared.engine.clock.now()
    }

    /// The clock that never jumps: for quotas, back-offs and anything else that measures time.
    pub fn monotonic(&self) -> Monotonic {
        self.shared.engine.clock.monotonic()
    }

    /// Where the call comes from.
    pub fn call(&self) -> &Call {
        &self.shared.call
    }

    /// The app's settings as they stand now.
    pub fn settings(&self) -> Arc<Settings> {
        self.shared.engine.settings.current()
    }

    /// State that outlives the call: one value per type and engine, made when first asked for.
    /// Whoever can name the type shares the value; a private type is a handler's own.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// # use vestibule_core::Context;
    ///
    /// #[derive(Default)]
    /// struct Calls(AtomicU64);
    ///
    /// fn count(ctx: &Context) -> u64 {
    ///     ctx.state::<Calls>().0.fetch_add(1, Ordering::Relaxed)
    /// }
    /// ```
    ///
    /// Use this rather than a static: tests run many engines in one process.
    pub fn state<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.shared.engine.states.get()
    }

    /// The folder in which the server keeps its data; a handler puts its own files into a folder
    /// named after itself in there.
    pub fn data_folder(&self) -> &Path {
        &self.shared.engine.data_folder
    }

    /// How users reach this server, without a slash at the end: what links in mails begin with.
    ///
    /// `http://localhost:9000` unless the server is told otherwise (`VESTIBULE_PUBLIC_URL`).
    pub fn public_url(&self) -> &str {
        self.shared.engine.outbox.public_url()
    }

    /// A secret that nobody can guess, for a link or an invitation: 256 random bits, written as 43
    /// letters that need no escaping in a URL.
    ///
    /// ```
    /// # use vestibule_core::Context;
    /// fn invitation(ctx: &Context) -> String {
    ///     format!("{}/pages/invitation.html#{}", ctx.public_url(), ctx.random_token().reveal())
    /// }
    /// ```
    ///
    /// Keep its SHA-256 only: whoever reads the database then has no link that works. In tests it is
    /// the same from run to run.
    pub fn random_token(&self) -> Secret<String> {
        let mut bits = [0; 32];
        self.shared.engine.randomness.fill(&mut bits);
        Secret::new(URL_SAFE_NO_PAD.encode(bits))
    }

    /// Typed data for the later handlers of this call.
    pub fn extensions(&self) -> &Extensions {
        &self.shared.extensions
    }

    /// Status, headers and cookies of the answer.
    pub fn response(&self) -> &Response {
        &self.shared.response
    }

    /// What server code may do and clients may not.
    pub fn cloud(&self) -> CloudCode<'_> {
        CloudCode::lend(self)
    }

    /// The same call, lent to the handler that does its work.
    pub(crate) fn lent_to(&self, handler: &'static str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            handler: Some(handler),
            answered_by: self.answered_by,
            quiet: self.quiet,
            note: self.note.clone(),
        }
    }

    /// What handlers want so far: in the answer, and once the call has succeeded.
    pub(crate) fn wishes(&self) -> Wishes {
        Wishes {
            response: self.response().parts(),
            effects: self.shared.effects.len(),
        }
    }

    /// Takes back what a handler wanted that failed open.
    pub(crate) fn restore(&self, wishes: Wishes) {
        self.response().restore(wishes.response);
        self.shared.effects.truncate(wishes.effects);
    }

    pub(crate) fn set_handler(&mut self, handler: Option<&'static str>) {
        self.handler = handler;
    }

    pub(crate) fn set_answered_by(&mut self, handler: &'static str) {
        self.answered_by = Some(handler);
    }

    /// The handler whose answer the call has come to, if it is not the operation's own.
    pub(crate) fn answered_by(&self) -> Option<&'static str> {
        self.answered_by
    }

    /// Whether neither before nor after handlers run.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(crate) fn note(&self) -> Option<&Note> {
        self.note.as_ref()
    }

    /// Begins to write down what the call does, if somebody wants that.
    pub(crate) fn explain<E: Event>(&mut self, event: &E) {
        let nesting = &self.shared.nesting;
        let explanation = nesting.explanation();
        self.note = explanation
            .and_then(|text| Note::begin(text, event, nesting.depth(), self.monotonic()));
    }

    pub(crate) fn set_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// The context of a part of this call's operation that is an event of its own.
    ///
    /// # Errors
    /// Refuses an event that is on the call's own chain already, and calls within calls that are too
    /// deep.
    pub(crate) fn within<E: Event>(&self, event: &E) -> Result<(Self, Handlers)> {
        let nesting = self.shared.nesting.enter(event, self.quiet)?;
        let engine = Arc::clone(&self.shared.engine);
        let (call, actor) = (Arc::clone(&self.shared.call), self.shared.actor.clone());
        let handlers = if self.quiet {
            Handlers::Quiet
        } else {
            Handlers::All
        };
        Ok((Self::new(engine, call, nesting, actor), handlers))
    }

    /// What the audit trail says of a power used in this context, on this user.
    pub(crate) fn audit(&self, action: &str, subject: &ObjectId) -> Change {
        Change::Audit(AuditRecord {
            at: self.now(),
            actor: self.actor(),
            action: action.to_owned(),
            subject: Some(subject.clone()),
            caller: self.call().caller.id().cloned(),
        })
    }

    /// Who is to be named in the audit trail when this context's power is used.
    pub(crate) fn actor(&self) -> Actor {
        match (self.handler, &self.shared.actor) {
            (Some(path), _) => Actor::Handler(path.to_owned()),
            (None, Some(actor)) => actor.clone(),
            (None, None) => Actor::Key(self.call().key.unwrap_or(KeyKind::Bl)),
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("call", &self.shared.call)
            .finish_non_exhaustive()
    }
}
