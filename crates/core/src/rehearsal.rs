//! Events by name, from JSON: to rehearse them, and to repeat what was recorded.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value as Json;
use tracing::Instrument;
use vestibule_model::{Actor, ErrorCode, KeyKind, ObjectId};

use crate::{
    Error, Result,
    code_runner::CodeRunner,
    context::Context,
    custom_event,
    dispatch::refuse_disabled,
    engine::{Engine, EngineInner},
    event::{ClientEvent, CodeRunnerEvent, Operation},
    event_input::{FromInput, nearest, read},
    execution::Execution,
    explanation::ExplainedCall,
    json_text::JsonText,
    masking::masked,
    nesting::Nesting,
    operations::{
        AddRelation, AssignRole, BulkCreate, BulkRemove, BulkUpdate, BulkUpsert, ChangeUserStatus,
        ConfirmEmail, ConvertGuest, Count, CountInGroup, Create, CreateEmailConfirmationUrl,
        DeepSave, DeleteRelation, EVENT_NAMES, Find, FindById, Group, GuestConflict, LoadRelations,
        Login, LoginAsGuest, LoginByObjectId, Logout, PurgeGuest, Register, Remove, RemoveUser,
        ResendConfirmation, RestorePassword, SetPasswordByLink, SetPermission, SetRelation,
        UnassignRole, Update, UpdateUser, Upsert, VerifyPassword,
    },
    pipeline::{self, Handlers},
    request::{Authentication, ClientRequest},
    services::InvokeService,
    sessions::SessionProof,
    timers::RunTimer,
};

/// Rehearses the event that the JSON is.
pub(crate) type Rehearse =
    fn(Arc<EngineInner>, ClientRequest, Json) -> BoxFuture<'static, Result<Vec<ExplainedCall>>>;

/// Runs the event that the JSON is.
type Submit = fn(Arc<EngineInner>, ClientRequest, Json) -> BoxFuture<'static, Result<Json>>;

/// What can be done with an event of Vestibule by its name.
struct Named {
    name: &'static str,
    rehearse: Rehearse,
    door: Door,
}

/// Who may run it from outside.
enum Door {
    Clients(Submit),
    CodeRunner(Submit),
    Nobody,
}

/// All events, in the order of [`EVENT_NAMES`].
const EVENTS: [Named; EVENT_NAMES.len()] = [
    Named::client::<LoginAsGuest>(),
    Named::client::<Login>(),
    Named::code_runner::<LoginByObjectId>(),
    Named::client::<Register>(),
    Named::client::<ConvertGuest>(),
    Named::internal::<GuestConflict>(),
    Named::internal::<PurgeGuest>(),
    Named::client::<Logout>(),
    Named::client::<UpdateUser>(),
    Named::client::<RemoveUser>(),
    Named::code_runner::<ChangeUserStatus>(),
    Named::code_runner::<AssignRole>(),
    Named::code_runner::<UnassignRole>(),
    Named::code_runner::<VerifyPassword>(),
    Named::client::<RestorePassword>(),
    Named::client::<SetPasswordByLink>(),
    Named::client::<ConfirmEmail>(),
    Named::client::<ResendConfirmation>(),
    Named::client::<CreateEmailConfirmationUrl>(),
    Named::client::<Create>(),
    Named::client::<Update>(),
    Named::client::<Upsert>(),
    Named::client::<Remove>(),
    Named::client::<BulkCreate>(),
    Named::client::<BulkUpsert>(),
    Named::client::<BulkUpdate>(),
    Named::client::<BulkRemove>(),
    Named::client::<DeepSave>(),
    Named::client::<Find>(),
    Named::client::<FindById>(),
    Named::client::<Count>(),
    Named::client::<Group>(),
    Named::client::<CountInGroup>(),
    Named::client::<AddRelation>(),
    Named::client::<SetRelation>(),
    Named::client::<DeleteRelation>(),
    Named::client::<LoadRelations>(),
    Named::client::<SetPermission>(),
    // Clients call services by verb and path; permission is asked of the event all the same.
    Named::of::<InvokeService>(Door::Clients(submit::<InvokeService>)),
    Named::internal::<RunTimer>(),
];

impl Named {
    const fn client<E: ClientEvent + FromInput>() -> Self {
        Self::of::<E>(Door::Clients(submit::<E>))
    }

    const fn code_runner<E: CodeRunnerEvent + FromInput>() -> Self {
        Self::of::<E>(Door::CodeRunner(submit::<E>))
    }

    const fn internal<E: FromInput>() -> Self {
        Self::of::<E>(Door::Nobody)
    }

    const fn of<E: FromInput>(door: Door) -> Self {
        Self {
            name: E::NAME,
            rehearse: rehearse::<E>,
            door,
        }
    }
}

fn rehearse<E: FromInput>(
    engine: Arc<EngineInner>,
    request: ClientRequest,
    input: Json,
) -> BoxFuture<'static, Result<Vec<ExplainedCall>>> {
    Box::pin(async move {
        let event = read::<E>(&engine, input).await?;
        engine.rehearse(request, event).await
    })
}

fn submit<E: FromInput>(
    engine: Arc<EngineInner>,
    request: ClientRequest,
    input: Json,
) -> BoxFuture<'static, Result<Json>> {
    Box::pin(async move {
        let event = read::<E>(&engine, input).await?;
        let key = request.key.kind();
        let actor = (key == KeyKind::Bl).then_some(Actor::Key(key));
        let reply = engine.dispatch_request(request, event, actor).await;
        reply
            .outcome
            .map(|output| JsonText::of(E::describe_output(&output)).to_json())
    })
}

