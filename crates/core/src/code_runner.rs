use std::{fmt, sync::Arc};

use vestibule_model::{Actor, KeyKind};

use crate::{
    engine::{EngineInner, Reply},
    event::CodeRunnerEvent,
    request::{ClientRequest, PresentedKey, key_of_the_code_runner, same},
};

/// What the holder of the CodeRunner (BL) key may do and other clients may not.
///
/// The second and last door to a login by object id; the first is [`CloudCode`](crate::CloudCode),
/// for handlers. You cannot make one: [`Engine::code_runner`](crate::Engine::code_runner) lends it
/// to whoever presents the key.
pub struct CodeRunner<'a> {
    engine: &'a Arc<EngineInner>,
}

impl<'a> CodeRunner<'a> {
    pub(crate) fn lend(engine: &'a Arc<EngineInner>, presented_key: &str) -> Option<Self> {
        let app = engine.app.load();
        let key = app.key(KeyKind::Bl).filter(|key| !key.is_empty())?;
        same(key, presented_key).then_some(Self { engine })
    }

    pub(crate) fn engine(&self) -> &Arc<EngineInner> {
        self.engine
    }

    /// The key that was presented.
    pub(crate) fn key(&self) -> PresentedKey {
        key_of_the_code_runner()
    }

    /// Runs what trusted server code asks for, with all its handlers, and waits for the outcome.
    pub async fn submit<E: CodeRunnerEvent>(&self, request: ClientRequest, event: E) -> Reply<E> {
        let actor = Some(Actor::Key(KeyKind::Bl));
        self.engine.dispatch_request(request, event, actor).await
    }
}

impl fmt::Debug for CodeRunner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeRunner").finish_non_exhaustive()
    }
}
