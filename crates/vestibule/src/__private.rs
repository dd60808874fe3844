//! What the attributes expand to reaches us through here and nowhere else. Not for people: it may
//! change with any release.

pub mod shape;

pub use async_trait::async_trait;
pub use inventory;
pub use vestibule_core::{
    After, Answers, ArgumentReader, Before, CallableBy, ColumnDeclaration, Context, CustomEvent,
    DEFAULT_TIMEOUT, DEFAULT_TIMER_TIMEOUT, Event, Flow, Handler, InvokeService, Json, Meta,
    MethodInfo, Missed, Observer, ObserverOfAll, OnFailure, Outcome, Overlap, ParameterInfo,
    ParameterKind, ParameterPlace, Phase, Registration, RelationDeclaration, Result, Rule,
    RunTimer, Schedule, Seen, SeenAny, ServiceArgument, ServiceMethod, ServiceMethods,
    TableDeclaration, Verb, Witness, describe_argument, describe_custom, describe_custom_output,
    service_answer,
};
pub use vestibule_model::{ColumnType, Timestamp};
