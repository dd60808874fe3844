//! What is counted.

use std::{collections::HashMap, hint::black_box, sync::Arc};

use tokio::runtime::{Builder, Runtime};
use vestibule_core::{Authentication, LoginAsGuest};
use vestibule_storage::Storage;
use vestibule_testkit::TestKit;

use crate::{
    at_once::AtOnce,
    bare::{self, Layer, Needs},
    calls::{self, Handlers, Server},
};

/// One of the things that are counted.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    /// Ten boxed futures without the pipeline.
    Bare(Layer),
    /// A call of an event that does nothing, with these handlers.
    Handlers(Called),
    /// What `isvalidusertoken` and every request with a token ask of memory.
    TokenCheck,
    /// A guest login through the whole pipeline; its writes are answered at once.
    GuestLogin,
}

/// Handlers, and how a call with them is called in the table.
pub(crate) type Called = (&'static str, Handlers);

pub(crate) const NONE: Called = ("a call without handlers", calls::NONE);
pub(crate) const TEN: Called = ("  10 empty handlers", calls::TEN);

const OFF: Called = ("  10 that are switched off", calls::TEN_TO_SWITCH);

pub(crate) const CASES: &[Case] = &[
    Case::Bare(Layer::Boxed),
    Case::Bare(Layer::Caught),
    Case::Bare(Layer::Counted),
    Case::Bare(Layer::InSpan),
    Case::Bare(Layer::Late),
    Case::Bare(Layer::LateWithDeadline),
    Case::Handlers(NONE),
    Case::Handlers(("  1 empty handler", calls::ONE)),
    Case::Handlers(TEN),
    Case::Handlers(("  10 empty after handlers", calls::AFTER_TEN)),
    Case::Handlers(("  10 that fail open", calls::OPEN_TEN)),
    Case::Handlers(OFF),
    Case::Handlers(("  1 that waits once", calls::LATE_ONE)),
    Case::Handlers(("  10 that wait once", calls::LATE_TEN)),
    Case::TokenCheck,
    Case::GuestLogin,
];

impl Case {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare(Layer::Boxed) => "10 boxed futures",
            Self::Bare(Layer::Caught) => "  caught when they panic",
            Self::Bare(Layer::Counted) => "  and counted, one in 16 timed",
            Self::Bare(Layer::InSpan) => "  and in a span that nobody wants",
            Self::Bare(Layer::Late) => "10 boxed futures that wait once",
            Self::Bare(Layer::LateWithDeadline) => "  with a deadline",
            Self::Handlers((name, _)) => name,
            Self::TokenCheck => "a token check from memory",
            Self::GuestLogin => "a guest login without I/O",
        }
    }
}

impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// What cases need, started.
pub(crate) struct Ready {
    runtime: Runtime,
    needs: Needs,
    servers: HashMap<&'static str, Server>,
    /// One without handlers, whose storage writes nothing.
    guests: Server,
    token: String,
    // Its folder is gone with it.
    _kit: TestKit,
}

impl Ready {
    pub(crate) fn start(cases: &[Case]) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime of one thread");
        let kit = runtime.block_on(TestKit::bare().start());
        let (guests, servers, token) = runtime.block_on(async {
            let mut servers = HashMap::new();
            for case in cases {
                if let Case::Handlers((name, handlers)) = *case {
                    let server = Server::start(kit.storage(), handlers).await;
                    if name == OFF.0 {
                        server.switch_all_off().await;
                    }
                    servers.insert(name, server);
                }
            }
            let at_once = Arc::new(AtOnce::before(kit.storage()));
            let storage: Arc<dyn Storage> = Arc::clone(&at_once) as _;
            let guests = Server::start(&storage, calls::NONE).await;
            at_once.write_nothing();
            let token = log_in(&guests).await;
            (guests, servers, token)
        });
        Self {
            runtime,
            needs: Needs::default(),
            servers,
            guests,
            token,
            _kit: kit,
        }
    }

    /// Does it so often.
    pub(crate) fn run(&self, case: &Case, times: u32) {
        // Found before, since to look is no part of the call.
        let server = self.servers.get(case.name());
        self.runtime.block_on(async {
            for _ in 0..times {
                match case {
                    Case::Bare(layer) => bare::ten(*layer, &self.needs).await,
                    Case::Handlers(_) => server.expect("it was started").call().await,
                    Case::TokenCheck => {
                        let checked = self
                            .guests
                            .engine
                            .authenticate(black_box(&self.token))
                            .await;
                        let is_live = matches!(checked, Ok(Authentication::Live(_)));
                        assert!(is_live, "the session lives in memory");
                    }
                    Case::GuestLogin => drop(black_box(log_in(&self.guests).await)),
                }
            }
        });
    }
}

/// A guest's token.
async fn log_in(server: &Server) -> String {
    let request = server.request.clone();
    let reply = server.engine.submit(request, LoginAsGuest::default());
    reply
        .await
        .outcome
        .expect("a guest may come in")
        .token
        .reveal()
}