impl Engine {
    /// Runs the permission check and the before handlers of an event, and nothing else: neither the
    /// operation nor after handlers, observers or effects. What handlers do by cloud code is done, so
    /// this belongs on a copy of the data.
    ///
    /// The first call of the answer is the event itself. It has no ending if the operation would run
    /// next. `input` is the event as observers see it ([`SeenAny`](crate::SeenAny)), and as the table
    /// of events has it.
    ///
    /// # Errors
    /// 3042 if there is no such event, 8008 with the field's path if the input does not fit. That the
    /// call would be refused is no error: the explanation says so.
    pub async fn rehearse(
        &self,
        request: ClientRequest,
        event: &str,
        input: Json,
    ) -> Result<Vec<ExplainedCall>> {
        let inner = &self.inner;
        let named = EVENTS.iter().find(|named| named.name == event);
        let custom = || inner.registry.custom_event(event);
        let rehearse = named
            .map(|named| named.rehearse)
            .or_else(|| custom().map(|door| door.rehearse));
        let rehearse = rehearse.ok_or_else(|| self.unknown(event))?;
        rehearse(Arc::clone(inner), request, input).await
    }

    /// Runs an event by its name, as [`submit`](Engine::submit) does; answers its output as observers
    /// see it. With the CodeRunner key it runs what a [`CodeRunner`] may run, too.
    ///
    /// # Errors
    /// 3042 if clients cannot ask for such an event, 8008 with the field's path if the input does not
    /// fit, and what the call comes to.
    pub async fn submit_by_name(
        &self,
        request: ClientRequest,
        event: &str,
        input: Json,
    ) -> Result<Json> {
        let is_code_runner = request.key.kind() == KeyKind::Bl;
        if let Some(named) = EVENTS.iter().find(|named| named.name == event) {
            return match named.door {
                Door::Clients(submit) => submit(Arc::clone(&self.inner), request, input).await,
                Door::CodeRunner(submit) if is_code_runner => {
                    submit(Arc::clone(&self.inner), request, input).await
                }
                Door::CodeRunner(_) => Err(not_from_outside(event, "without the CodeRunner key")),
                Door::Nobody => Err(not_from_outside(event, "from outside")),
            };
        }
        if self.inner.registry.custom_event(event).is_none() {
            return Err(self.unknown(event));
        }
        let Json::Object(arguments) = input else {
            return Err(Error::invalid("the event: expected an object"));
        };
        let dispatched = self.dispatch(request, event, arguments, Execution::Sync);
        let output = dispatched.await.outcome?;
        Ok(masked(&output))
    }

    /// Whoever misspells an event is told which one was most likely meant.
    fn unknown(&self, event: &str) -> Error {
        let custom = self.inner.registry.custom_events();
        let meant = nearest(event, EVENT_NAMES.into_iter().chain(custom));
        let advice = match meant {
            Some(meant) => format!("did you mean {meant}?"),
            None => "the table of events in the documentation has them all".to_owned(),
        };
        let message = format!("there is no event {event}; {advice}");
        custom_event::not_found(event).saying(message)
    }
}

fn not_from_outside(event: &str, how: &str) -> Error {
    let message = format!("the event {event} cannot be run {how}");
    Error::new(ErrorCode::EventNotFound, message)
}

impl EngineInner {
    /// Runs the beginning of a call. It is a task of its own, as any call that can write.
    pub(crate) async fn rehearse<E: Operation>(
        self: &Arc<Self>,
        request: ClientRequest,
        event: E,
    ) -> Result<Vec<ExplainedCall>> {
        let admitted = self.admission()?;
        let explanation = request.explanation.clone().unwrap_or_default();
        let allowed = match E::ALLOWED_WHEN_DISABLED {
            true => Ok(()),
            false => refuse_disabled(&request),
        };
        let call = self.call(request);
        let nesting = Nesting::outermost(&event).explained_by(Some(explanation.clone()));
        let context = Context::new(Arc::clone(self), call, nesting.rehearsed(), None);
        let call = async move {
            pipeline::rehearse(event, context, allowed).await;
            drop(admitted);
        };
        tokio::spawn(call.in_current_span()).await?;
        Ok(explanation.calls())
    }
}

impl CodeRunner<'_> {
    /// Opens a session of a user without any handlers or observers, to rehearse what they would do about
    /// calls of this user. Only on a copy of the data
    /// ([`EngineBuilder::on_a_copy`](crate::EngineBuilder::on_a_copy)): of any other login observers hear.
    ///
    /// # Errors
    /// An internal error on data that is no copy; 3057 if there is no such user, and the other refusals
    /// of a login.
    pub async fn session_of(&self, user: ObjectId) -> Result<SessionProof> {
        let engine = self.engine();
        if !engine.is_copy {
            return Err(Error::internal(
                "a session was to be opened for a rehearsal on data that is no copy; start the engine \
                 with EngineBuilder::on_a_copy, or log the user in with CodeRunner::submit",
            ));
        }
        let request = ClientRequest::new(self.key());
        let event = LoginByObjectId::new(user);
        let nesting = Nesting::outermost(&event).rehearsed();
        let actor = Some(Actor::Key(KeyKind::Bl));
        let context = Context::new(Arc::clone(engine), engine.call(request), nesting, actor);
        let (outcome, _) = pipeline::run(event, context, Handlers::Quiet).await;
        let (token, engine) = (outcome?.token.reveal(), Arc::clone(engine));
        match (Engine { inner: engine }).authenticate(&token).await? {
            Authentication::Live(session) | Authentication::Disabled(session) => Ok(session),
            Authentication::Dead => Err(Error::internal("a session ended as it began")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_can_be_named() {
        assert_eq!(EVENT_NAMES, EVENTS.map(|named| named.name));
    }
}
