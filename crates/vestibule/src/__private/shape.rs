//! Checks the types in a handler's signature, one by one.
//!
//! Each function here is told the type that the author wrote, as in `before::<Event, Written>()`,
//! and returns the function that passes the value on. If the type is wrong, the compiler
//! underlines it in the author's own code and prints the explanation that stands here, instead of
//! talking about pinned boxes inside of an expansion. If it is right, nothing is left of all this.

use vestibule_core::{
    ArgumentReader, Context, CustomEvent, DataEvent, Error, Event, Flow, Json, Outcome, Result,
    RunTimer, Serialize, ServiceArgument, Witness, describe_argument, service_answer,
};

/// What a before handler may return.
#[diagnostic::on_unimplemented(
    message = "a before handler of `{E}` cannot return `{Self}`",
    label = "expected `Result<Flow<{E}>>`",
    note = "return `Ok(Flow::Continue)` to go on, `Ok(Flow::Respond(output))` to answer in place of the operation, or an error to refuse"
)]
pub trait BeforeAnswer<E: Event> {
    /// The answer itself.
    fn accept(self) -> Result<Flow<E>>;
}

impl<E: Event> BeforeAnswer<E> for Result<Flow<E>, Error> {
    fn accept(self) -> Self {
        self
    }
}

/// Checks what a before handler returns.
pub fn before<E: Event, A: BeforeAnswer<E>>() -> fn(A) -> Result<Flow<E>> {
    A::accept
}

/// What an after handler may return. `O` is the output of the event `E`.
#[diagnostic::on_unimplemented(
    message = "an after handler of `{E}` cannot return `{Self}`",
    label = "expected `Outcome<{E}>`",
    note = "return the outcome that was handed over to leave it alone, or another one to change what the caller gets"
)]
pub trait AfterAnswer<E, O> {
    /// The answer itself.
    fn accept(self) -> Result<O>;
}

impl<E: Event<Output = O>, O> AfterAnswer<E, O> for Result<O, Error> {
    fn accept(self) -> Self {
        self
    }
}

/// Checks what an after handler returns.
pub fn after<E: Event, A: AfterAnswer<E, E::Output>>() -> fn(A) -> Outcome<E> {
    A::accept
}

/// What a handler that answers may return. `O` is the output of the event `E`.
#[diagnostic::on_unimplemented(
    message = "a handler that answers `{E}` cannot return `{Self}`",
    label = "expected `Outcome<{E}>`",
    note = "return what `output` in the event's attribute says, or an error"
)]
pub trait AnswerOf<E, O> {
    /// The answer itself.
    fn accept(self) -> Result<O>;
}

impl<E: Event<Output = O>, O> AnswerOf<E, O> for Result<O, Error> {
    fn accept(self) -> Self {
        self
    }
}

/// Checks what a handler that answers returns.
pub fn answer<E: CustomEvent, A: AnswerOf<E, E::Output>>() -> fn(A) -> Outcome<E> {
    A::accept
}

/// What a timer may take as its first argument.
#[diagnostic::on_unimplemented(
    message = "the first argument of a timer cannot be `{Self}`",
    label = "expected `RunTimer`"
)]
pub trait TickArgument {
    /// The tick itself.
    fn hand_over(tick: RunTimer) -> Self;
}

impl TickArgument for RunTimer {
    fn hand_over(tick: RunTimer) -> Self {
        tick
    }
}

/// Checks the first argument of a timer.
pub fn tick<A: TickArgument>() -> fn(RunTimer) -> A {
    A::hand_over
}

/// What a timer may return.
#[diagnostic::on_unimplemented(
    message = "a timer cannot return `{Self}`",
    label = "expected `Result<()>`",
    note = "nobody waits for what a timer has done: return `Ok(())`, or an error for the log and the operator"
)]
pub trait TimerAnswer {
    /// The answer itself.
    fn accept(self) -> Result<()>;
}

impl TimerAnswer for Result<(), Error> {
    fn accept(self) -> Self {
        self
    }
}

/// Checks what a timer returns.
pub fn timer<A: TimerAnswer>() -> fn(A) -> Result<()> {
    A::accept
}

