//! Events, handlers, the pipeline, CloudCode, sessions and permissions of Vestibule.
//!
//! Handler authors depend on the crate `vestibule`, which shows what they need of this one. The
//! rules of the pipeline stand in `ARCHITECTURE.md`, each with the test that pins it.
//!
//! **Invariant:** this crate knows neither HTTP nor SQL.

mod app_store;
mod audit_trail;
mod builder;
mod call;
mod call_stats;
mod clauses;
mod cloud_code;
mod code_runner;
mod context;
mod cookie;
mod custom_event;
mod custom_roles;
mod dispatch;
mod effects;
mod engine;
mod error;
mod event;
mod event_input;
mod execution;
mod explanation;
mod extensions;
mod failure;
mod first_start;
mod follower;
mod guard;
mod guests;
mod handler;
mod handler_stats;
mod handlers_for_operator;
mod json_text;
mod later;
mod leftovers;
mod mail;
mod masking;
mod nesting;
mod observer;
mod one_time_links;
mod operations;
mod outdated;
mod passwords;
mod permissions;
mod pipeline;
mod reads;
mod record;
mod registration;
mod registry;
mod rehearsal;
mod request;
mod response;
mod roles;
mod run_handler;
mod schema;
mod secret;
mod seen_as_json;
mod services;
mod sessions;
mod sessions_for_operator;
mod settings_store;
mod settlement;
mod states;
mod statistics;
mod timers;
mod unfinished;
mod values;
mod watchdog;
mod writes;

pub use builder::EngineBuilder;
pub use call::{Call, Caller, Headers};
pub use cloud_code::{CloudCode, Data, RecordAs, properties_of};
pub use code_runner::CodeRunner;
pub use context::Context;
pub use cookie::{Cookie, SameSite};
pub use custom_event::{Answers, CallableBy, CustomEvent, describe_custom, describe_custom_output};
pub use custom_roles::CustomRoles;
pub use engine::{Engine, Reply};
pub use error::{Error, Result};
pub use event::{ClientEvent, CodeRunnerEvent, DataEvent, Event, Flow, Operation, Outcome};
pub use execution::{Dispatched, Execution};
pub use explanation::{Decision, ExplainedCall, ExplainedStep, Explanation, FieldChange};
pub use extensions::Extensions;
pub use first_start::{AppConfig, Prepared};
pub use guests::{GuestNumbers, GuestsPlan, KeptBy, PlanPlace, PlannedGuest, Prospect, Swept};
pub use handler::{After, Before, Handler, Observer, ObserverOfAll};
pub use handler_stats::{FailureKind, HandlerStats, LastFailure};
pub use handlers_for_operator::HandlerChange;
pub use json_text::JsonText;
pub use mail::{Mail, MailError, Mailer};
pub use observer::{Ending, Seen, SeenAny, Witness};
pub use operations::{
    AddRelation, AssignRole, BulkCreate, BulkRemove, BulkUpdate, BulkUpsert, ChangeUserStatus,
    Children, ConfirmEmail, ConfirmationUrl, ConvertGuest, Count, CountInGroup, Create,
    CreateEmailConfirmationUrl, DeepSave, DeleteRelation, EVENT_NAMES, Find, FindById, Group,
    GuestConflict, LoadRelations, LoggedIn, Login, LoginAsGuest, LoginByObjectId, Logout,
    MergeOutlook, MergePlan, OwnedOutlook, PurgeGuest, PurgeReason, Purged, ReferenceOutlook,
    Register, RelationOutlook, Remove, RemoveUser, ResendConfirmation, RestorePassword, RoleHolder,
    SetPasswordByLink, SetPermission, SetRelation, UnassignRole, Update, UpdateUser, Upsert,
    VerifyPassword, Via,
};
pub use registration::{
    DEFAULT_TIMEOUT, DEFAULT_TIMER_TIMEOUT, Meta, OnFailure, Phase, Registration,
};
pub use registry::{
    Disabled, HandlerConfig, ListedHandler, PHASES, Registry, RegistryError, Switch,
};
pub use request::{Authentication, ClientRequest, PresentedKey};
pub use response::{Response, ResponseParts};
pub use schema::{ColumnDeclaration, RelationDeclaration, SchemaPlan, TableDeclaration};
pub use secret::Secret;
#[doc(hidden)]
pub use serde::Serialize;
#[doc(hidden)]
pub use serde_json::Value as Json;
pub use services::{
    ArgumentReader, InvokeService, ListedMethod, ListedService, MethodInfo, ParameterInfo,
    ParameterKind, ParameterPlace, ServiceArgument, ServiceBody, ServiceMethod, ServiceMethods,
    ServiceRequest, Verb, describe_argument, service_answer,
};
pub use sessions::{SessionProof, Token};
pub use sessions_for_operator::{ListedSession, SessionId};
pub use statistics::Statistics;
pub use timers::{DeclaredTimer, ListedTimer, Missed, Overlap, Rule, RunTimer, Schedule};
pub use unfinished::Unfinished;
