//! Whole calls, with handlers that do nothing.

use std::sync::Arc;

use vestibule::{Handler, prelude::*};
use vestibule_core::{AppConfig, ClientRequest, Engine, HandlerChange, Registration};
use vestibule_model::KeyKind;
use vestibule_storage::Storage;

const APP_ID: &str = "BENCH";
const JS_KEY: &str = "the-js-key-of-the-bench";

/// The handlers of one server.
pub(crate) type Handlers = &'static [Registration];

macro_rules! handlers {
    ($list:ident: #[before $options:tt] $body:tt $($name:ident)+) => {
        $(
            #[before $options]
            async fn $name(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> $body
        )+

        pub(crate) const $list: Handlers = &[$($name::REGISTRATION),+];
    };
}

pub(crate) const NONE: Handlers = &[];
pub(crate) const ONE: Handlers = TEN.split_at(1).0;
pub(crate) const LATE_ONE: Handlers = LATE_TEN.split_at(1).0;

handlers! { TEN:
    #[before(collect = false)]
    { Ok(Flow::Continue) }
    zero one two three four five six seven eight nine
}

handlers! { OPEN_TEN:
    #[before(collect = false, on_failure = "open")]
    { Ok(Flow::Continue) }
    open_zero open_one open_two open_three open_four
    open_five open_six open_seven open_eight open_nine
}

handlers! { TEN_TO_SWITCH:
    #[before(collect = false)]
    { Ok(Flow::Continue) }
    off_zero off_one off_two off_three off_four off_five off_six off_seven off_eight off_nine
}

// The first poll is pending, so the deadline is armed.
handlers! { LATE_TEN:
    #[before(collect = false)]
    {
        tokio::task::yield_now().await;
        Ok(Flow::Continue)
    }
    late_zero late_one late_two late_three late_four
    late_five late_six late_seven late_eight late_nine
}

macro_rules! after_handlers {
    ($($name:ident)+) => {
        $(
            #[after(collect = false)]
            async fn $name(
                _event: &Logout,
                outcome: Outcome<Logout>,
                _ctx: &Context,
            ) -> Outcome<Logout> {
                outcome
            }
        )+

        pub(crate) const AFTER_TEN: Handlers = &[$($name::REGISTRATION),+];
    };
}

after_handlers! {
    after_zero after_one after_two after_three after_four
    after_five after_six after_seven after_eight after_nine
}

/// An engine on the system's clock, since that is what deadlines cost something on.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) request: ClientRequest,
    pub(crate) handlers: Handlers,
}

impl Server {
    pub(crate) async fn start(storage: &Arc<dyn Storage>, handlers: Handlers) -> Self {
        let app = AppConfig {
            id: Some(APP_ID.to_owned()),
            keys: vec![(KeyKind::Js, JS_KEY.to_owned())],
            ..AppConfig::default()
        };
        let mut builder = Engine::builder(Arc::clone(storage))
            .app(app)
            .without_cleanup()
            .without_timers();
        for registration in handlers {
            builder = builder.registration(*registration);
        }
        let (engine, _) = builder.start().await.expect("the engine starts");
        let key = engine.identify(APP_ID, JS_KEY).expect("the key was given");
        let request = ClientRequest::new(key);
        Self {
            engine,
            request,
            handlers,
        }
    }

    /// As an operator does it.
    pub(crate) async fn switch_all_off(&self) {
        let change = HandlerChange {
            enabled: Some(false),
            order: None,
        };
        let all = self.engine.handlers();
        assert_eq!(self.handlers.len(), all.len(), "each is there once");
        for listed in all {
            let changed = self.engine.change_handler(listed.meta.path, change).await;
            changed.expect("the handler is there");
        }
    }

    pub(crate) async fn call(&self) {
        let reply = self.engine.submit(self.request.clone(), Logout::default());
        std::hint::black_box(reply.await.outcome).expect("nobody logs out");
    }
}