/// What there is to do with an argument of a method of a service.
pub struct Argument<T> {
    /// Takes it out of the path.
    pub path: fn(&mut ArgumentReader<'_>, &'static str) -> Result<T>,
    /// Takes it out of the keys of the body or of the query.
    pub named: fn(&mut ArgumentReader<'_>, &'static str) -> Result<T>,
    /// Takes it as the whole body.
    pub body: fn(&mut ArgumentReader<'_>, &'static str) -> Result<T>,
    /// Hands it over to the method.
    pub hand_over: fn(&T) -> T,
    /// What observers see of it.
    pub describe: fn(&T) -> Json,
}

/// Checks what a method of a service takes.
pub fn argument<T: ServiceArgument>() -> Argument<T> {
    Argument {
        path: |reader, name| reader.path(name),
        named: |reader, name| reader.named(name),
        body: |reader, name| reader.body(name),
        hand_over: T::clone,
        describe: describe_argument,
    }
}

/// What a method of a service may return.
#[diagnostic::on_unimplemented(
    message = "a method of a service cannot return `{Self}`",
    label = "expected `Result<..>` of something with `Serialize`"
)]
pub trait MethodAnswer {
    /// The answer as JSON.
    fn accept(self) -> Result<Json>;
}

impl<T: Serialize> MethodAnswer for Result<T, Error> {
    fn accept(self) -> Result<Json> {
        service_answer(self)
    }
}

/// Checks what a method of a service returns.
pub fn method<A: MethodAnswer>() -> fn(A) -> Result<Json> {
    A::accept
}

/// What an observer may return.
#[diagnostic::on_unimplemented(
    message = "an observer cannot return `{Self}`",
    label = "expected `Result<()>`",
    note = "an observer changes nothing: return `Ok(())`, or an error for the log"
)]
pub trait ObserverAnswer {
    /// The answer itself.
    fn accept(self) -> Result<()>;
}

impl ObserverAnswer for Result<(), Error> {
    fn accept(self) -> Self {
        self
    }
}

/// Checks what an observer returns.
pub fn observer<A: ObserverAnswer>() -> fn(A) -> Result<()> {
    A::accept
}

/// What an after handler may take as its second argument. `O` is the output of the event `E`.
#[diagnostic::on_unimplemented(
    message = "an after handler of `{E}` cannot take `{Self}` as its outcome",
    label = "expected `Outcome<{E}>`"
)]
pub trait OutcomeArgument<E, O> {
    /// The outcome itself.
    fn hand_over(outcome: Result<O>) -> Self;
}

impl<E: Event<Output = O>, O> OutcomeArgument<E, O> for Result<O, Error> {
    fn hand_over(outcome: Self) -> Self {
        outcome
    }
}

/// Checks the second argument of an after handler.
pub fn outcome<E: Event, A: OutcomeArgument<E, E::Output>>() -> fn(Outcome<E>) -> A {
    A::hand_over
}

/// What a before or after handler may borrow as its last argument.
#[diagnostic::on_unimplemented(
    message = "the last argument of a handler cannot be `&{Self}`",
    label = "expected `Context`"
)]
pub trait ContextArgument: Sized + 'static {
    /// The context itself.
    fn lend(ctx: &Context) -> &Self;
}

impl ContextArgument for Context {
    fn lend(ctx: &Context) -> &Self {
        ctx
    }
}

/// Checks the last argument of a before or after handler.
pub fn context<A: ContextArgument>() -> fn(&Context) -> &A {
    A::lend
}

/// What an observer may borrow as its last argument.
#[diagnostic::on_unimplemented(
    message = "the last argument of an observer cannot be `&{Self}`",
    label = "expected `Witness`",
    note = "an observer changes nothing, so it gets no context: a `Witness` has neither `cloud()` nor `response()`"
)]
pub trait WitnessArgument: Sized + 'static {
    /// The witness itself.
    fn lend(witness: &Witness) -> &Self;
}

impl WitnessArgument for Witness {
    fn lend(witness: &Witness) -> &Self {
        witness
    }
}

/// Checks the last argument of an observer.
pub fn witness<A: WitnessArgument>() -> fn(&Witness) -> &A {
    A::lend
}

/// Checks that an event is about records of a table, so that a handler may ask for one table.
pub fn about_a_table<E: DataEvent>() {}
