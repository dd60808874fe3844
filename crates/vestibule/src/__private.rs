//! What the attributes expand to reaches us through here and nowhere else. Not for people: it may
//! change with any release.

pub mod shape;

pub use async_trait::async_trait;
pub use inventory;
pub use vestibule_core::{
    After, Answers, Before, CallableBy, ColumnDeclaration, Context, CustomEvent, DEFAULT_TIMEOUT,
    Event, Flow, Handler, Json, Meta, Observer, ObserverOfAll, OnFailure, Outcome, Phase,
    Registration, RelationDeclaration, Result, Seen, SeenAny, TableDeclaration, Witness,
    describe_custom, describe_custom_output,
};
pub use vestibule_model::ColumnType;
